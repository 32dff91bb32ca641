"""Which principals a statement of a resource policy names."""

import enum
import re
from collections.abc import Callable

import msgspec

from registrywatch.globs import matches
from registrywatch.rules.grading.policy_json import NotUnderstood, as_object, as_texts

Owns = Callable[[str], bool]  # whether an account id is the registry's own or a trusted one


class Reach(enum.IntEnum):
    """How far a statement or a part of it reaches; a higher value is wider.

    NOBODY: no caller. OWN: the registry's own account, a trusted account or organisation. SERVICE:
    an AWS service, which may act for any account. EXTERNAL: a definite account, organisation or
    network that is not known as one's own. ANYONE: everyone.
    """

    NOBODY = 0
    OWN = 1
    SERVICE = 2
    EXTERNAL = 3
    ANYONE = 4


class Principal(msgspec.Struct, frozen=True):
    """One principal as the policy writes it; `accounts` is a glob on the accounts that it means.

    `accounts` is None if it means no account: a service, a user's unique id, a web identity.
    `everyone`: a plain `*` that means every caller.
    """

    reach: Reach
    name: str
    accounts: str | None
    everyone: bool = False

    def admits(self, account: str | None) -> bool:
        """Whether a stranger is meant; without an account they are anonymous."""
        if self.reach is not Reach.ANYONE or self.accounts is None:
            return False
        return self.accounts == "*" if account is None else matches(self.accounts, account)

    def may_be(self, account: str | None, *, by_service: bool) -> bool:
        """Whether a caller of that account may be meant; only another, whole account excludes it.

        `by_service`: a service that is not named calls for them.
        """
        if self.reach is Reach.SERVICE:
            return by_service
        definite = self.accounts is not None and self.reach in (Reach.OWN, Reach.EXTERNAL)
        return not definite or self.accounts == account


class Principals(msgspec.Struct, frozen=True):
    """All that a statement names in Principal, or leaves out in NotPrincipal (`inverted`)."""

    named: tuple[Principal, ...]
    inverted: bool = False

    @property
    def everyone(self) -> bool:
        """Whether every caller is meant: a plain `*`."""
        return not self.inverted and any(each.everyone for each in self.named)


NOT_PRINCIPAL = Principal(Reach.ANYONE, "everyone but some (NotPrincipal)", "*")


def principals(statement: dict[str, object], owns: Owns) -> Principals:
    """All that `statement` names in Principal or NotPrincipal. Raises NotUnderstood."""
    if ("Principal" in statement) == ("NotPrincipal" in statement):
        raise NotUnderstood("it has not exactly one of Principal and NotPrincipal")
    inverted = "NotPrincipal" in statement
    named = statement["NotPrincipal" if inverted else "Principal"]
    if named == "*":
        return Principals((Principal(Reach.ANYONE, "*", "*", everyone=True),), inverted)
    by_kind = as_object(named, "Principal, which is not *,")
    if not by_kind:
        raise NotUnderstood("Principal names no one")
    return Principals(
        tuple(
            _principal(kind, name, owns)
            for kind, names in by_kind.items()
            for name in as_texts(names, "Principal")
        ),
        inverted,
    )


def _principal(kind: str, name: str, owns: Owns) -> Principal:
    if name and not name.strip("*?"):
        everyone = name == "*" and kind.casefold() in ("aws", "*")
        return Principal(Reach.ANYONE, name, "*" if "*" in name else name, everyone)
    if kind.casefold() == "service":
        return Principal(Reach.SERVICE, name, None)
    account = account_of(name) if name.startswith("arn:") else name
    if account and is_own(account, owns):
        return Principal(Reach.OWN, name, account)
    if account and set("*?") & set(account):
        return Principal(Reach.ANYONE, name, account)
    known = account if account and re.fullmatch(_ACCOUNT, account) else None
    return Principal(Reach.EXTERNAL, name, known)


def account_of(arn: str) -> str | None:
    """The account field of an ARN of any partition and kind; None where it has none."""
    fields = arn.split(":", 5)
    return fields[4] or None if len(fields) > 4 else None


def is_own(account: str, owns: Owns) -> bool:
    """Whether an account field names an own account: compared whole, never as a pattern."""
    return bool(re.fullmatch(_ACCOUNT, account)) and owns(account)


_ACCOUNT = r"[0-9]{12}"
