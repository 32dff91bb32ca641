"""A queue of Azure Storage to which the functions send messages of their own."""

from typing import TYPE_CHECKING

from registrywatch.errors import StoreError

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient

MOST_CHARACTERS = 48 * 1024
"""What fits into a message: 64 KiB in base64, if every character is ASCII."""

_KEEP_FOREVER = -1


class Queue:
    """A queue, by its client (with a TextBase64EncodePolicy: the Functions host reads base64)."""

    def __init__(self, client: "QueueClient") -> None:
        self._client = client

    @property
    def name(self) -> str:
        return self._client.queue_name

    def send(self, text: str, delay_seconds: int = 0) -> None:
        """Sends a text that shows after `delay_seconds`. Raises StoreError."""
        from azure.core.exceptions import AzureError

        try:
            self._client.send_message(
                text, visibility_timeout=delay_seconds, time_to_live=_KEEP_FOREVER
            )
        except AzureError as error:
            raise StoreError(f"queue {self.name}: {type(error).__name__}") from error

    def depth(self) -> int:
        """About how many messages lie in it. Raises StoreError."""
        from azure.core.exceptions import AzureError

        try:
            return self._client.get_queue_properties().approximate_message_count or 0
        except AzureError as error:
            raise StoreError(f"queue {self.name}: {type(error).__name__}") from error
