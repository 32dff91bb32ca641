"""The alert queue, as delivery sees it."""

from typing import Protocol

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.message import Message, Unreadable

MOST_DELAY_SECONDS = 900  # the longest that SQS holds a message back


class Queue(Protocol):
    """Where messages come from and go back to. A queue that does not answer raises StoreError."""

    def send(self, message: Message | Alert, delay_seconds: int = 0) -> None:
        """Put a message on the queue; it appears after the delay, at most MOST_DELAY_SECONDS."""
        ...

    def bury(self, message: Message | Unreadable) -> None:
        """Put a message, whose `reason` says why, on the dead-letter queue."""
        ...
