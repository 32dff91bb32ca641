"""One part of a deployment that was checked."""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from registrywatch.errors import NotAllowed, StateUnknown, StoreError

Standing = Literal["right", "wrong", "unknown"]


class Item(msgspec.Struct, frozen=True):
    """The result of the check of one part.

    `name` is the same in every check: "rule TrafficRule". `found` is what was found, in words and
    without a full stop; `fix` is the command to run or what else to do, empty if there is nothing
    to do. `unknown`: the part could not be read, which is neither right nor wrong; `refused`: the
    right to read it is missing. `minor`: nothing is lost yet.
    """

    name: str
    standing: Standing
    found: str
    fix: str = ""
    minor: bool = False
    refused: bool = False

    @property
    def ok(self) -> bool:
        return self.standing == "right"


def right(name: str, found: str) -> Item:
    """A part that is as it should be."""
    return Item(name, "right", found)


def wrong(name: str, found: str, fix: str, *, minor: bool = False) -> Item:
    """A part that is not as it should be."""
    return Item(name, "wrong", found, fix, minor)


def unknown(name: str, why: Exception | str) -> Item:
    """A part that could not be read; by that alone nothing is lost."""
    refused = isinstance(why, NotAllowed)
    return Item(name, "unknown", f"could not be read: {why}", _READ, True, refused)


def checked(name: str, check: Callable[[], Item]) -> Item:
    """The item that `check` returns; unknown if the cloud did not answer or refused."""
    try:
        return check()
    except (StoreError, StateUnknown) as error:
        return unknown(name, error)


def with_rights(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items to remember, with one item for all parts that may not be read.

    If the check loses its rights, it loses them everywhere at once.
    """
    found = tuple(items)
    refused = [item.name for item in found if item.refused]
    if not refused:
        return (*found, right(RIGHTS, "every part may be read"))
    some = ", ".join(refused[:_MOST_NAMED]) + (", …" if len(refused) > _MOST_NAMED else "")
    lost = Item(RIGHTS, "unknown", f"the right to read it is missing: {some}", _READ, True, True)
    return (*(item for item in found if not item.refused), lost)


RIGHTS = "rights to read"
"""The item on what the check itself may read."""

_MOST_NAMED = 5
_READ = "Try again; if it fails again, grant the right to read it."
