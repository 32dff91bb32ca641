"""One queue of Azure Storage: texts are sent, and read back from dead-letter queues.

The Functions host reads base64 unless host.json says otherwise, so clients carry a
TextBase64EncodePolicy (`registrywatch.azure.clients`). The dead-letter queue of a trigger's queue
is the host's own, `<queue>-poison`.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from registrywatch.azure.clients import store_errors
from registrywatch.errors import StoreError

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueMessage

MOST_CHARACTERS = 48 * 1024
"""What fits into a message: 64 KiB in base64, if every character is ASCII."""

_KEEP_FOREVER = -1  # a message waits for a person, not for seven days
_BATCH = 32  # messages, by Azure Storage
_HIDDEN_SECONDS = 120  # how long a dead letter is hidden from other readers


class Queue:
    """The queue behind a client of azure-storage-queue. Everything raises StoreError."""

    longest = MOST_CHARACTERS

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

    def send_all(self, texts: Sequence[str]) -> dict[int, str]:
        """Sends several texts; returns why some were not sent, by their place."""
        failed = {}
        for place, text in enumerate(texts):
            try:
                self.send(text)
            except StoreError as error:
                failed[place] = str(error)
        return failed

    def letters(self, before: float) -> Iterator[list["Letter"]]:
        """The messages sent before a time (seconds since the epoch), each once, then hidden.

        Those that stay appear again after a while: they are hidden again, and the end is a queue
        that shows nothing more.
        """
        seen: dict[str, Letter] = {}
        while True:
            with store_errors(f"queue {self.name}"):
                received = [
                    *self._client.receive_messages(
                        max_messages=_BATCH, visibility_timeout=_HIDDEN_SECONDS
                    )
                ]
            if not received:
                return
            new = []
            for message in received:
                if message.id in seen:
                    seen[message.id].message = message
                    continue
                letter = seen[message.id] = Letter(message)
                if letter.sent <= before:
                    new.append(letter)
            if new:
                yield new

    def remove(self, letters: Sequence["Letter"]) -> None:
        """Deletes letters; one that another reader has taken over is left to that reader."""
        from azure.core.exceptions import ResourceNotFoundError

        for letter in letters:
            with store_errors(f"queue {self.name}"), suppress(ResourceNotFoundError):
                self._client.delete_message(letter.message)

    def release(self, letters: Sequence["Letter"]) -> None:
        """Shows letters to others again, at once; one that shows already is left alone."""
        from azure.core.exceptions import HttpResponseError

        for letter in letters:
            with store_errors(f"queue {self.name}"):
                try:
                    self._client.update_message(
                        letter.message, visibility_timeout=0, content=letter.body
                    )
                except HttpResponseError as error:
                    # Its receipt is out of date: it became visible, and others see it
                    if error.status_code not in (400, 404):
                        raise

    def depth(self) -> int:
        """About how many messages are in it, those hidden too."""
        with store_errors(f"queue {self.name}"):
            return self._client.get_queue_properties().approximate_message_count or 0

    def newest(self) -> float | None:
        """When the last of its first 32 messages was sent, in seconds since the epoch.

        None if it shows none: they are hidden, or not in base64.
        """
        from azure.core.exceptions import DecodeError, IncompleteReadError

        with store_errors(f"queue {self.name}"):
            try:
                shown = self._client.peek_messages(max_messages=_BATCH)
            except IncompleteReadError:  # it is a DecodeError too
                raise
            except DecodeError:
                return None
        sent = [each.inserted_on.timestamp() for each in shown if each.inserted_on]
        return max(sent, default=None)


class Letter:
    """A message of a dead-letter queue, hidden from other readers for a while."""

    def __init__(self, message: "QueueMessage") -> None:
        self.id = str(message.id)
        self.body = str(message.content)
        self.sent = message.inserted_on.timestamp() if message.inserted_on else 0.0
        self.message = message
