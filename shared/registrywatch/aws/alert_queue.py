"""The alert queue in Amazon SQS."""

from collections.abc import Iterator
from typing import Any

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.message import Message, Unreadable, encode_message
from registrywatch.errors import StoreError

MOST_BYTES = 240 * 1024  # SQS took 256 KiB until 2025 and more since; an alert never needs that
_HIDDEN_SECONDS = 120  # how long a dead letter is kept from others while it is looked at


class SqsQueue:
    """The queue at `url` with its dead-letter queue at `dead_letters`, both standard queues."""

    def __init__(self, url: str, dead_letters: str, client: Any = None) -> None:
        self._url = url
        self._dead_letters = dead_letters
        self._client = client or _client()

    def send(self, message: Message | Alert, delay_seconds: int = 0) -> None:
        self._send(self._url, encode_message(message, MOST_BYTES), DelaySeconds=delay_seconds)

    def bury(self, message: Message | Unreadable) -> None:
        self._send(self._dead_letters, encode_message(message, MOST_BYTES))

    def _send(self, url: str, body: str, **further: int) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.send_message(QueueUrl=url, MessageBody=body, **further)
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"queue {url}: a message can't be sent: {error}") from error


class SqsLetter:
    """A message of a dead-letter queue, hidden from others for a while."""

    def __init__(self, client: Any, url: str, message: dict[str, Any]) -> None:
        self._client, self._url, self._message = client, url, message

    @property
    def body(self) -> str:
        return str(self._message["Body"])

    def remove(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.delete_message(
                QueueUrl=self._url, ReceiptHandle=self._message["ReceiptHandle"]
            )
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"queue {self._url}: a message can't be removed: {error}") from error

    def release(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.change_message_visibility(
                QueueUrl=self._url,
                ReceiptHandle=self._message["ReceiptHandle"],
                VisibilityTimeout=0,
            )
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"queue {self._url}: a message can't be released: {error}") from error


def sqs_letters(url: str, before: float, client: Any = None) -> Iterator[SqsLetter]:
    """The messages of the queue at `url`, each once, that were sent before a time in seconds."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = client or _client()
    seen: set[str] = set()
    while True:
        try:
            answer = client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                VisibilityTimeout=_HIDDEN_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
            )
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"queue {url}: it can't be read: {error}") from error
        new = [each for each in answer.get("Messages", ()) if each["MessageId"] not in seen]
        if not new:
            return
        for message in new:
            seen.add(message["MessageId"])
            if int(message["Attributes"]["SentTimestamp"]) <= before * 1000:
                yield SqsLetter(client, url, message)


def _client() -> Any:
    import boto3
    from botocore.config import Config

    limits = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4}
    )
    return boto3.client("sqs", config=limits)
