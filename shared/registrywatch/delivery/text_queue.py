"""The alert queue over queues of text, in whatever cloud these are."""

from typing import Protocol

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.message import Message, Unreadable, encode_message


class Texts(Protocol):
    """A queue of texts. A queue that does not answer raises StoreError."""

    def send(self, text: str, delay_seconds: int = 0) -> None:
        """Sends a text that appears after `delay_seconds`."""
        ...


class AlertQueue:
    """See `registrywatch.delivery.queue.Queue`; a message has at most `longest` characters."""

    def __init__(self, queue: Texts, dead_letters: Texts, longest: int) -> None:
        self._queue = queue
        self._dead_letters = dead_letters
        self._longest = longest

    def send(self, message: Message | Alert, delay_seconds: int = 0) -> None:
        self._queue.send(encode_message(message, self._longest), delay_seconds)

    def bury(self, message: Message | Unreadable) -> None:
        self._dead_letters.send(encode_message(message, self._longest))
