"""What a policy's statements do, in sentences for the reasons and in clauses for the summary."""

from collections.abc import Sequence

from registrywatch.rules.grading.iam.actions import verbs
from registrywatch.rules.grading.iam.evaluation import Statement
from registrywatch.rules.grading.iam.principals import Principal, Reach
from registrywatch.rules.wording import listed

_CALLED = {
    Reach.ANYONE: "Anyone",
    Reach.EXTERNAL: "An external account",
    Reach.SERVICE: "An AWS service",
    Reach.OWN: "An own or trusted account",
}
_LEFT = {
    Reach.EXTERNAL: ", which external callers can meet",
    Reach.SERVICE: ", which an AWS service can meet on behalf of any account",
    Reach.OWN: ", which only own and trusted callers can meet",
}

Words = tuple[str, str]  # a sentence and a clause


def allowed_reason(
    statement: Statement,
    principals: Sequence[Principal],
    reach: Reach,
    bits: int,
    denies: Sequence[Statement],
) -> Words:
    """What an Allow lets its widest principals do, and under which conditions."""
    names = listed(each.name for each in principals)
    written = max(each.reach for each in principals)
    able = _able(bits)
    sentence = f"{_CALLED[written]} ({names}) can {able} ({statement.access.written})"
    return f"{sentence}{_under(statement, reach, written, denies)}.", _clause(reach, names, able)


def denied_reason(statement: Statement) -> Words:
    """What a Deny denies to whom."""
    who = listed(each.name for each in statement.principals.named)
    but = "everyone but " if statement.principals.inverted else ""
    if_so = ""
    if statement.restrictions:
        if_so = f", if {listed(_in_full(statement))}"
    return f"Denies {statement.access.written} to {but}{who}{if_so}.", "it only denies"


def together_reason(bits: int) -> Words:
    """What no statement lets anyone do, but all of them together do."""
    able = _able(bits)
    return (
        f"Taken together, the statements let anyone {able}: between them, their conditions admit "
        "every caller.",
        f"anyone can {able}",
    )


def _able(bits: int) -> str:
    able = verbs(bits)
    return f"{able} images" if able.endswith(("push", "pull")) and able[:7] != "neither" else able


def _clause(reach: Reach, names: str, able: str) -> str:
    match reach:
        case Reach.ANYONE:
            return f"anyone can {able}"
        case Reach.EXTERNAL:
            return f"external callers ({names}) can {able}"
        case Reach.SERVICE:
            return f"an AWS service ({names}) can {able} on behalf of any account"
        case _:
            return f"only own and trusted accounts can {able}"


def _under(statement: Statement, reach: Reach, written: Reach, denies: Sequence[Statement]) -> str:
    tests = [each for each in statement.restrictions if each.narrows]
    if reach is Reach.ANYONE and statement.restrictions:
        return f"; its conditions do not narrow that: {listed(_in_full(statement))}"
    narrowed = _LEFT.get(reach, "") if reach < written else ""
    if tests and denies:
        return f", if {listed(each.text for each in tests)}{_but_for(denies)}{narrowed}"
    if tests:
        return f", if {listed(each.text for each in tests)}{narrowed}"
    if denies and narrowed:
        return f"{_but_for(denies)}{narrowed}"
    if statement.restrictions:
        return f"; its conditions do not narrow that: {listed(_in_full(statement))}"
    return ", with no conditions"


def _but_for(denies: Sequence[Statement]) -> str:
    by = [
        f"statement {each.number} ({listed(_in_full(each)) or 'no conditions'})" for each in denies
    ]
    return f", except where denied by {listed(by)}"


def _in_full(statement: Statement) -> list[str]:
    return [f"{each.operator} {each.text}" for each in statement.restrictions]
