"""The alert queue in Amazon SQS."""

from typing import Any

from registrywatch.delivery.message import Message, Unreadable, encode_message
from registrywatch.errors import StoreError

MOST_BYTES = 240 * 1024  # SQS took 256 KiB until 2025 and more since; an alert never needs that


class SqsQueue:
    """The queue at `url` with its dead-letter queue at `dead_letters`, both standard queues."""

    def __init__(self, url: str, dead_letters: str, client: Any = None) -> None:
        self._url = url
        self._dead_letters = dead_letters
        self._client = client or _client()

    def send(self, message: Message, delay_seconds: int = 0) -> None:
        self._send(self._url, encode_message(message, MOST_BYTES), DelaySeconds=delay_seconds)

    def bury(self, message: Message | Unreadable) -> None:
        self._send(self._dead_letters, encode_message(message, MOST_BYTES))

    def _send(self, url: str, body: str, **further: int) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.send_message(QueueUrl=url, MessageBody=body, **further)
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"queue {url}: a message can't be sent: {error}") from error


def _client() -> Any:
    import boto3
    from botocore.config import Config

    limits = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4}
    )
    return boto3.client("sqs", config=limits)
