"""One queue of Azure Storage: texts are sent, and read back from dead-letter queues.

The Functions host reads base64 unless host.json says otherwise, so clients carry a
TextBase64EncodePolicy (`registrywatch.azure.clients`). The dead-letter queue of a trigger's queue
is the host's own, `<queue>-poison`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from registrywatch.azure.clients import store_errors

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueMessage

MOST_CHARACTERS = 48 * 1024
"""What fits into a message: 64 KiB in base64, if every character is ASCII."""

_KEEP_FOREVER = -1  # a message waits for a person, not for seven days
_HIDDEN_SECONDS = 120  # how long a dead letter is hidden from other readers


class Queue:
    """The queue behind a client of azure-storage-queue. Everything raises StoreError."""

    def __init__(self, client: "QueueClient") -> None:
        self._client = client

    @property
    def name(self) -> str:
        return self._client.queue_name

    def send(self, text: str, delay_seconds: int = 0) -> None:
        """Sends a text that appears after `delay_seconds`."""
        with store_errors(f"queue {self.name}"):
            self._client.send_message(
                text, visibility_timeout=delay_seconds, time_to_live=_KEEP_FOREVER
            )

    def letters(self, before: float) -> Iterator["Letter"]:
        """The messages sent before a time (seconds since the epoch), each once, then hidden."""
        seen: set[str] = set()
        with store_errors(f"queue {self.name}"):
            for message in self._client.receive_messages(visibility_timeout=_HIDDEN_SECONDS):
                if message.id in seen:
                    return
                seen.add(message.id)
                if message.inserted_on and message.inserted_on.timestamp() <= before:
                    yield Letter(self._client, message)

    def depth(self) -> int:
        """About how many messages are in it, those hidden too."""
        with store_errors(f"queue {self.name}"):
            return self._client.get_queue_properties().approximate_message_count or 0


class Letter:
    """A message of a dead-letter queue, hidden from other readers for a while."""

    def __init__(self, client: "QueueClient", message: "QueueMessage") -> None:
        self._client, self._message = client, message

    @property
    def body(self) -> str:
        return str(self._message.content)

    def remove(self) -> None:
        """Deletes it. Raises StoreError."""
        with store_errors(f"queue {self._client.queue_name}"):
            self._client.delete_message(self._message)

    def release(self) -> None:
        """Shows it to others again, at once. Raises StoreError."""
        from azure.core.exceptions import ResourceNotFoundError

        with store_errors(f"queue {self._client.queue_name}"):
            try:
                self._client.update_message(
                    self._message, visibility_timeout=0, content=self._message.content
                )
            except ResourceNotFoundError:
                return  # it appeared again by itself, and another reader has it
