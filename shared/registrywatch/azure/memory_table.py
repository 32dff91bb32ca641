"""The detector's memory in a table: what one worker was told, every other knows too."""

from collections.abc import Callable

from registrywatch.azure.table import Rows

KEPT_SECONDS = 3 * 86_400
"""Longer than Event Grid (24 hours) and an Event Hub (a day) may deliver once more."""


class TableMemory:
    """See `registrywatch.detector.memory.Memory`. `clock` gives seconds since the epoch.

    Rows last by the clock of their writing, not by the event's: a repetition may come late.
    """

    def __init__(self, rows: Rows, clock: Callable[[], float]) -> None:
        self._rows = rows
        self._clock = clock

    def get(self, key: str) -> str | None:
        """See `Memory`."""
        row = self._rows.get(key)
        return None if row is None else str(row.values["value"])

    def keep(self, key: str, value: str, time: float) -> str:
        """See `Memory`."""
        until = self._clock() + KEPT_SECONDS
        while not self._rows.create(key, {"value": value, "until": until, "time": time}):
            kept = self.get(key)
            if kept is not None:  # else it was swept between the two calls
                return kept
        return value

    def sweep(self) -> int:
        """Forgets what is old enough; returns how many entries."""
        return self._rows.sweep(self._clock())
