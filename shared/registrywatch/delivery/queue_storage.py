"""The alert queue in Azure Queue Storage.

The Functions host reads base64 unless host.json says otherwise: give both clients a
TextBase64EncodePolicy. The dead-letter queue is the host's own poison queue, `<queue>-poison`.
"""

from typing import TYPE_CHECKING

from registrywatch.delivery.message import Message, Unreadable, encode_message
from registrywatch.errors import StoreError

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient

MOST_CHARACTERS = 48 * 1024  # 64 KiB in base64
KEEP_FOREVER = -1  # a poison message waits for a person, not for seven days


class StorageQueue:
    """The queue behind the client `queue`, its dead-letter queue behind `poison`."""

    def __init__(self, queue: "QueueClient", poison: "QueueClient") -> None:
        self._queue = queue
        self._poison = poison

    def send(self, message: Message, delay_seconds: int = 0) -> None:
        _send(self._queue, encode_message(message, MOST_CHARACTERS), delay_seconds)

    def bury(self, message: Message | Unreadable) -> None:
        _send(self._poison, encode_message(message, MOST_CHARACTERS), 0)


def _send(queue: "QueueClient", body: str, delay_seconds: int) -> None:
    from azure.core.exceptions import AzureError

    try:
        queue.send_message(body, visibility_timeout=delay_seconds, time_to_live=KEEP_FOREVER)
    except AzureError as error:
        raise StoreError(f"queue {queue.queue_name}: a message can't be sent: {error}") from error
