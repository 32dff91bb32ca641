"""One part of a deployment that was looked at."""

from collections.abc import Callable
from typing import Literal

import msgspec

from registrywatch.errors import StateUnknown, StoreError

Standing = Literal["right", "wrong", "unknown"]


class Item(msgspec.Struct, frozen=True):
    """What the check found of one part.

    `name` is the same at every check: "rule TrafficRule". `found` is what is there, in words and
    without a full stop; `mend` is what to type or do, empty where nothing is to be done. `unknown`
    means that the part could not be looked at, which is neither right nor wrong. `minor`: nothing
    is lost by it yet.
    """

    name: str
    standing: Standing
    found: str
    mend: str = ""
    minor: bool = False

    @property
    def ok(self) -> bool:
        return self.standing == "right"


def right(name: str, found: str) -> Item:
    """A part that is as it should be."""
    return Item(name, "right", found)


def wrong(name: str, found: str, mend: str, *, minor: bool = False) -> Item:
    """A part that is not as it should be."""
    return Item(name, "wrong", found, mend, minor)


def unknown(name: str, why: str) -> Item:
    """A part that could not be looked at; that alone loses nothing."""
    return Item(name, "unknown", f"could not be looked at: {why}", _READ, minor=True)


def looked(name: str, look: Callable[[], Item]) -> Item:
    """The item that `look` gives; unknown if the cloud did not answer or refused."""
    try:
        return look()
    except (StoreError, StateUnknown) as error:
        return unknown(name, str(error))


_READ = "Try again; if it stays so, give the right to read it."
