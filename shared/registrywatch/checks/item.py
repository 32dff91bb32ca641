"""One part of a deployment that was looked at."""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from registrywatch.errors import NotAllowed, StateUnknown, StoreError

Standing = Literal["right", "wrong", "unknown"]


class Item(msgspec.Struct, frozen=True):
    """What the check found of one part.

    `name` is the same at every check: "rule TrafficRule". `found` is what is there, in words and
    without a full stop; `mend` is what to type or do, empty if there is nothing to do. `unknown`
    means that the part could not be looked at, which is neither right nor wrong; `refused`, that a
    right to do so is missing. `minor`: nothing is lost by it yet.
    """

    name: str
    standing: Standing
    found: str
    mend: str = ""
    minor: bool = False
    refused: bool = False

    @property
    def ok(self) -> bool:
        return self.standing == "right"


def right(name: str, found: str) -> Item:
    """A part that is as it should be."""
    return Item(name, "right", found)


def wrong(name: str, found: str, mend: str, *, minor: bool = False) -> Item:
    """A part that is not as it should be."""
    return Item(name, "wrong", found, mend, minor)


def unknown(name: str, why: Exception | str) -> Item:
    """A part that could not be looked at; that alone loses nothing."""
    refused = isinstance(why, NotAllowed)
    return Item(name, "unknown", f"could not be looked at: {why}", _READ, True, refused)


def looked(name: str, look: Callable[[], Item]) -> Item:
    """The item that `look` gives; unknown if the cloud did not answer or refused."""
    try:
        return look()
    except (StoreError, StateUnknown) as error:
        return unknown(name, error)


def with_rights(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items to be remembered: what may not be looked at is one item, not many.

    Who takes the check's rights away blinds it everywhere at once.
    """
    found = tuple(items)
    refused = [item.name for item in found if item.refused]
    if not refused:
        return (*found, right(RIGHTS, "every part may be looked at"))
    some = ", ".join(refused[:_MOST_NAMED]) + (", …" if len(refused) > _MOST_NAMED else "")
    lost = Item(RIGHTS, "unknown", f"the right to read it is missing: {some}", _READ, True, True)
    return (*(item for item in found if not item.refused), lost)


RIGHTS = "rights to look"
"""The item on what the check itself may read."""

_MOST_NAMED = 5
_READ = "Try again; if it stays so, give the right to read it."
