"""The alert queue in Azure Queue Storage.

The Functions host reads base64 unless host.json says otherwise: give both clients a
TextBase64EncodePolicy. The dead-letter queue is the host's own poison queue, `<queue>-poison`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.message import Message, Unreadable, encode_message
from registrywatch.errors import StoreError

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueMessage

MOST_CHARACTERS = 48 * 1024  # 64 KiB in base64
KEEP_FOREVER = -1  # a poison message waits for a person, not for seven days
# The account of Microsoft's emulator, the same on every machine and in its documentation
_AZURITE = {
    "account_name": "devstoreaccount1",
    "account_key": (
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    ),
}
_HIDDEN_SECONDS = 120  # how long a dead letter is kept from others while it is looked at


class StorageQueue:
    """The queue behind the client `queue`, its dead-letter queue behind `poison`."""

    def __init__(self, queue: "QueueClient", poison: "QueueClient") -> None:
        self._queue = queue
        self._poison = poison

    def send(self, message: Message | Alert, delay_seconds: int = 0) -> None:
        _send(self._queue, encode_message(message, MOST_CHARACTERS), delay_seconds)

    def bury(self, message: Message | Unreadable) -> None:
        _send(self._poison, encode_message(message, MOST_CHARACTERS), 0)


class StorageLetter:
    """A message of a poison queue, hidden from others for a while."""

    def __init__(self, queue: "QueueClient", message: "QueueMessage") -> None:
        self._queue, self._message = queue, message

    @property
    def body(self) -> str:
        return str(self._message.content)

    def remove(self) -> None:
        from azure.core.exceptions import AzureError

        try:
            self._queue.delete_message(self._message)
        except AzureError as error:
            raise StoreError(
                f"queue {self._queue.queue_name}: a message can't be removed: {error}"
            ) from error

    def release(self) -> None:
        from azure.core.exceptions import AzureError, ResourceNotFoundError

        try:
            self._queue.update_message(
                self._message, visibility_timeout=0, content=self._message.content
            )
        except ResourceNotFoundError:
            return  # it has shown again by itself, and somebody else has it
        except AzureError as error:
            raise StoreError(
                f"queue {self._queue.queue_name}: a message can't be released: {error}"
            ) from error


def storage_client(url: str) -> "QueueClient":
    """A client for the queue at `url` by the identity of the shell; Azurite's by its public key."""
    from azure.identity import DefaultAzureCredential
    from azure.storage.queue import QueueClient, TextBase64DecodePolicy, TextBase64EncodePolicy

    local = urlsplit(url).path.startswith(f"/{_AZURITE['account_name']}/")
    return QueueClient.from_queue_url(
        url,
        credential=_AZURITE if local else DefaultAzureCredential(),
        message_encode_policy=TextBase64EncodePolicy(),
        message_decode_policy=TextBase64DecodePolicy(),
    )


def storage_letters(queue: "QueueClient", before: float) -> Iterator[StorageLetter]:
    """The messages of a queue, each once, that were sent before a time in seconds."""
    from azure.core.exceptions import AzureError

    seen: set[str] = set()
    try:
        for message in queue.receive_messages(visibility_timeout=_HIDDEN_SECONDS):
            if message.id in seen:
                return
            seen.add(message.id)
            if message.inserted_on and message.inserted_on.timestamp() <= before:
                yield StorageLetter(queue, message)
    except AzureError as error:
        raise StoreError(f"queue {queue.queue_name}: it can't be read: {error}") from error


def _send(queue: "QueueClient", body: str, delay_seconds: int) -> None:
    from azure.core.exceptions import AzureError

    try:
        queue.send_message(body, visibility_timeout=delay_seconds, time_to_live=KEEP_FOREVER)
    except AzureError as error:
        raise StoreError(f"queue {queue.queue_name}: a message can't be sent: {error}") from error
