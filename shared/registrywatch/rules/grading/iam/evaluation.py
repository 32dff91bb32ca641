"""Which actions the statements of a policy open to everyone, tried on hypothetical strangers.

An Allow is taken to apply if the caller can bring that about; a Deny only if they cannot avoid it.
So what is uncertain counts as open, never as closed.
"""

from collections.abc import Sequence

import msgspec

from registrywatch.rules.grading.iam import addresses
from registrywatch.rules.grading.iam.actions import Access
from registrywatch.rules.grading.iam.addresses import EVERYWHERE, NOWHERE, Addresses
from registrywatch.rules.grading.iam.callers import (
    ADDRESSES,
    Caller,
    known_account,
    strangers,
)
from registrywatch.rules.grading.iam.conditions import Restriction, choice, meets_from, unreadable
from registrywatch.rules.grading.iam.principals import Principals, Reach


class Statement(msgspec.Struct, frozen=True):
    """One statement that could be read; `number` is its place in the policy, from 1."""

    number: int
    allows: bool
    principals: Principals
    access: Access
    restrictions: tuple[Restriction, ...]
    resources: tuple[str, ...] | None = None

    @property
    def bits(self) -> int:
        return self.access.bits


class Opened(msgspec.Struct, frozen=True):
    """The actions that everyone may use: by each Allow alone (by its number), and by them all."""

    alone: dict[int, int]
    together: int


Grant = tuple[int, Addresses]


def open_to_anyone(allows: Sequence[Statement], denies: Sequence[Statement]) -> Opened:
    """What every stranger can use, each in some way that is theirs to choose."""
    alone = {each.number: each.bits for each in allows if _admits_strangers(each)}
    wide = [each for each in allows if each.number in alone]
    together = -1 if wide else 0
    for ways in strangers():
        if not together:
            break
        able, able_together = dict.fromkeys(alone, 0), 0
        for caller in ways:
            refused = [
                (each.bits, place)
                for each in denies
                if (place := _refused_from(each, caller)) != NOWHERE
            ]
            granted = [
                (each.number, each.bits, place)
                for each in wide
                if (place := _granted_from(each, caller)) != NOWHERE
            ]
            for number, bits, place in granted:
                if alone[number]:
                    able[number] |= _usable([(bits, place)], refused, caller)
            able_together |= _usable([(bits, place) for _, bits, place in granted], refused, caller)
        together &= able_together
        alone = {number: bits & able[number] for number, bits in alone.items()}
    return Opened({each.number: alone.get(each.number, 0) for each in allows}, max(together, 0))


def usable_by(account: str, statement: Statement, denies: Sequence[Statement]) -> int:
    """The actions of an Allow that a principal of that account, which the Allow names, may use."""
    caller = known_account(account)
    if not all(choice(each, caller)[0] for each in statement.restrictions):
        return 0
    bits = statement.bits
    for deny in denies:
        if _meets_all(deny, caller) and not any(
            each.key in ADDRESSES for each in deny.restrictions
        ):
            bits &= ~deny.bits
    return bits


def _admits_strangers(statement: Statement) -> bool:
    principals = statement.principals
    return principals.inverted or any(each.reach is Reach.ANYONE for each in principals.named)


def _granted_from(statement: Statement, caller: Caller) -> Addresses:
    """The addresses from which the Allow holds for the caller, as they can bring about."""
    principals = statement.principals
    if not (principals.inverted or any(each.admits(caller.account) for each in principals.named)):
        return NOWHERE
    place = EVERYWHERE
    for restriction in statement.restrictions:
        if not choice(restriction, caller)[0]:
            return NOWHERE
        place = addresses.both(place, meets_from(restriction, caller))
    return place


def _refused_from(statement: Statement, caller: Caller) -> Addresses:
    """The addresses from which the Deny holds for the caller, whatever they do."""
    if not _meets_all(statement, caller):
        return NOWHERE
    place = EVERYWHERE
    for restriction in statement.restrictions:
        if restriction.key in ADDRESSES:
            met = NOWHERE if unreadable(restriction) else meets_from(restriction, caller)
            place = addresses.both(place, met)
    return place


def _meets_all(deny: Statement, caller: Caller) -> bool:
    """Whether the caller cannot avoid the Deny, but for their address."""
    principals = deny.principals
    if principals.inverted:
        by_service = caller.address is None and caller.account is not None
        if any(each.may_be(caller.account, by_service=by_service) for each in principals.named):
            return False
    elif not principals.everyone:
        return False
    return not any(
        choice(each, caller)[1] for each in deny.restrictions if each.key not in ADDRESSES
    )


def _usable(granted: Sequence[Grant], refused: Sequence[Grant], caller: Caller) -> int:
    """The actions that the caller can use from more addresses than a definite network has."""
    everywhere, partly, blocked, touched = 0, 0, 0, 0
    for bits, place in granted:
        everywhere, partly = (
            (everywhere | bits, partly) if place == EVERYWHERE else (everywhere, partly | bits)
        )
    for bits, place in refused:
        touched |= bits
        blocked |= bits if place == EVERYWHERE else 0
    usable = everywhere & ~touched
    unclear = (everywhere | partly) & ~blocked & ~usable
    while unclear:
        bit = unclear & -unclear
        unclear ^= bit
        given = addresses.union(span for bits, place in granted if bits & bit for span in place)
        taken = addresses.union(span for bits, place in refused if bits & bit for span in place)
        left = addresses.both(given, addresses.outside(taken))
        if addresses.hold_anyone(left, private=caller.address == ADDRESSES[1]):
            usable |= bit
    return usable
