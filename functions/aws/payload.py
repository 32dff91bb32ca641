"""The event of a function: from EventBridge, from SQS, or from a person at the console."""

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class Context(Protocol):
    """The part of Lambda's context that is used."""

    invoked_function_arn: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is cut off."""


class Message(msgspec.Struct, frozen=True):
    """A message of an SQS queue; `receives` counts this delivery too."""

    id: str
    body: str
    receipt: str = ""
    receives: int = 1
    queue: str = ""

    @property
    def document(self) -> bytes:
        return self.body.encode("utf-8", "surrogatepass")


def messages(event: object) -> list[Message] | None:
    """The messages of a batch from SQS; None if the event is something else."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list) or not records:
        return None
    if not all(isinstance(each, Mapping) and "messageId" in each for each in records):
        return None
    return [_message(each) for each in records]


def _message(record: Mapping[str, object]) -> Message:
    attributes = record.get("attributes")
    receives = attributes.get("ApproximateReceiveCount") if isinstance(attributes, Mapping) else "1"
    return Message(
        str(record["messageId"]),
        str(record.get("body", "")),
        str(record.get("receiptHandle", "")),
        int(str(receives)) if str(receives).isdecimal() else 1,
        str(record.get("eventSourceARN", "")),
    )


def document(event: object) -> bytes:
    """The event as JSON, which the runtime has decoded."""
    return json.dumps(event).encode()


def partial_failures(ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """The answer to a batch from SQS: these messages are delivered again."""
    return {"batchItemFailures": [{"itemIdentifier": each} for each in ids]}
