"""What only own and trusted callers can meet, and what only they can avoid."""

from collections.abc import Iterable, Sequence

import msgspec

from registrywatch.globs import matches
from registrywatch.rules.grading.iam.callers import (
    ACCOUNTS,
    ADDRESSES,
    ARNS,
    FOR_WHOM,
    IS_SERVICE,
    LACKED_BY_SERVICES,
    ORG_IDS,
    ORG_PATHS,
    RESOURCE,
    Caller,
    Kind,
)
from registrywatch.rules.grading.iam.conditions import (
    Choice,
    Restriction,
    choice,
    compares_by_field,
)
from registrywatch.rules.grading.iam.principals import (
    Owns,
    Principals,
    Reach,
    account_of,
    is_own,
)


class TrustedScope(msgspec.Struct, frozen=True):
    """The own and trusted accounts and organisations that a condition may name."""

    account: str | None
    owns: Owns
    orgs: frozenset[str]


def who_meets(restrictions: Sequence[Restriction], kind: Kind, scope: TrustedScope) -> Reach:
    """Who can meet all of the tests: NOBODY, OWN, or ANYONE if that is not certain."""
    met = [_who(each, True, kind, scope) for each in restrictions]
    return min([Reach.ANYONE, *met, *_shared(restrictions, kind, scope)])


def who_avoids(
    principals: Principals, restrictions: Iterable[Restriction], kind: Kind, scope: TrustedScope
) -> Reach:
    """Whom a Deny does not affect: NOBODY, OWN, or ANYONE if that is not certain."""
    if principals.everyone:
        spared = Reach.NOBODY
    elif principals.inverted and all(each.reach is Reach.OWN for each in principals.named):
        spared = Reach.OWN
    else:
        return Reach.ANYONE
    return max([spared, *(_who(each, False, kind, scope) for each in restrictions)])


def _who(restriction: Restriction, wanted: bool, kind: Kind, scope: TrustedScope) -> Reach:
    """Who can make the test come out as wanted."""
    fixed = _fixed(restriction, kind)
    if fixed is not None:
        return Reach.ANYONE if fixed[0 if wanted else 1] else Reach.NOBODY
    if kind is Kind.NAMED_SERVICE and restriction.key not in FOR_WHOM:
        return Reach.ANYONE
    decides = restriction.narrows if wanted else restriction.negated and _spares(restriction)
    if decides and all(_is_own(restriction, text, scope) for text in restriction.values):
        return Reach.OWN
    return Reach.ANYONE


def _spares(restriction: Restriction) -> bool:
    """Whether a negated test is false only if the request has the key with one of the values."""
    return bool(restriction.test) and restriction.missing == (True, False)


def _shared(
    restrictions: Sequence[Restriction], kind: Kind, scope: TrustedScope
) -> Iterable[Reach]:
    """What follows from several tests of one key: only values that pass all of them remain."""
    for one in restrictions:
        others = [each for each in restrictions if each.key == one.key and each is not one]
        if kind is Kind.NAMED_SERVICE and one.key not in FOR_WHOM:
            continue
        if not others or one.key not in (*ORG_IDS, *ACCOUNTS) or not one.narrows:
            continue
        if one.test != "string" or any(set("*?$") & set(text) for text in one.values):
            continue
        left = [
            text
            for text in one.values
            if all(_passes(each, text) for each in others if each.narrows)
        ]
        if all(_is_own(one, text, scope) for text in left):
            yield Reach.OWN


def _passes(restriction: Restriction, text: str) -> bool:
    return restriction.test != "string" or any(
        "${" in pattern or matches(pattern.casefold(), text.casefold())
        for pattern in restriction.values
    )


def _fixed(restriction: Restriction, kind: Kind) -> Choice | None:
    """The result of the test for every caller of that kind; None if it differs between them."""
    key = restriction.key
    if key == IS_SERVICE:
        truth = "false" if kind is Kind.DIRECT else "true"
        return choice(restriction, Caller(None, {key: truth}))
    if kind is Kind.SERVICE and key in LACKED_BY_SERVICES:
        if key in ADDRESSES and restriction.test != "null":
            return restriction.missing
        return choice(restriction, Caller(None, {key: None}))
    if kind is not Kind.DIRECT and key in FOR_WHOM and restriction.test == "null":
        return choice(restriction, Caller(None, {key: ""}))
    return None


def _is_own(restriction: Restriction, text: str, scope: TrustedScope) -> bool:
    key = restriction.key
    if key in ORG_IDS:  # they have no capitals, so that no other organisation is meant
        return text.casefold() in scope.orgs
    if key in ORG_PATHS:
        org, slash, _ = text.partition("/")
        return bool(slash) and org.casefold() in scope.orgs
    if key in ACCOUNTS:
        return is_own(text, scope.owns)
    if key in ARNS:
        return _is_own_arn(text, restriction.test == "arn", scope)
    return key == RESOURCE[0] and text.casefold() == "${aws:principalaccount}"


def _is_own_arn(arn: str, by_field: bool, scope: TrustedScope) -> bool:
    """ARN operators compare field by field; for string operators a `*` runs over colons."""
    before_account = ":".join(arn.split(":", 4)[:4])
    if not by_field and set("*?") & set(before_account) and not compares_by_field(arn):
        return False
    account = account_of(arn)
    return account is not None and arn.count(":") >= 5 and is_own(account, scope.owns)
