"""Queues that no function takes from: the same message is still the first one at the next look.

A message that fails is hidden and counted each time it is received, and one that waits is hidden as
well, so only what no function takes stays as it is.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from registrywatch.rows import Rows


class FirstMessage(msgspec.Struct, frozen=True):
    """The first message that a queue shows: its id, and how often it was received."""

    message: str = ""
    receipts: int = 0


class TriggersQueue(Protocol):
    """A queue that a function is triggered by. It raises StoreError if it does not answer."""

    @property
    def name(self) -> str: ...

    def first_message(self) -> FirstMessage | None:
        """The first message that it shows, None if it shows none."""
        ...


class StuckWatch:
    """Looks at queues; `rows` hold what the last look saw, by the queue's name."""

    def __init__(
        self, rows: Rows, clock: Callable[[], float], least_seconds: float = 240.0
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._least_seconds = least_seconds

    def is_stuck(self, queue: TriggersQueue) -> bool:
        """Whether the first message has been there, and not been received, since an earlier look.

        Looks less than `least_seconds` apart say nothing. Raises StoreError.
        """
        row = self._rows.get(queue.name)
        first, now = queue.first_message() or FirstMessage(), self._clock()
        seen = (
            FirstMessage(str(row.values["message"]), int(row.values["receipts"]))
            if row
            else FirstMessage()
        )
        if row is not None and first == seen:
            waited = now - float(row.values["since"])
            return bool(first.message) and waited >= self._least_seconds
        self._rows.put(queue.name, {**msgspec.structs.asdict(first), "since": now})
        return False
