"""One queue of Azure Storage: texts are sent, and received from dead-letter queues.

The Functions host reads base64 unless host.json says otherwise, so clients have a
TextBase64EncodePolicy (`registrywatch.azure.clients`). The host itself creates the dead-letter
queue of a trigger's queue, `<queue>-poison`.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from registrywatch.azure.clients import store_errors
from registrywatch.azure.stuck_queues import FirstMessage
from registrywatch.errors import Conflict, NotFound, StoreError, Undecodable

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueMessage

MOST_CHARACTERS = 48 * 1024
"""The longest message: 64 KiB in base64, if every character is ASCII."""
_KEEP_FOREVER = -1  # a message waits for a person; the default is seven days
_BATCH = 32  # messages, by Azure Storage
_HIDDEN_SECONDS = 120  # how long a dead letter is hidden from other readers


class Queue:
    """The queue of a client of azure-storage-queue. Every method may raise StoreError."""

    longest = MOST_CHARACTERS

    def __init__(self, client: "QueueClient") -> None:
        self._client = client

    @property
    def name(self) -> str:
        return self._client.queue_name

    def send(self, text: str, delay_seconds: int = 0) -> None:
        """Send a text that appears after `delay_seconds`."""
        with store_errors(f"queue {self.name}"):
            self._client.send_message(
                text, visibility_timeout=delay_seconds, time_to_live=_KEEP_FOREVER
            )

    def send_all(self, texts: Sequence[str]) -> dict[int, str]:
        """Send several texts; returns why some were not sent, by their place."""
        failed = {}
        for place, text in enumerate(texts):
            try:
                self.send(text)
            except StoreError as error:
                failed[place] = str(error)
        return failed

    def letters(self, before: float) -> Iterator[list["ReceivedLetter"]]:
        """Receive the messages sent before a time (seconds since the epoch), each once.

        They are hidden then. Those that are not removed appear again after a while and are hidden
        again; the end is reached when the queue shows no message.
        """
        from registrywatch.delivery.redelivery import each_once

        return each_once(self._receive, before)

    def _receive(self) -> list["ReceivedLetter"]:
        with store_errors(f"queue {self.name}"):
            received = self._client.receive_messages(
                max_messages=_BATCH, visibility_timeout=_HIDDEN_SECONDS
            )
            return [ReceivedLetter(message) for message in received]

    def remove(self, letters: Sequence["ReceivedLetter"]) -> None:
        """Delete letters; one that another reader has received is left to that reader."""
        for letter in letters:
            with suppress(Conflict, NotFound), store_errors(f"queue {self.name}"):
                self._client.delete_message(letter.receipt)

    def release(self, letters: Sequence["ReceivedLetter"]) -> None:
        """Make letters visible to others again at once; one that is already visible stays so."""
        for letter in letters:  # a receipt that has expired: the letter is visible to others
            with suppress(Conflict, NotFound), store_errors(f"queue {self.name}"):
                self._client.update_message(
                    letter.receipt, visibility_timeout=0, content=letter.body
                )

    def depth(self) -> int:
        """The approximate number of messages, including hidden ones."""
        with store_errors(f"queue {self.name}"):
            return self._client.get_queue_properties().approximate_message_count or 0

    def newest(self) -> float | None:
        """When the last of its first 32 messages was sent, in seconds since the epoch.

        None if it shows none: they are hidden, or not in base64.
        """
        sent = [each.inserted_on.timestamp() for each in self._peek(_BATCH) if each.inserted_on]
        return max(sent, default=None)

    def first_message(self) -> FirstMessage | None:
        """The first message that it shows, None if it shows none; its text is not looked at."""
        shown = self._peek(1)
        return FirstMessage(str(shown[0].id), shown[0].dequeue_count or 0) if shown else None

    def _peek(self, most: int) -> Sequence["QueueMessage"]:
        """The first messages that it shows; none if one of them is not in base64."""
        try:
            with store_errors(f"queue {self.name}"):
                return self._client.peek_messages(max_messages=most)
        except Undecodable:
            return ()


class ReceivedLetter:
    """A message of a dead-letter queue, hidden from other readers for a while."""

    def __init__(self, message: "QueueMessage") -> None:
        self.id = str(message.id)
        self.body = str(message.content)
        self.sent = message.inserted_on.timestamp() if message.inserted_on else 0.0
        self.receipt = message
