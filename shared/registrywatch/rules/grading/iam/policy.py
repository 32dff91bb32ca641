"""How wide a resource policy opens a repository or a registry: its worst statement decides."""

from registrywatch.events import PolicySet, RegistryEvent
from registrywatch.rules.grading.iam.actions import Access, Service, access
from registrywatch.rules.grading.iam.conditions import Conditions, Ours, read_conditions
from registrywatch.rules.grading.iam.principals import Principal, Who, principals
from registrywatch.rules.grading.policy_json import Grade, NotUnderstood, as_object, parse, worst
from registrywatch.rules.rule import Trust
from registrywatch.rules.wording import listed
from registrywatch.severity import Severity

# may push, may pull, neither; an own account is as harmless whatever it may do
_GRADES = {
    Who.ANYONE: (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM),
    Who.FOREIGN: (Severity.HIGH, Severity.MEDIUM, Severity.LOW),
    Who.SERVICE: (Severity.HIGH, Severity.MEDIUM, Severity.LOW),
    Who.OWN: (Severity.LOW, Severity.LOW, Severity.LOW),
}
_CALLED = {
    Who.ANYONE: "Anyone",
    Who.FOREIGN: "Somebody foreign",
    Who.SERVICE: "An AWS service",
    Who.OWN: "An own or trusted account",
}
_NARROWED = {
    Who.OWN: ", which only ours can meet",
    Who.FOREIGN: ", which somebody foreign can meet",
}


def grade_policy(
    policy: PolicySet, event: RegistryEvent, trust: Trust
) -> tuple[Severity, tuple[str, ...]]:
    """How bad the policy is, and why; a policy or statement that can't be read is high."""
    ours = Ours(event.account, lambda account: trust.owns(account, event), trust.orgs)
    try:
        statements = _statements(parse(policy.text))
    except NotUnderstood as why:
        return Severity.HIGH, (f"The policy can't be read: {why}.",)
    if not statements:
        return Severity.INFORMATIONAL, ("The policy has no statement: it allows nothing.",)
    return worst(
        _grade(number, statement, policy.service, ours)
        for number, statement in enumerate(statements, 1)
    )


def _statements(policy: dict[str, object]) -> list[object]:
    """The policy's statements; a single one may stand there without a list."""
    statements = policy.get("Statement")
    if isinstance(statements, dict):
        return [statements]
    if not isinstance(statements, list):
        raise NotUnderstood("it has no Statement")
    return statements


def _grade(number: int, statement: object, service: Service, ours: Ours) -> Grade:
    try:
        return _grade_understood(as_object(statement, "it"), service, ours)
    except NotUnderstood as why:
        return Grade(Severity.HIGH, f"Statement {number} can't be read: {why}.")


def _grade_understood(statement: dict[str, object], service: Service, ours: Ours) -> Grade:
    named = principals(statement, ours.owns)
    allowed = access(statement, service)
    conditions = read_conditions(statement, ours)
    match statement.get("Effect"):
        case "Allow":
            pass
        case "Deny":
            who = listed(principal.told for principal in named)
            return Grade(Severity.INFORMATIONAL, f"Denies {allowed.told} to {who}.")
        case _:
            raise NotUnderstood("its Effect is neither Allow nor Deny")
    reached = {principal: _narrowed(principal, conditions) for principal in named}
    severity = {who: _severity(who, allowed) for who in set(reached.values())}
    widest = max(severity, key=lambda who: (severity[who].rank, who))
    meant = [principal for principal, who in reached.items() if who is widest]
    names = listed(principal.told for principal in meant)
    written = max(principal.who for principal in meant)
    return Grade(
        severity[widest],
        f"{_CALLED[written]} ({names}) may {_verbs(allowed)} ({allowed.told})"
        + _under(conditions, _NARROWED[widest] if widest < written else ""),
    )


def _narrowed(principal: Principal, conditions: Conditions) -> Who:
    """Whom the statement really lets in as `principal`; all conditions hold, the best counts."""
    if principal.who is Who.SERVICE:
        ours = any(test.of_service_calls and test.who is Who.OWN for test in conditions.tests)
        return Who.OWN if ours else Who.SERVICE
    return min([principal.who, *(test.who for test in conditions.tests)])


def _severity(who: Who, allowed: Access) -> Severity:
    push, pull, neither = _GRADES[who]
    return push if allowed.push else pull if allowed.pull else neither


def _verbs(allowed: Access) -> str:
    if allowed.push:
        return "push or change, and pull" if allowed.pull else "push or change"
    return "pull" if allowed.pull else "neither push nor pull"


def _under(conditions: Conditions, narrowed: str) -> str:
    if conditions.tests:
        return f", if {listed(test.told for test in conditions.tests)}{narrowed}."
    if conditions.others:
        return f"; its conditions don't narrow that: {listed(conditions.others)}."
    return ", under no condition."
