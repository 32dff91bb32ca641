"""Whether a destination answers: this process pauses after a failure; all share what they know.

What they know is an entry of the ledger about the present outage. It is read after each attempt,
because another process may have failed or succeeded in the meantime. The other destinations are
informed of a long outage once, and again of its end.
"""

import threading
from collections.abc import Iterable

import msgspec

from registrywatch.alerts.alarm import is_alarm
from registrywatch.alerts.alert import Alert
from registrywatch.delivery.destinations.kind import Answer, Destination
from registrywatch.delivery.ledger import Cell, Ledger, json_codec
from registrywatch.delivery.message import Message
from registrywatch.delivery.outage import (
    SILENT_SECONDS,
    Outage,
    answers_again,
    not_answering,
)
from registrywatch.delivery.queue import Queue
from registrywatch.digests import digest

_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 600.0


class Pause:
    """The time in which this process sends nothing, because the destination has just failed.

    It is as long as the destination asked for; else 5 seconds, doubled with each failure in a row,
    up to 10 minutes. May be shared by threads.
    """

    def __init__(self) -> None:
        self._until = 0.0
        self._failures = 0
        self._lock = threading.Lock()

    def begin(self, now: float, asked: float | None) -> None:
        """An attempt failed; `asked` is the wait in seconds that the destination asked for."""
        with self._lock:
            pause = min(_FIRST_PAUSE * 2.0 ** min(self._failures, 10), _LONGEST_PAUSE)
            self._failures += 1
            self._until = now + (pause if asked is None else asked)

    def end(self) -> None:
        """The destination has answered."""
        with self._lock:
            self._failures, self._until = 0, 0.0

    def left(self, now: float) -> float:
        """Seconds until the next attempt; 0 if it may be made now."""
        return max(self._until - now, 0.0)


_CODEC = json_codec(Outage)
_NONE = Outage()


class Health:
    """The health of one destination; `others` are the names of those that are informed."""

    def __init__(
        self,
        to: Destination,
        others: Iterable[str],
        ledger: Ledger,
        queue: Queue,
        give_up_seconds: float,
    ) -> None:
        self._to = to
        self._others = tuple(others)
        self._ledger = ledger
        self._queue = queue
        self._give_up_seconds = give_up_seconds
        self._pause = Pause()

    def pause(self, now: float) -> float:
        """Seconds for which nothing is sent, because an attempt has just failed."""
        return self._pause.left(now)

    def note_failure(self, message: Message, answer: Answer, now: float, *, last: bool) -> None:
        """An attempt failed; `last`: it was the message's last. Raises StoreError."""
        if answer.verdict == "try_again":
            self._pause.begin(now, answer.after)
        cell = self._cell()
        before = cell.read() or _NONE
        outage = _with_failure(before, message, answer, now, last)
        if now - outage.since >= SILENT_SECONDS and not outage.informed:
            # Sent before it is recorded: after a crash in between the messages are sent again, and
            # recognised by their ids.
            notice = not_answering(self._to, outage, message.alert, self._give_up_seconds)
            self._inform(self._others, notice, now)
            outage = msgspec.structs.replace(outage, informed=self._others)
        if outage is not before:
            cell.swap(outage)  # a lost race miscounts by one, or repeats a message

    def note_wait(self) -> None:
        """An alert waits without an attempt, because other alerts failed. Raises StoreError."""
        cell = self._cell()
        outage = cell.read()
        if outage and outage.since:
            cell.swap(msgspec.structs.replace(outage, waiting=outage.waiting + 1))

    def note_success(self, message: Message, now: float) -> None:
        """An attempt succeeded. Raises StoreError."""
        self._pause.end()
        cell = self._cell()
        outage = cell.read() or _NONE
        if outage.since:
            notice = answers_again(self._to, outage, message.alert, now)
            self._inform(outage.informed, notice, now)
            cell.swap(_NONE)

    def _inform(self, names: Iterable[str], alert: Alert, now: float) -> None:
        for name in names:
            self._queue.send(
                Message(destination=name, alert=alert, kind="notice", since=now, raised=now)
            )

    def _cell(self) -> Cell[Outage]:
        return Cell(self._ledger, "h" + digest(self._to.name).hex(), _CODEC)


def _with_failure(
    outage: Outage, message: Message, answer: Answer, now: float, last: bool
) -> Outage:
    if not outage.since:
        outage = Outage(since=now, waiting=1, reason=answer.reason[:200])
    elif message.reason is None:  # otherwise it was counted before
        outage = msgspec.structs.replace(outage, waiting=outage.waiting + 1)
    if last and not is_alarm(message.alert):  # an alert about an alarm is no dead letter
        outage = msgspec.structs.replace(outage, dead=outage.dead + 1)
    return outage
