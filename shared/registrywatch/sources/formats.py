"""Tells apart what a JSON document holds, and reads the RegistryEvents out of it.

A document is any of: an EventBridge event, a CloudTrail log file or record, the output of `aws
cloudtrail lookup-events`, an Event Grid event in either schema, an Event Hub message of Azure
Monitor or one of its records; or an array of these.

The common case takes one pass: the whole document is decoded into `Document`, typed, with only what
is read of it. Where that fails, `recovery` looks at one record after the other.
"""

from collections.abc import Callable

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.sources import azure_monitor, cloudtrail, event_grid
from registrywatch.sources.azure_monitor import LogRecord
from registrywatch.sources.cloudtrail_record import ABSENT, Record

CLOUDTRAIL_DETAIL_TYPES = frozenset(
    {"AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"}
)
Text = bytes | msgspec.Raw
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class LookedUp(msgspec.Struct, gc=False):
    """One of the `Events` that lookup-events gives; the record is in it as text."""

    CloudTrailEvent: str | None = None


class Document(msgspec.Struct, gc=False):
    """The fields by which documents are told apart, of all kinds.

    Lists of records are decoded with it. The kinds of which a document holds but one record are
    decoded once more as what they are: Event Grid's have `data`, bare records their own names.
    """

    detail_type: str | None = msgspec.field(name="detail-type", default=None)
    detail: Record | None = None
    Records: list[Record] | None = None
    Events: list[LookedUp] | None = None
    records: list[LogRecord] | None = None
    data: msgspec.Raw = ABSENT
    eventSource: msgspec.Raw = ABSENT
    resourceId: msgspec.Raw = ABSENT


class Reading(msgspec.Struct):
    """What was read.

    `problems` has a sentence for each record that could not be decoded; `records` counts all that
    had a known form, whether or not a rule reads them, `unknown` the documents that had none.
    """

    events: list[RegistryEvent] = []
    problems: list[str] = []
    records: int = 0
    unknown: int = 0

    def extend(self, other: "Reading") -> None:
        """Adds all that another one read."""
        self.events += other.events
        self.problems += other.problems
        self.records += other.records
        self.unknown += other.unknown

    def add(self, event: RegistryEvent | None) -> None:
        """Counts a record, and keeps the event that it told of."""
        self.records += 1
        if event is not None:
            self.events.append(event)


_decode_lines = msgspec.json.Decoder(Document).decode_lines
_decode = msgspec.json.Decoder(Document).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_record = msgspec.json.Decoder(Record).decode
_decode_log_record = msgspec.json.Decoder(LogRecord).decode
_decode_event_grid = msgspec.json.Decoder(event_grid.Event).decode


def read_lines(lines: bytes) -> Reading:
    """Reads JSON lines in one go, which is fast.

    Raises one of UNDECODABLE or UnreadableInput if anything in them can't be decoded, and
    NeedsItsOwnBytes if a line is a record by itself; `recovery.read` of each line then tells which.
    """
    if not lines.isascii():
        lines.decode()  # msgspec does not look into text that it skips
    reading = Reading()
    events, told = reading.events, 0
    for document in _decode_lines(lines):
        record = document.detail
        if record is not None and document.detail_type in CLOUDTRAIL_DETAIL_TYPES:
            told += 1  # as `_read` does, without a call: this is what heavy traffic consists of
            if (event := cloudtrail.event_of(record)) is not None:
                events.append(event)
        else:
            _read(document, None, reading)
    reading.records += told
    return reading


def read_one(document: bytes, reading: Reading) -> None:
    """Reads one document in one pass. Raises one of UNDECODABLE, or UnreadableInput."""
    if not document.isascii():
        document.decode()
    if document.lstrip()[:1] == b"[":
        for element in _decode_array(document):
            _read(_decode(element), element, reading)
    else:
        _read(_decode(document), document, reading)


class NeedsItsOwnBytes(Exception):
    """The document is one record, to be decoded once more as such."""


def _read(document: Document, own: Text | None, reading: Reading) -> None:
    if document.detail is not None:
        if document.detail_type in CLOUDTRAIL_DETAIL_TYPES:
            reading.add(cloudtrail.event_of(document.detail))
        else:
            reading.records += 1  # such as ECR's own events, which name no actor
    elif document.Records is not None:
        for record in document.Records:
            if record.eventSource is None and record.eventName is None:
                reading.unknown += 1  # such as another service's notification
            else:
                reading.add(cloudtrail.event_of(record))
    elif document.records is not None:
        for log_record in document.records:
            if log_record.operationName is None and log_record.category is None:
                reading.unknown += 1
            else:
                reading.add(azure_monitor.event_of(log_record))
    elif document.Events is not None:
        for looked_up in document.Events:
            reading.add(cloudtrail.event_of(_decode_record(looked_up.CloudTrailEvent or "{}")))
    elif (read := _single(document)) is None:
        reading.unknown += 1
    elif own is None:
        raise NeedsItsOwnBytes
    else:
        reading.add(read(own))


def _single(document: Document) -> Callable[[Text], RegistryEvent | None] | None:
    """What reads a document that is one record by itself; None if it is of no known kind."""
    if document.eventSource is not ABSENT:
        return lambda own: cloudtrail.event_of(_decode_record(own))
    if document.data is not ABSENT:
        return lambda own: event_grid.event_of(_decode_event_grid(own))
    if document.resourceId is not ABSENT:
        return lambda own: azure_monitor.event_of(_decode_log_record(own))
    return None
