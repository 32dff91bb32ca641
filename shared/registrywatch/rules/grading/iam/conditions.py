"""The conditions of a statement, and whether a caller can meet or avoid each of them."""

import re
from collections.abc import Callable

import msgspec

from registrywatch.globs import globs_overlap, matches, matches_everything
from registrywatch.rules.grading.iam import addresses
from registrywatch.rules.grading.iam.addresses import EVERYWHERE, NOWHERE, Addresses
from registrywatch.rules.grading.iam.callers import (
    ACCOUNTS,
    ADDRESSES,
    ARNS,
    IS_SERVICE,
    NETWORKS,
    ORG_IDS,
    ORG_PATHS,
    RESOURCE,
    Caller,
)
from registrywatch.rules.grading.policy_json import as_object
from registrywatch.rules.wording import listed, shown

Choice = tuple[bool, bool]  # whether a caller can make the test true, and whether false
EITHER: Choice = (True, True)


class Restriction(msgspec.Struct, frozen=True):
    """One test of a condition: one operator, one key.

    `test`: "string", "arn", "address", "null" or "bool"; "" if it is not understood, so that
    callers are taken to meet or avoid it as they like. `missing`: the result of the test if the
    request lacks the key.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    text: str
    test: str = ""
    negated: bool = False
    missing: Choice = EITHER

    @property
    def literal(self) -> bool:
        """Whether it treats wildcards as plain characters, which its author may not have meant."""
        return self.test == "string" and "like" not in self.operator.casefold()

    @property
    def narrows(self) -> bool:
        """Whether it is a positive test that a request without the key fails."""
        return bool(self.test) and not self.negated and self.missing == (False, True)


def read_restrictions(statement: dict[str, object], account: str | None) -> list[Restriction]:
    """The tests of `statement`, all of which must hold; `account` is the registry's own.

    Raises NotUnderstood.
    """
    return [
        _restriction(operator, key, value, account)
        for operator, keys in as_object(statement.get("Condition", {}), "Condition").items()
        for key, value in as_object(keys, "a test in Condition").items()
    ]


def _restriction(operator: str, key: str, value: object, account: str | None) -> Restriction:
    folded = key.casefold()
    quantifier, colon, base = operator.casefold().rpartition(":")
    optional = base.endswith("ifexists")
    test, negated = _TESTS.get(base.removesuffix("ifexists"), ("", False))
    own = account or ""  # through a function, because it is text from the event
    filled = tuple(
        re.sub(_OWN_ACCOUNT, lambda _: own, text) if own else text
        for text in _texts(value, of_truth=test in ("bool", "null"))
    )
    text = f"{shown(key)} {listed(filled)}" if filled else shown(key)
    known = test in _OF_KEY.get(folded, ()) or (test == "null" and folded in _OF_KEY)
    if not filled or not known or (colon and quantifier not in _QUANTIFIERS):
        return Restriction(operator, folded, filled, text)
    if optional:
        missing = EITHER if colon else (True, False)
    elif colon:
        missing = (True, False) if quantifier == "forallvalues" else (False, True)
    else:
        missing = (True, False) if negated else (False, True)
    return Restriction(operator, folded, filled, text, test, negated, missing)


_QUANTIFIERS = ("foranyvalue", "forallvalues")
_TESTS = {
    "stringequals": ("string", False),
    "stringequalsignorecase": ("string", False),
    "stringlike": ("string", False),
    "stringnotequals": ("string", True),
    "stringnotequalsignorecase": ("string", True),
    "stringnotlike": ("string", True),
    "arnequals": ("arn", False),
    "arnlike": ("arn", False),
    "arnnotequals": ("arn", True),
    "arnnotlike": ("arn", True),
    "ipaddress": ("address", False),
    "notipaddress": ("address", True),
    "bool": ("bool", False),
    "null": ("null", False),
}
_OF_KEY = {
    **dict.fromkeys((*ORG_IDS, *ORG_PATHS, *ACCOUNTS, *NETWORKS, *RESOURCE), ("string",)),
    **dict.fromkeys(ARNS, ("string", "arn")),
    **dict.fromkeys(ADDRESSES, ("string", "address")),
    IS_SERVICE: ("string", "bool"),
}


def choice(restriction: Restriction, caller: Caller) -> Choice:
    """Whether the caller can meet the test, and whether they can avoid it.

    Tests of addresses are left open here: see `meets_from`.
    """
    if not restriction.test or restriction.key in ADDRESSES:
        return EITHER
    if restriction.key in RESOURCE:
        return _resource_choice(restriction)
    if restriction.key not in caller.keys:
        return EITHER
    value = caller.keys[restriction.key]
    if restriction.test == "null":
        lacked = {"true": value is None, "false": value is not None}
        return _either_of([lacked.get(text.casefold()) for text in restriction.values])
    if value is None:
        return restriction.missing
    can_match, can_differ = _matching(restriction, value)
    return (can_differ, can_match) if restriction.negated else (can_match, can_differ)


def meets_from(restriction: Restriction, caller: Caller) -> Addresses:
    """The addresses from which the caller meets the test; everywhere if it tests something else.

    If the addresses cannot be read, an Allow is taken to hold everywhere and a Deny nowhere: see
    `unreadable`.
    """
    if restriction.key not in ADDRESSES or not restriction.test:
        return EVERYWHERE
    if restriction.test == "null":
        lacked = restriction.key != caller.address
        return EVERYWHERE if str(lacked).casefold() in map(str.casefold, restriction.values) else ()
    if restriction.key != caller.address:
        return EVERYWHERE if restriction.missing[0] else NOWHERE
    named = addresses.read(restriction.values)
    if named is None:
        return EVERYWHERE
    return addresses.outside(named) if restriction.negated else named


def unreadable(restriction: Restriction) -> bool:
    """Whether nothing certain is known of the test: a Deny with it is then taken to stop no one."""
    if not restriction.test:
        return True
    of_addresses = restriction.key in ADDRESSES and restriction.test in ("string", "address")
    return of_addresses and (
        addresses.read(restriction.values) is None or restriction.missing == EITHER
    )


def _matching(restriction: Restriction, value: str) -> Choice:
    """Whether a request's value can match one of the test's values, and whether it can miss all."""
    one = _MATCH[restriction.test if restriction.key in ARNS else restriction.key]
    open_ended = restriction.key in ARNS or restriction.key in ORG_PATHS
    if open_ended and not restriction.literal and any(map(matches_everything, restriction.values)):
        return True, False
    can_match = False
    for text in restriction.values:
        variable = "${" in text and not _is_own_org(restriction, text)
        match, miss = EITHER if variable else one(text, value)
        if match and restriction.literal and set("*?") & set(text):
            miss = True
        if not miss:
            return True, False
        can_match = can_match or match
        if can_match and open_ended:
            break
    return can_match, True


def _is_own_org(restriction: Restriction, text: str) -> bool:
    """The registry's organisation as a variable: no stranger is a member."""
    return restriction.key in ORG_IDS and text.casefold() == "${aws:resourceorgid}"


def _resource_choice(restriction: Restriction) -> Choice:
    """The resource's account or organisation against the caller's: a stranger has another."""
    variable = _CALLERS[restriction.key]
    if restriction.test != "string" or {*map(str.casefold, restriction.values)} != {variable}:
        return EITHER
    return (True, False) if restriction.negated else (False, True)


_CALLERS = {
    "aws:resourceaccount": "${aws:principalaccount}",
    "aws:resourceorgid": "${aws:principalorgid}",
}


def _text(pattern: str, value: str) -> Choice:
    return _certain(matches(pattern.casefold(), value.casefold()))


def _beginning(pattern: str, value: str) -> Choice:
    """A value that begins with `value`; the caller chooses the rest."""
    return globs_overlap(pattern, f"{value}*"), bool(pattern.strip("*"))


def _arn(pattern: str, account: str) -> Choice:
    """ARN operators compare field by field. The caller chooses all fields but the account."""
    fields = pattern.split(":", 5)
    if len(fields) < 6:
        return _arn_as_text(pattern, account)
    return _names(fields, account), True


def compares_by_field(pattern: str) -> bool:
    """Whether a string operator gives the same result as an ARN operator.

    It does where service, account and kind of resource are plain text: the ARNs of other accounts
    have no room for `:<account>:<kind>:` after their own account. IAM's have it, in a path.
    """
    return re.match(_PLAIN_ARN, pattern) is not None


_PLAIN_ARN = r"arn:[\w-]+:(?!iam:|sts:)[\w-]+:[^:]*:\d{12}:[\w-]+[:/]"


def _arn_as_text(pattern: str, account: str) -> Choice:
    """String operators compare as text: a `*` runs over colons."""
    if compares_by_field(pattern):
        return _arn(pattern, account)
    fields = [_instance(field) for field in pattern.split(":", 5)] + [""] * 6
    partition = fields[1] if fields[1].startswith("aws") else "aws"
    service, region = fields[2] or "lambda", fields[3]
    own = f"arn:{partition}:{service}:{region}:{account}:*"
    nameless = f"arn:{partition}:{service}:{region}::*"
    choosable = "*" in pattern and globs_overlap(pattern, nameless)
    return globs_overlap(pattern, own) or choosable, bool(pattern.strip("*"))


def _names(fields: list[str], account: str) -> bool:
    """Whether the ARN can be one of the account. Some ARNs have no account, such as a bucket's:
    a caller can then choose a matching name where the pattern leaves a part of it open.
    """
    return matches(fields[4], account) if fields[4] else "*" in fields[5]


def _instance(field: str) -> str:
    """A text that a field of a pattern matches."""
    return field.replace("*", "").replace("?", "a")


_MATCH: dict[str, Callable[[str, str], Choice]] = {
    **dict.fromkeys((*ORG_IDS, *ACCOUNTS, *NETWORKS, IS_SERVICE), _text),
    **dict.fromkeys(ORG_PATHS, _beginning),
    "string": _arn_as_text,
    "arn": _arn,
}


def _certain(truth: bool) -> Choice:
    return truth, not truth


def _either_of(truths: list[bool | None]) -> Choice:
    if None in truths:
        return EITHER
    return _certain(any(truths))


def _texts(value: object, *, of_truth: bool) -> tuple[str, ...]:
    """The values of a test as texts; unquoted account ids are numbers. Empty if it has others."""
    values: list[object] = value if isinstance(value, list) else [value]
    texts = [_as_text(each, of_truth) for each in values]
    known = tuple(text for text in texts if text is not None)
    return known if len(known) == len(texts) else ()


def _as_text(value: object, of_truth: bool) -> str | None:
    if isinstance(value, bool):
        return str(value).casefold() if of_truth else None
    if isinstance(value, int):
        return f"{value:012d}"
    return value if isinstance(value, str) else None


_OWN_ACCOUNT = r"(?i)\$\{aws:ResourceAccount\}"
