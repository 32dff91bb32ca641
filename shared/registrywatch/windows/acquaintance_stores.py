"""Where acquaintances are kept: in rows that workers share, or in this process.

A group is one row. It has a column `p<number>` for each period, with the entries in order, 12 bytes
each: the hash of the repository (8) and its earliest touch in seconds (4). Rows change by
compare-and-swap, which makes additions exact in every store, however many workers add to a group.
An account is a row that holds since when it is known, and is kept for ever.
"""

import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from registrywatch.rows import Rows, contended, write
from registrywatch.times import DAY
from registrywatch.windows.newness import (
    MOST,
    PERIOD_SECONDS,
    FirstTouches,
    lacking,
    merged,
    period_of,
)

KIND = "acquaintances"
"""The kind of these rows, in a table of several kinds."""

_ATTEMPTS = 30
_GROUP_WEIGHT = 8


class RowAcquaintances:
    """An `AcquaintanceStore` over rows of a table. May be shared by threads if the rows may.

    Touches older than twice `memory_days` are dropped from a group; so is a group to which nothing
    was added for that long.
    """

    def __init__(self, rows: Rows, clock: Callable[[], float], memory_days: int = 30) -> None:
        self._rows = rows
        self._clock = clock
        self._kept_seconds = max(2 * memory_days * DAY, 2 * PERIOD_SECONDS)

    def read(self, group: str) -> FirstTouches:
        row = self._rows.get(group)
        return {} if row is None else _firsts(row.values)

    def add(self, group: str, firsts: FirstTouches) -> FirstTouches:
        for _ in range(_ATTEMPTS):
            row = self._rows.get(group)
            stored = {} if row is None else _firsts(row.values)
            if not lacking(stored, firsts):
                return stored
            now = self._clock()
            oldest = period_of(now - self._kept_seconds)
            wanted = {at: held for at, held in merged(stored, firsts).items() if at >= oldest}
            if write(self._rows, group, _values(wanted), row, now + self._kept_seconds):
                return wanted
        raise contended("acquaintances", _ATTEMPTS)

    def first_seen(self, account: str, time: int) -> int:
        name = f"account {account}"
        for _ in range(_ATTEMPTS):
            row = self._rows.get(name)
            if row is not None and (first_seen := int(row.values["since"])) <= time:
                return first_seen
            if write(self._rows, name, {"since": time}, row):
                return time
        raise contended("accounts", _ATTEMPTS)


class MemoryAcquaintances:
    """An `AcquaintanceStore` in this process, for one thread.

    Holds up to about `budget` repositories over all groups and periods. Above that it drops whole
    groups, least recently used first; `forgotten` counts them.
    """

    def __init__(self, budget: int = 400_000) -> None:
        self._budget = budget
        self._groups: OrderedDict[str, dict[int, dict[int, int]]] = OrderedDict()
        self._accounts: dict[str, int] = {}
        self._weight = 0
        self.forgotten = 0

    def read(self, group: str) -> FirstTouches:
        held = self._groups.get(group)
        if held is None:
            return {}
        self._groups.move_to_end(group)
        return held

    def add(self, group: str, firsts: FirstTouches) -> FirstTouches:
        held = self._groups.setdefault(group, {})
        if not held:
            self._weight += _GROUP_WEIGHT
        self._groups.move_to_end(group)
        for period, touches in lacking(held, firsts).items():
            touched = held.setdefault(period, {})
            before = len(touched)
            for repository, first in touches.items():
                if repository in touched or len(touched) < MOST:
                    touched[repository] = first
            self._weight += len(touched) - before
        while self._weight > self._budget and len(self._groups) > 1:
            _, dropped = self._groups.popitem(last=False)
            self._weight -= _GROUP_WEIGHT + sum(map(len, dropped.values()))
            self.forgotten += 1
        return held

    def first_seen(self, account: str, time: int) -> int:
        first_seen = self._accounts[account] = min(time, self._accounts.get(account, time))
        return first_seen


def _values(stored: FirstTouches) -> dict[str, bytes]:
    return {
        f"p{period}": struct.pack(
            ">" + "QI" * len(held), *(n for pair in sorted(held.items()) for n in pair)
        )
        for period, held in stored.items()
        if held
    }


def _firsts(values: Mapping[str, Any]) -> FirstTouches:
    return {
        int(name[1:]): dict(struct.iter_unpack(">QI", data))
        for name, data in values.items()
        if name.startswith("p")
    }
