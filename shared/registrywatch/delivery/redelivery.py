"""From the dead-letter queue back to the alert queue."""

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.message import Message, decode_message
from registrywatch.delivery.queue import Queue
from registrywatch.errors import UnreadableInput


class DeadLetter(Protocol):
    """A message as the dead-letter queue handed it out."""

    @property
    def body(self) -> str: ...

    def remove(self) -> None:
        """Take it off the queue for good. Raises StoreError."""
        ...

    def release(self) -> None:
        """Let others see it again, who were kept from it meanwhile. Raises StoreError."""
        ...


class Moved(msgspec.Struct, frozen=True):
    """What became of a dead letter: sent again, or left where it is because it is no message."""

    message: Message | Alert | None
    problem: str | None = None


def redeliver(
    letters: Iterable[DeadLetter],
    queue: Queue,
    now: Callable[[], float],
    moved: Callable[[Moved], None],
    wanted: Callable[[Message | Alert], bool] = lambda _: True,
    dry_run: bool = False,
) -> None:
    """Send every wanted letter again, as if its way began now; `moved` is told of each.

    It is put on the queue first and taken off after: a crash between makes a second copy, which the
    ledger knows. What stays is released at the end, so that the next call sees it. Raises
    StoreError.
    """
    staying: list[DeadLetter] = []
    for letter in letters:
        try:
            message = decode_message(letter.body)
        except UnreadableInput as error:
            staying.append(letter)
            moved(Moved(None, str(error)))
            continue
        if dry_run or not wanted(message):
            staying.append(letter)
        else:
            queue.send(afresh(message, now()))
            letter.remove()
        if wanted(message):
            moved(Moved(message))
    for letter in staying:
        letter.release()


def afresh(message: Message | Alert, now: float) -> Message | Alert:
    """The message without what happened on its way so far."""
    if isinstance(message, Alert):
        return message
    return msgspec.structs.replace(message, since=now, not_before=0, waits=0, turn=0, reason=None)
