"""What a detector remembers between events: alerts raised, deletes that belong together, states.

In a process it is bounded: at least a day of event time, and at least the last 100,000 entries.
"""

from collections.abc import Callable
from typing import Protocol

from registrywatch.rows import Rows
from registrywatch.times import DAY

KEEP = 100_000


class Memory(Protocol):
    """Values by key. `time` is the event's, in seconds since the epoch.

    A value is kept for at least `lasts` seconds.
    """

    lasts: float

    def get(self, key: str) -> str | None:
        """The value kept under `key`, None if there is none or it was forgotten."""

    def keep(self, key: str, value: str, time: float) -> str:
        """Keep `value` unless there is one already. Returns the one that is kept: the first."""


class InMemory:
    """The memory of one process: two generations, of which the older is dropped as a whole."""

    lasts: float = DAY

    def __init__(self) -> None:
        self._young: dict[str, str] = {}
        self._old: dict[str, str] = {}
        self._since: float | None = None

    def get(self, key: str) -> str | None:
        """See `Memory`."""
        value = self._young.get(key)
        return self._old.get(key) if value is None else value

    def keep(self, key: str, value: str, time: float) -> str:
        """See `Memory`."""
        if (known := self.get(key)) is not None:
            return known
        if self._since is None:
            self._since = time
        # Backwards too: a replay may begin with the newest events.
        if len(self._young) >= KEEP and abs(time - self._since) > DAY:
            self._young, self._old, self._since = {}, self._young, time
        self._young[key] = value
        return value


class RowMemory:
    """A memory in rows, which workers share. `clock` gives seconds since the epoch.

    Rows expire by the clock, not by the event's time, because a repetition may arrive late.
    Methods raise StoreError.
    """

    def __init__(self, rows: Rows, clock: Callable[[], float], lasts: float) -> None:
        self.lasts = lasts
        self._rows = rows
        self._clock = clock

    def get(self, key: str) -> str | None:
        """See `Memory`."""
        row = self._rows.get(key)
        return None if row is None else str(row.values["value"])

    def keep(self, key: str, value: str, time: float) -> str:
        """See `Memory`."""
        until = self._clock() + self.lasts
        while self._rows.create(key, {"value": value, "time": time}, until) is None:
            kept = self.get(key)
            if kept is not None:  # otherwise it was swept between the two calls
                return kept
        return value
