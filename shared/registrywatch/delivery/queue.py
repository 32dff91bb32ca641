"""The alert queue and its dead letters, over two queues of texts; how messages get there."""

import math
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from registrywatch.alerts.alarm import is_alarm
from registrywatch.alerts.alert import Alert
from registrywatch.delivery.destinations.kind import Destination
from registrywatch.delivery.message import (
    Message,
    Outcome,
    Unreadable,
    encode_message,
    messages_for,
    outcome_of,
)

MOST_DELAY_SECONDS = 900  # the longest delay of a message in SQS


class Texts(Protocol):
    """A queue of texts. A queue that does not answer raises StoreError."""

    def send(self, text: str, delay_seconds: int = 0) -> None:
        """Send a text that appears after `delay_seconds`."""
        ...


class Queue(Protocol):
    """The alert queue and its dead letters. A queue that does not answer raises StoreError."""

    def send(self, message: Message | Alert, delay_seconds: int = 0) -> None:
        """Put a message on the queue; it appears after the delay, at most MOST_DELAY_SECONDS."""
        ...

    def dead_letter(self, message: Message | Unreadable) -> None:
        """Put a message, whose `reason` says why, on the dead-letter queue."""
        ...


class AlertQueue:
    """See `Queue`, over two queues of texts; a message has at most `longest` characters."""

    def __init__(self, queue: Texts, dead_letters: Texts, longest: int) -> None:
        self._queue = queue
        self._dead_letters = dead_letters
        self._longest = longest

    def send(self, message: Message | Alert, delay_seconds: int = 0) -> None:
        self._queue.send(encode_message(message, self._longest), delay_seconds)

    def dead_letter(self, message: Message | Unreadable) -> None:
        self._dead_letters.send(encode_message(message, self._longest))


class AlertSender:
    """Hands alerts over to the alert queue: one message for each destination that wants it.

    Called with an alert, it returns the number of these destinations. Raises StoreError; the alert
    must then be raised again, and delivery recognises by its id what was already sent.
    """

    def __init__(
        self,
        destinations: Iterable[Destination],
        queue: Texts,
        longest: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._destinations = tuple(destinations)
        self._queue = queue
        self._longest = longest
        self._clock = clock

    def __call__(self, alert: Alert) -> int:
        messages = messages_for(alert, self._destinations, self._clock())
        for message in messages:
            self._queue.send(encode_message(message, self._longest))
        return len(messages)


def put_back(
    message: Message, seconds: float, reason: str | None, queue: Queue, now: float
) -> Outcome:
    """Put a message on the queue again; it is handled after so many seconds. Raises StoreError."""
    later = msgspec.structs.replace(message, not_before=now + seconds, reason=reason)
    delay = delay_seconds(seconds)
    queue.send(later, delay)
    return outcome_of("rescheduled", message, now, reason, delay)


def dead_letter(message: Message, reason: str, queue: Queue, now: float) -> Outcome:
    """Put a message on the dead-letter queue. Raises StoreError.

    An alert about an alarm is given up instead: a dead letter would ring the next alarm.
    """
    if is_alarm(message.alert):
        return outcome_of("given_up", message, now, reason)
    queue.dead_letter(msgspec.structs.replace(message, reason=reason))
    return outcome_of("dead_lettered", message, now, reason)


def delay_seconds(seconds: float) -> int:
    """The delay for the queue, which is limited; `not_before` covers the rest."""
    return min(max(math.ceil(seconds), 0), MOST_DELAY_SECONDS)
