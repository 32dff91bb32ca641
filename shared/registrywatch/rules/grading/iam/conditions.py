"""How far the conditions of a resource policy's statement narrow whom it lets in.

Only a positive test of who calls, for whom, or from where narrows anything. Tests that also pass
where the key is missing (…IfExists, ForAllValues), that exclude (…Not…), or whose value is
whatever the request says (a policy variable) or a wildcard for everything, let everyone through.
"""

import re

import msgspec

from registrywatch.globs import matches
from registrywatch.rules.grading.iam.principals import Owns, Who, account_of, who_is
from registrywatch.rules.grading.policy_json import as_object
from registrywatch.rules.wording import listed, shown


class Ours(msgspec.Struct, frozen=True):
    """What a condition may name that is ours: the registry's account, any of ours, our orgs."""

    account: str | None
    owns: Owns
    orgs: frozenset[str]


class Test(msgspec.Struct, frozen=True):
    """One condition that narrows, to whom, and how the policy writes it."""

    key: str
    who: Who
    told: str

    @property
    def of_service_calls(self) -> bool:
        """Whether it tests for whom a service calls, the one thing that narrows a service."""
        return self.key in ("aws:sourceaccount", "aws:sourcearn")


class Conditions(msgspec.Struct, frozen=True):
    """All conditions of a statement: those that narrow it, and what the others are called."""

    tests: tuple[Test, ...]
    others: tuple[str, ...]


def read_conditions(statement: dict[str, object], ours: Ours) -> Conditions:
    """The conditions of `statement`, all of which must hold. Raises NotUnderstood."""
    tests: list[Test] = []
    others: list[str] = []
    for operator, keys in as_object(statement.get("Condition", {}), "Condition").items():
        for key, value in as_object(keys, "a test in Condition").items():
            values = tuple(_filled(text, ours) for text in _texts(value))
            who = _who(operator, key.casefold(), values, ours)
            if who is Who.ANYONE:
                others.append(f"{operator} {key}")
            else:
                tests.append(Test(key.casefold(), who, f"{shown(key)} {listed(values)}"))
    return Conditions(tuple(tests), tuple(others))


def _who(operator: str, key: str, values: tuple[str, ...], ours: Ours) -> Who:
    """Whom one test lets in: its values are alternatives, so the widest of them counts."""
    plain = operator.casefold().removeprefix("foranyvalue:")
    if not values or plain not in _OPERATORS.get(key, ()):
        return Who.ANYONE
    match key:
        case "aws:sourceip":
            return _who_at(values)
        case "aws:principalaccount" | "aws:sourceaccount":
            return max(_variable(value) or who_is(value, ours.owns) for value in values)
        case "aws:principalarn" | "aws:sourcearn":
            by_field = plain in _ARN
            return max(_variable(value) or _who_of_arn(value, by_field, ours) for value in values)
        case _:
            return max(_variable(value) or _who_of_id(value, ours) for value in values)


_STRING = ("stringequals", "stringequalsignorecase", "stringlike")
_ARN = ("arnequals", "arnlike")
_OPERATORS = {
    "aws:principalorgid": _STRING,
    "aws:principalaccount": _STRING,
    "aws:principalarn": _STRING + _ARN,
    "aws:sourceaccount": _STRING,
    "aws:sourcearn": _STRING + _ARN,
    "aws:sourcevpc": _STRING,
    "aws:sourcevpce": _STRING,
    "aws:sourceip": (*_STRING, "ipaddress"),
}


def _who_of_arn(arn: str, by_field: bool, ours: Ours) -> Who:
    """Whom an ARN pattern lets in.

    Arn operators compare field by field. For string operators a `*` runs over colons, so that one
    before the account leaves the account open.
    """
    before_account = ":".join(arn.split(":", 4)[:4])
    open_before = "*" in before_account or "?" in before_account
    if open_before and not (by_field and arn.count(":") >= 4):
        return Who.ANYONE
    account = account_of(arn)
    return who_is(account, ours.owns) if account else Who.FOREIGN


def _who_of_id(value: str, ours: Ours) -> Who:
    """Whom the id of an organisation, a VPC or an endpoint lets in."""
    if any(all(matches(value, an_id) for an_id in ids) for ids in _FAR_APART):
        return Who.ANYONE
    return Who.OWN if value in ours.orgs else Who.FOREIGN


def _who_at(addresses: tuple[str, ...]) -> Who:
    """Whom addresses let in: anyone, if together they are all there are of a family."""
    import ipaddress  # for the one policy in a thousand that names addresses, not at every start

    try:
        networks = [ipaddress.ip_network(address, strict=False) for address in addresses]
    except ValueError:
        return Who.ANYONE
    fours = [network for network in networks if isinstance(network, ipaddress.IPv4Network)]
    sixes = [network for network in networks if isinstance(network, ipaddress.IPv6Network)]
    widest = [
        each.prefixlen
        for family in (ipaddress.collapse_addresses(fours), ipaddress.collapse_addresses(sixes))
        for each in family
    ]
    return Who.ANYONE if 0 in widest else Who.FOREIGN


def _variable(value: str) -> Who | None:
    """A policy variable is what the request says, but for the registry's own organisation."""
    if "${" not in value:
        return None
    return Who.FOREIGN if value.casefold() == "${aws:resourceorgid}" else Who.ANYONE


def _filled(value: str, ours: Ours) -> str:
    """The value with the registry's own account put in; as text, for it comes from the event."""
    account = ours.account
    return _OWN_ACCOUNT.sub(lambda _: account, value) if account else value


def _texts(value: object) -> tuple[str, ...]:
    """The values of a test as texts; unquoted account ids are numbers. Empty if it has others."""
    values: list[object] = value if isinstance(value, list) else [value]
    texts = [
        f"{each:012d}" if isinstance(each, int) and not isinstance(each, bool) else each
        for each in values
    ]
    known = tuple(text for text in texts if isinstance(text, str))
    return known if len(known) == len(texts) else ()


_OWN_ACCOUNT = re.compile(r"\$\{aws:ResourceAccount\}", re.IGNORECASE)
_FAR_APART = (  # two ids each that have nothing in common: a pattern for both is one for all
    ("o-" + "a" * 10, "o-" + "9" * 10),
    ("vpc-" + "0" * 17, "vpc-" + "f" * 17),
    ("vpce-" + "0" * 17, "vpce-" + "f" * 17),
)
