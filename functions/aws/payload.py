"""What a function was invoked with, be it by EventBridge, by SQS or by a person at the console."""

import json
from collections.abc import Mapping

import msgspec

from registrywatch.sources import recovery
from registrywatch.sources.formats import Reading

EXPECTED = (
    "expected an EventBridge event that came from CloudTrail, a CloudTrail record, a log file of "
    "records, or an array of these"
)


class Message(msgspec.Struct, frozen=True):
    """A message of a queue, as SQS hands it over."""

    id: str
    body: str


def messages(event: object) -> list[Message] | None:
    """The messages in a batch of SQS; None if the event is something else."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list) or not records:
        return None
    if not all(isinstance(each, Mapping) and "messageId" in each for each in records):
        return None
    return [Message(str(each["messageId"]), str(each.get("body", ""))) for each in records]


def read_text(document: str) -> Reading:
    """The registry events in a JSON document; what can't be used is among its problems."""
    reading = recovery.read(document.encode("utf-8", "surrogatepass"))
    if reading.unknown or not (reading.records or reading.problems):
        reading.problems.append(EXPECTED)
    return reading


def read(event: object) -> Reading:
    """The same for an event that the runtime has decoded already."""
    return read_text(json.dumps(event))
