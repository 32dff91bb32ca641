"""The fast path: documents of the frequent formats, decoded in one pass to what rules need.

A stream usually consists of these. Anything unexpected raises, and is then read value by value
(`walk`), which knows all formats and says what is wrong.
"""

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources import cloudtrail
from registrywatch.sources.azure_record import LogRecord, other_category
from registrywatch.sources.cloudtrail import is_read
from registrywatch.sources.cloudtrail_record import NeedsWideRecord, Record
from registrywatch.sources.formats.cloudtrail import is_record, wanted
from registrywatch.sources.formats.eventbridge import DETAIL_TYPES, other_kind
from registrywatch.sources.formats.format import UNDECODABLE, NotRecognised
from registrywatch.sources.reading import Reading


class Document(msgspec.Struct, gc=False):
    """The frequent formats' members: EventBridge's, a CloudTrail log file's, an Event Hub's."""

    detail_type: str | None = msgspec.field(name="detail-type", default=None)
    detail: Record | None = None
    Records: list[Record] | None = None
    records: list[LogRecord] | None = None


NOT_FAST = (*UNDECODABLE, UnreadableInput, NotRecognised, NeedsWideRecord)
"""What these functions raise: the bytes must be read value by value."""

_decode_lines = msgspec.json.Decoder(Document).decode_lines
_decode = msgspec.json.Decoder(Document).decode


def read_lines(lines: bytes) -> Reading:
    """Read JSON lines in one pass. Raises one of NOT_FAST; then nothing was read."""
    if not lines.isascii():
        lines.decode()  # msgspec does not check text that it skips
    reading = Reading()
    events, records = reading.events, 0
    for document in _decode_lines(lines):
        record = document.detail
        if record is not None and document.detail_type in DETAIL_TYPES:
            records += 1  # as `_read` does, without a call: this is what heavy traffic consists of
            if (event := cloudtrail.event_of(record)) is not None:
                events.append(event)
            elif not is_record(record):
                raise NotRecognised
        else:
            _read(document, reading)
    reading.records += records
    return reading


def read(document: bytes) -> Reading:
    """Read one document, or several side by side. Raises nothing: see `Reading`."""
    try:
        return read_one(document)
    except NOT_FAST:
        from registrywatch.sources.recovery import read_slowly  # most runs never need it

        return read_slowly(document)


def read_one(document: bytes) -> Reading:
    """Read one document. Raises one of NOT_FAST; then nothing was read."""
    if not document.isascii():
        document.decode()
    reading = Reading()
    _read(_decode(document), reading)
    return reading


def _read(document: Document, reading: Reading) -> None:
    if document.Records is not None:
        for place in wanted(document.Records):
            if (event := cloudtrail.event_of(document.Records[place])) is not None:
                reading.events.append(event)
        reading.records += len(document.Records)
    elif document.records is not None:
        from registrywatch.sources import azure_monitor  # which on AWS is not needed

        for log_record in document.records:
            if not log_record.operationName:
                raise NotRecognised
            event = azure_monitor.event_of(log_record)
            if event is None and (other := other_category(log_record.category)):
                reading.skip(other)
            reading.add(event)
    elif document.detail is not None and document.detail_type in DETAIL_TYPES:
        if not is_record(document.detail):
            raise NotRecognised
        reading.add(cloudtrail.event_of(document.detail))
    elif document.detail is not None and document.detail_type:
        if is_read(document.detail.eventSource, document.detail.eventName):
            raise NotRecognised  # somebody sent a record on under another type
        reading.records += 1
        reading.skip(other_kind(document.detail_type))
    else:
        raise NotRecognised
