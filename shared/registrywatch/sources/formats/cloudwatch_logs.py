"""CloudTrail's records as CloudWatch Logs keeps and hands them on."""

import json
from collections.abc import Iterator

import msgspec

from registrywatch.sources.formats.cloudtrail import CLOUDTRAIL_RECORD
from registrywatch.sources.formats.format import (
    UNDECODABLE,
    Fields,
    Format,
    begins,
    elements,
    present,
)

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_LINE = json.dumps({"timestamp": 1785575412000, "message": CLOUDTRAIL_RECORD.example})


def _messages(fields: Fields) -> Iterator[bytes]:
    for name in ("events", "logEvents"):
        for each in elements(fields, name) if present(fields, name) else ():
            yield _message(each)


def _message(event: bytes) -> bytes:
    """What a log event holds; what has none, as it is. What is wrong with it, its reader says."""
    try:
        message = _decode_fields(event).get("message")
    except UNDECODABLE:
        return event
    return event if message is None else bytes(message)


FILTERED_LOG_EVENTS = Format(
    name="the output of filter-log-events",
    source="`aws logs filter-log-events`, `get-log-events`, of CloudTrail's log group",
    example=f'{{"events": [{_LINE}], "searchedLogStreams": []}}',
    recognise=lambda fields: begins(fields, "events", b"["),
    unwrap=_messages,
)
LOG_SUBSCRIPTION = Format(
    name="data of a CloudWatch Logs subscription",
    source="a subscription filter by way of Lambda or Firehose, decoded and unpacked",
    example=f'{{"messageType": "DATA_MESSAGE", "logGroup": "trail", "logEvents": [{_LINE}]}}',
    recognise=lambda fields: present(fields, "messageType") and begins(fields, "logEvents", b"["),
    unwrap=_messages,
)
