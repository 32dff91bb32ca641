"""What waits in the dead-letter queues, and since when: the alarms ring for each new letter.

A queue says how many messages it holds, not when the last one arrived. The first 32 messages show
that exactly; in a longer queue, a number that grew shows it.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from registrywatch.rows import Rows


class DeadLetterQueue(Protocol):
    """A queue of what was not handled. It raises StoreError if it does not answer."""

    @property
    def name(self) -> str: ...

    def depth(self) -> int:
        """How many messages there are, about."""
        ...

    def newest(self) -> float | None:
        """When the last of the messages that it shows arrived, in seconds since the epoch."""
        ...


class Waiting(msgspec.Struct, frozen=True):
    """About how many messages wait, and when the newest arrived (seconds since the epoch)."""

    messages: int = 0
    newest: float = 0.0


class DeadLetterWatch:
    """Looks at dead-letter queues; `rows` hold what the last look saw, by the queue's name."""

    def __init__(self, rows: Rows, clock: Callable[[], float]) -> None:
        self._rows = rows
        self._clock = clock

    def look(self, queue: DeadLetterQueue) -> Waiting:
        """What waits in the queue. `newest` is later than at the last look if a message arrived.

        Raises StoreError.
        """
        row = self._rows.get(queue.name)
        before = msgspec.convert(row.values, Waiting) if row else Waiting()
        messages, newest = queue.depth(), before.newest
        if messages:
            newest = max(newest, queue.newest() or 0.0)
            if newest == before.newest and messages > before.messages:
                newest = self._clock()
        now = Waiting(messages, newest)
        if now != before:
            self._rows.put(queue.name, msgspec.structs.asdict(now))
        return now
