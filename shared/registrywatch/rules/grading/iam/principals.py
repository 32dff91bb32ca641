"""Whom a statement of a resource policy speaks of."""

import enum
import re
from collections.abc import Callable

import msgspec

from registrywatch.globs import matches
from registrywatch.rules.grading.policy_json import NotUnderstood, as_object, as_texts

Owns = Callable[[str], bool]  # whether an account id is the registry's own or a trusted one


class Who(enum.IntEnum):
    """Whom a principal or a condition lets in; the higher, the wider.

    OWN: the registry's own account or a trusted one. SERVICE: an AWS service, which may act for
    anybody. FOREIGN: one account, organisation or network that is not known as ours. ANYONE: all.
    """

    OWN = 0
    SERVICE = 1
    FOREIGN = 2
    ANYONE = 3


class Principal(msgspec.Struct, frozen=True):
    """One principal, as the policy writes it."""

    who: Who
    told: str


def principals(statement: dict[str, object], owns: Owns) -> tuple[Principal, ...]:
    """All that `statement` names in Principal; NotPrincipal lets anyone in.

    Raises NotUnderstood.
    """
    if ("Principal" in statement) == ("NotPrincipal" in statement):
        raise NotUnderstood("it has not exactly one of Principal and NotPrincipal")
    if "NotPrincipal" in statement:
        return (Principal(Who.ANYONE, "everyone but some (NotPrincipal)"),)
    named = statement["Principal"]
    if named == "*":
        return (Principal(Who.ANYONE, "*"),)
    by_kind = as_object(named, "Principal, which is not *,")
    if not by_kind:
        raise NotUnderstood("Principal names nobody")
    return tuple(
        Principal(_who(kind, name, owns), name)
        for kind, names in by_kind.items()
        for name in as_texts(names, "Principal")
    )


def _who(kind: str, name: str, owns: Owns) -> Who:
    if name and not name.strip("*?"):
        return Who.ANYONE
    if kind.casefold() == "service":
        return Who.SERVICE
    account = account_of(name) if name.startswith("arn:") else name
    return who_is(account, owns) if account else Who.FOREIGN


def account_of(arn: str) -> str | None:
    """The account field of an ARN of any partition and kind; None where it has none."""
    fields = arn.split(":", 5)
    return fields[4] or None if len(fields) > 4 else None


def who_is(account: str, owns: Owns) -> Who:
    """Who an account field lets in: compared whole, so a partial wildcard is nobody of ours."""
    if all(matches(account, any_account) for any_account in _FAR_APART):
        return Who.ANYONE
    return Who.OWN if _ACCOUNT.fullmatch(account) and owns(account) else Who.FOREIGN


_ACCOUNT = re.compile(r"[0-9]{12}")
_FAR_APART = ("0" * 12, "9" * 12)  # a pattern for both pins no account down
