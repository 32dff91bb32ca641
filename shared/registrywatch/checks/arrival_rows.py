"""The rows that hold when events of each registry arrived, shared by all workers.

A registry is a row: the last hour in which an event of it arrived, and a bit for each hour before.
An index names the registries, unless the settings do.
"""

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

import msgspec

from registrywatch.checks import silence
from registrywatch.rows import Row, Rows, Value, contended, write

MOST_REGISTRIES = 1000
"""How many are watched; the deployment's own item covers the others."""

KNOWN_HOURS = 7 * 24
"""For how long events must have arrived before silence is reported: a week with its weekend."""

_HISTORY_HOURS = int(silence.HISTORY_SECONDS / silence.HOUR)
_KEPT_SECONDS = 90 * 24 * silence.HOUR
_INDEX = "registries"
_ATTEMPTS = 5


class Arrived(msgspec.Struct, frozen=True):
    """What is known of a registry's events; hours are counted since the epoch.

    Bit n of `seen` stands for the hour `last - n`. `reported` is the last hour before a silence
    that was reported and is not over; 0 if there is none.
    """

    last: int
    seen: int = 1
    reported: int = 0

    def at(self, hour: int) -> "Arrived":
        """This, with an arrival in that hour too."""
        if hour <= self.last:
            return msgspec.structs.replace(self, seen=self.seen | 1 << (self.last - hour))
        seen = (self.seen << (hour - self.last) | 1) & ((1 << _HISTORY_HOURS) - 1)
        return msgspec.structs.replace(self, last=hour, seen=seen)

    @property
    def longest_gap(self) -> int:
        """The longest gap between two hours in which something arrived, in hours."""
        hours = [n for n in range(self.seen.bit_length()) if self.seen >> n & 1]
        return max((after - before for before, after in pairwise(hours)), default=0)

    @property
    def is_known(self) -> bool:
        """Whether events have arrived for long enough to say what is usual."""
        return self.seen.bit_length() > KNOWN_HOURS


class ArrivalRows:
    """The rows. `only`: the registries to watch; None: all that the index names.

    Every method raises StoreError if the store fails. `clock` gives seconds since the epoch.
    """

    def __init__(
        self, rows: Rows, clock: Callable[[], float], only: Collection[str] | None
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._only = only

    def watches(self, registry: str) -> bool:
        """Whether arrivals of the registry are recorded."""
        return self._only is None or registry in self._only

    def registries(self) -> Sequence[str]:
        """The registries that are watched."""
        return _names(self._rows.get(_INDEX)) if self._only is None else sorted(self._only)

    def get(self, registry: str) -> tuple[Row, Arrived] | None:
        """The registry's row, and what it holds; None if there is none."""
        row = self._rows.get(registry)
        return None if row is None else (row, _read(row))

    def note(self, registry: str, hour: int) -> None:
        """Record that an event of the registry arrived in that hour."""
        for _ in range(_ATTEMPTS):
            row = self._rows.get(registry)
            if row is None and self._only is None:
                self._index(registry)
            arrived = _read(row).at(hour) if row else Arrived(hour)
            if (row and arrived == _read(row)) or self.write(registry, row, arrived):
                return
        raise contended("arrivals", _ATTEMPTS)

    def write(self, registry: str, row: Row | None, arrived: Arrived) -> bool:
        """Store what is known, in place of `row`. False if another worker wrote first."""
        values: dict[str, Value] = {
            "last": arrived.last,
            "seen": f"{arrived.seen:x}",
            "reported": arrived.reported,
        }
        until = self._clock() + _KEPT_SECONDS
        return write(self._rows, registry, values, row, until)

    def forget(self, registry: str) -> None:
        """Remove a registry from the index; if another worker writes first, the next check does."""
        row = self._rows.get(_INDEX) if self._only is None else None
        if row is not None:
            names = [each for each in _names(row) if each != registry]
            self._rows.replace(_INDEX, {"names": "\n".join(names)}, row.etag)

    def _index(self, registry: str) -> None:
        for _ in range(_ATTEMPTS):
            row = self._rows.get(_INDEX)
            known = _names(row)
            if registry in known or len(known) >= MOST_REGISTRIES:
                return
            values = {"names": "\n".join((*known, registry))}
            if write(self._rows, _INDEX, values, row):
                return
        raise contended("arrivals", _ATTEMPTS)


def _read(row: Row) -> Arrived:
    values = row.values
    return Arrived(int(values["last"]), int(str(values["seen"]), 16), int(values["reported"]))


def _names(row: Row | None) -> tuple[str, ...]:
    return tuple(filter(None, str(row.values["names"]).split("\n"))) if row else ()
