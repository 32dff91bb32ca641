"""What waits in the dead-letter queues, and since when: the alarms ring for each new letter.

A queue says how many messages it holds, not when the last one arrived. The first 32 messages show
that exactly; in a longer queue, a number that grew shows it.
"""

import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from registrywatch.azure.log_lines import log
from registrywatch.errors import StoreError
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

        If the rows do not answer, the messages that the queue shows must do. Raises StoreError if
        the queue does not answer.
        """
        try:
            row = self._rows.get(queue.name)
        except StoreError as error:
            log("dead_letters_not_noted", level=logging.WARNING, reason=str(error))
            return Waiting(queue.depth(), queue.newest() or 0.0)
        before = msgspec.convert(row.values, Waiting) if row else Waiting()
        messages, newest = queue.depth(), before.newest
        if messages:
            newest = max(newest, queue.newest() or 0.0)
            if newest == before.newest and messages > before.messages:
                newest = self._clock()
        now = Waiting(messages, newest)
        if now != before:
            self._note(queue.name, now)
        return now

    def _note(self, name: str, waiting: Waiting) -> None:
        """If that fails, the next look sees the same messages."""
        try:
            self._rows.put(name, msgspec.structs.asdict(waiting))
        except StoreError as error:
            log("dead_letters_not_noted", level=logging.WARNING, reason=str(error))
