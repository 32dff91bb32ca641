"""Putting messages into SQS. boto3 is loaded with the first: most changes raise no alert."""

import functools
import json
from typing import Any

from registrywatch.errors import StoreError

MOST_REASON = 1000  # characters; a batch of attributes may have 256 KiB with the body


@functools.cache
def client() -> Any:
    """The one SQS client of this process."""
    import boto3
    from botocore.config import Config

    limits = Config(
        connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return boto3.client("sqs", config=limits)


def send_alert(queue: str, body: bytes) -> None:
    """Puts an alert on the alert queue. Raises StoreError: it may or may not lie there then."""
    # Escaped to ASCII, for SQS refuses a few characters that JSON and registries allow.
    _send(queue, json.dumps(json.loads(body)))


def park(queue: str, body: str, reason: str) -> None:
    """Puts a message that can't be dealt with into a dead-letter queue. Raises StoreError."""
    text = reason.encode("ascii", "backslashreplace").decode()[:MOST_REASON]
    _send(queue, body, MessageAttributes={"reason": {"DataType": "String", "StringValue": text}})


def _send(queue: str, body: str, **further: object) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client().send_message(QueueUrl=queue, MessageBody=body, **further)
    except (BotoCoreError, ClientError) as error:
        raise StoreError(f"queue {queue}: a message can't be sent: {error}") from error
