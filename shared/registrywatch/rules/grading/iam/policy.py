"""How wide a resource policy opens a repository or a registry: its worst statement decides."""

from collections.abc import Sequence

import msgspec

from registrywatch.events import PolicySet, RegistryEvent
from registrywatch.rules.grading.iam.actions import PULL, PUSH, Service, access
from registrywatch.rules.grading.iam.callers import Kind
from registrywatch.rules.grading.iam.conditions import read_restrictions
from registrywatch.rules.grading.iam.evaluation import (
    Opened,
    Statement,
    open_to_anyone,
    usable_by,
)
from registrywatch.rules.grading.iam.principals import (
    NOT_PRINCIPAL,
    Principal,
    Reach,
    principals,
)
from registrywatch.rules.grading.iam.reasons import allowed_reason, denied_reason, together_reason
from registrywatch.rules.grading.iam.scope import TrustedScope, who_avoids, who_meets
from registrywatch.rules.grading.policy_json import (
    Grade,
    Judgement,
    NotUnderstood,
    as_object,
    as_texts,
    parse,
    worst,
)
from registrywatch.rules.rule import Trust
from registrywatch.severity import Severity

# may push, may pull, neither; for an own account it makes no difference
_SEVERITIES = {
    Reach.ANYONE: (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM),
    Reach.EXTERNAL: (Severity.HIGH, Severity.MEDIUM, Severity.LOW),
    Reach.SERVICE: (Severity.HIGH, Severity.MEDIUM, Severity.LOW),
    Reach.OWN: (Severity.LOW, Severity.LOW, Severity.LOW),
    Reach.NOBODY: (Severity.LOW, Severity.LOW, Severity.LOW),
}


class Admitted(msgspec.Struct, frozen=True):
    """One principal of an Allow, how far it really reaches, and what it may do there."""

    principal: Principal
    reach: Reach
    bits: int

    @property
    def severity(self) -> Severity:
        return severity_of(self.reach, self.bits)


def severity_of(reach: Reach, bits: int) -> Severity:
    """The severity by whom a statement admits, and whether they may push, pull, or neither."""
    push, pull, neither = _SEVERITIES[reach]
    if not bits:
        return Severity.LOW
    return push if bits & PUSH else pull if bits & PULL else neither


def grade_policy(policy: PolicySet, event: RegistryEvent, trust: Trust) -> Judgement:
    """How bad the policy is, and why; a policy or statement that cannot be read is high."""
    scope = TrustedScope(event.account, lambda account: trust.owns(account, event), trust.orgs)
    try:
        documents = _documents(parse(policy.text))
    except NotUnderstood as why:
        return Judgement(
            Severity.HIGH, (f"The policy cannot be read: {why}.",), "it cannot be read"
        )
    if not documents:
        why_not = "The policy has no statement: it allows nothing."
        return Judgement(Severity.INFORMATIONAL, (why_not,), "it allows nothing")
    statements: list[Statement] = []
    grades: list[Grade] = []
    for number, document in enumerate(documents, 1):
        try:
            statements.append(_statement(number, document, policy.service, scope))
        except NotUnderstood as why:
            reason = f"Statement {number} cannot be read: {why}."
            grades.append(Grade(Severity.HIGH, reason, f"statement {number} cannot be read"))
    return worst(grades + _grades(statements, scope))


def _documents(policy: dict[str, object]) -> list[object]:
    """The policy's statements; a single one may be written without a list."""
    statements = policy.get("Statement")
    if isinstance(statements, dict):
        return [statements]
    if not isinstance(statements, list):
        raise NotUnderstood("it has no Statement")
    return statements


def _statement(number: int, document: object, service: Service, scope: TrustedScope) -> Statement:
    statement = as_object(document, "it")
    effect = statement.get("Effect")
    named = principals(statement, scope.owns)
    allowed = access(statement, service)
    restrictions = tuple(read_restrictions(statement, scope.account))
    if effect not in ("Allow", "Deny"):
        raise NotUnderstood("its Effect is neither Allow nor Deny")
    resources: tuple[str, ...] | None = None
    if "NotResource" in statement:
        resources = () if effect == "Deny" else ("*",)
    elif "Resource" in statement:
        resources = as_texts(statement["Resource"], "Resource")
    return Statement(number, effect == "Allow", named, allowed, restrictions, resources)


def _grades(statements: Sequence[Statement], scope: TrustedScope) -> list[Grade]:
    allows = [each for each in statements if each.allows]
    denials = [each for each in statements if not each.allows]
    denies = [each for each in denials if _covers(each, allows)]
    opened = open_to_anyone(allows, denies)
    grades = [_grade(each, denies, opened, scope) for each in allows]
    alone = max((grade.severity for grade in grades), default=Severity.INFORMATIONAL)
    together = severity_of(Reach.ANYONE, opened.together)
    if opened.together and together > alone:
        grades.append(Grade(together, *together_reason(opened.together)))
    return grades + [Grade(Severity.INFORMATIONAL, *denied_reason(each)) for each in denials]


def _covers(deny: Statement, allows: Sequence[Statement]) -> bool:
    """Whether a Deny covers every resource for which the policy allows anything."""
    if deny.resources is None or "*" in deny.resources:
        return True
    for allow in allows:
        for resource in allow.resources or ("*",):
            if not any(_contains(wide, resource) for wide in deny.resources):
                return False
    return True


def _contains(wide: str, narrow: str) -> bool:
    """Whether `wide` certainly matches everything that `narrow` matches."""
    return wide == narrow or (
        wide.endswith("*") and narrow.startswith(wide[:-1]) and (not set("*?") & set(wide[:-1]))
    )


def _grade(
    statement: Statement, denies: Sequence[Statement], opened: Opened, scope: TrustedScope
) -> Grade:
    admitted = _admitted(statement, denies, opened, scope)
    top = max(admitted, key=lambda each: (each.severity.rank, each.reach))
    meant = [each.principal for each in admitted if each.reach is top.reach]
    narrowed = top.reach < max(principal.reach for principal in meant)
    by = [each for each in denies if narrowed and each.bits & statement.bits]
    return Grade(top.severity, *allowed_reason(statement, meant, top.reach, top.bits, by))


def _admitted(
    statement: Statement, denies: Sequence[Statement], opened: Opened, scope: TrustedScope
) -> list[Admitted]:
    """How far each principal of an Allow reaches, and with which actions."""
    left = {kind: _left(statement, denies, kind, scope) for kind in Kind}
    named = (NOT_PRINCIPAL,) if statement.principals.inverted else statement.principals.named
    certain = not statement.restrictions and not denies
    admitted = []
    for principal in named:
        reaches: tuple[tuple[Reach, int], ...] = ()
        match principal.reach:
            case Reach.ANYONE:
                reaches = (
                    (Reach.ANYONE, opened.alone[statement.number]),
                    (Reach.EXTERNAL, left[Kind.DIRECT]),
                    (Reach.SERVICE, left[Kind.SERVICE]),
                )
            case Reach.SERVICE:
                reaches = ((Reach.SERVICE, left[Kind.NAMED_SERVICE]),)
            case Reach.EXTERNAL:
                account = None if certain else principal.accounts
                able = usable_by(account, statement, denies) if account else -1
                reaches = ((Reach.EXTERNAL, left[Kind.DIRECT] & able),)
            case _:
                pass
        found = [Admitted(principal, reach, bits) for reach, bits in reaches if bits]
        admitted += found or [Admitted(principal, Reach.OWN, statement.bits)]
    return admitted


def _left(
    statement: Statement, denies: Sequence[Statement], kind: Kind, scope: TrustedScope
) -> int:
    """The actions that callers other than own ones may use, judging each statement alone."""
    if who_meets(statement.restrictions, kind, scope) <= Reach.OWN:
        return 0
    bits = statement.bits
    for deny in denies:
        if who_avoids(deny.principals, deny.restrictions, kind, scope) <= Reach.OWN:
            bits &= ~deny.bits
    return bits
