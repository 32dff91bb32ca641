"""A CloudTrail log file, read in slices while it is unpacked.

Nearly all records of a trail are other services'. So each slice is first decoded for the two
members that say whether a rule reads a record, and only those records are decoded whole. A slice
stays in a core's own cache meanwhile; a whole file would not.

A slice ends before a record that begins as the first one did. It is decoded as an array of its own,
which proves that it ends where a record ends: within one, brackets would be open. So the records of
all slices are those of the file, whatever its text holds and however it is spaced.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.sources import cloudtrail
from registrywatch.sources.cloudtrail_record import Record
from registrywatch.sources.formats.cloudtrail import NOT_TRAIL, RECORD
from registrywatch.sources.formats.format import NotRecognised
from registrywatch.sources.reading import Reading

SLICE = 24 << 10  # bytes
_MANY = 0.2  # of a slice's records; from there on it is faster to decode them all
_BEGIN = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"Records"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*(\{"\w+":)')
_END = re.compile(rb"\][ \t\r\n]*\}[ \t\r\n]*")


class _Head(msgspec.Struct, gc=False):
    """What says whether a rule reads a record."""

    eventSource: str
    eventName: str


_decode_heads = msgspec.json.Decoder(list[_Head]).decode
_decode_json = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_records = msgspec.json.Decoder(list[Record]).decode


class LogFile:
    """Reads one log file, of which `data` is the beginning.

    Raises one of `fast.NOT_FAST`, as `add` and `end` do, if the document must be read as a whole.
    """

    def __init__(self, data: bytes) -> None:
        begin = _BEGIN.match(data)
        if begin is None:
            raise NotRecognised
        self._next_record = b"}," + begin[1]
        self._reading = Reading()
        self._read: Callable[[bytes], tuple[int, Sequence[RegistryEvent | None]]] = _read_some
        self._rest: list[bytes] = []  # what no slice ended in so far
        self.add(data[begin.start(1) :])

    def add(self, data: bytes) -> None:
        """Reads on."""
        at = 0
        while (end := data.rfind(self._next_record, at, at + SLICE) + 1) > 0:
            self._read_slice(b"".join((b"[", *self._rest, memoryview(data)[at:end], b"]")))
            self._rest, at = [], end + 1
        self._rest.append(data[at:])

    def end(self) -> Reading:
        """What was read, once all of the document was added."""
        rest = b"".join(self._rest)
        end = rest.rfind(b"]")
        if not _END.fullmatch(rest, max(end, 0)):
            raise NotRecognised
        self._read_slice(b"".join((b"[", memoryview(rest)[: end + 1])))
        return self._reading

    def _read_slice(self, records: bytes) -> None:
        """Reads an array of records."""
        if not records.isascii():
            records.decode()  # msgspec does not look into text that it skips
        number, events = self._read(records)
        self._reading.records += number
        self._reading.events += filter(None, events)
        self._read = _read_all if len(events) > number * _MANY else _read_some


def _read_some(records: bytes) -> tuple[int, Sequence[RegistryEvent | None]]:
    """The number of records and some rules' events, where most records are for no rule."""
    heads = _decode_heads(records)
    places = wanted(heads)
    json = _decode_json(records) if places else []
    return len(heads), [RECORD.read(json[place]) for place in places]


def _read_all(records: bytes) -> tuple[int, Sequence[RegistryEvent | None]]:
    """The same, where many records are for some rule."""
    decoded = _decode_records(records)
    return len(decoded), [cloudtrail.event_of(decoded[place]) for place in wanted(decoded)]


def wanted(records: Iterable[_Head | Record]) -> list[int]:
    """The places of the records that some rule may read. Raises NotRecognised for other things."""
    calls, refused = cloudtrail.CALLS, cloudtrail.REFUSED
    places = []
    for place, record in enumerate(records):
        source, name = record.eventSource, record.eventName
        if not name or not source or source[:4] == NOT_TRAIL:
            raise NotRecognised
        names = calls.get(source)
        if names is not None and (name in names or source in refused):
            places.append(place)
    return places
