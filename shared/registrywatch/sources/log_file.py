"""Reads a CloudTrail log file in slices while it is decompressed.

Nearly all records of a trail are of other services. So each slice is first decoded to the two
members that show whether a rule reads a record, and only those records are decoded whole.
Meanwhile a slice stays in a core's own cache; a whole file would not.

A slice ends before a record that begins like the first one. It is decoded as an array, which proves
that it ends where a record ends: within a record, brackets would be open. So the records of all
slices are those of the file, whatever its text holds and however it is spaced.
"""

import re
from collections.abc import Callable, Sequence

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.sources import cloudtrail
from registrywatch.sources.cloudtrail_record import Record
from registrywatch.sources.fast import NOT_FAST
from registrywatch.sources.formats.cloudtrail import RECORD, Head, wanted
from registrywatch.sources.reading import Reading

READ = 1 << 16
"""Bytes; parts of this size make slices of the best size."""
_SLICE = READ // 3 + 1  # bytes, at most
_MANY = 0.2  # of a slice's records; above this it is faster to decode them all
_BEGIN = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"Records"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*(\{"\w+":)')
_END = re.compile(rb"\][ \t\r\n]*\}[ \t\r\n]*")


_decode_heads = msgspec.json.Decoder(list[Head]).decode
_decode_json = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_records = msgspec.json.Decoder(list[Record]).decode
_Read = tuple[int, Sequence[RegistryEvent | None]]


class LogFile:
    """Reads one log file. If it is unusual, the document must be read as a whole."""

    def __init__(self) -> None:
        self._next_record = b""  # how each record but the first begins, with the end before it
        self._reading = Reading()
        self._read: Callable[[bytes, bytes], _Read] = _read_some
        self._rest: list[bytes] = []  # bytes after the last slice

    def add(self, data: bytes) -> bool:
        """Read the data that follows; False if the document must be read as a whole."""
        at = 0
        if not self._next_record:
            begin = _BEGIN.match(data)
            if begin is None:
                return False
            self._next_record, at = b"}," + begin[1], begin.start(1)
        try:
            while (end := data.rfind(self._next_record, at, at + _SLICE) + 1) > 0:
                self._read_slice(b"".join((b"[", *self._rest, memoryview(data)[at:end], b"]")))
                self._rest, at = [], end + 1
        except NOT_FAST:
            return False
        self._rest.append(data[at:])
        return True

    def end(self) -> Reading | None:
        """What was read, after all data was added; None if the document must be read as a whole."""
        rest = b"".join(self._rest)
        end = rest.rfind(b"]")
        if not _END.fullmatch(rest, max(end, 0)):
            return None
        try:
            self._read_slice(b"".join((b"[", memoryview(rest)[: end + 1])))
        except NOT_FAST:
            return None
        return self._reading

    def _read_slice(self, records: bytes) -> None:
        """Read an array of records."""
        if not records.isascii():
            records.decode()  # msgspec does not check text that it skips
        number, events = self._read(records, self._next_record)
        self._reading.records += number
        self._reading.events += filter(None, events)
        self._read = _read_all if len(events) > number * _MANY else _read_some


def _read_some(records: bytes, next_record: bytes) -> _Read:
    """The number of records and some rules' events, where most records are for no rule."""
    heads = _decode_heads(records)
    places = wanted(heads)
    if not places:
        return len(heads), ()
    json = _json_of(places, len(heads), records, next_record)
    return len(heads), [RECORD.read(each) for each in json]


def _read_all(records: bytes, _: bytes) -> _Read:
    """The same, where many records are for some rule."""
    decoded = _decode_records(records)
    return len(decoded), [cloudtrail.event_of(decoded[place]) for place in wanted(decoded)]


def _json_of(
    places: Sequence[int], number: int, records: bytes, next_record: bytes
) -> list[msgspec.Raw]:
    """The JSON at these places of an array of so many records.

    Decodes only the array's beginning or end, whichever is shorter, and all of it where that holds
    fewer records than expected. That such a part is an array proves, as of a slice, that it is cut
    between two records: JSON has no `next_record` within a text.
    """
    first, last, size = places[0], places[-1], len(records) / number
    if first + last < number:
        end = records.find(next_record, int(size * (last + 2))) + 1
        json = _decode_json(records[:end] + b"]") if end else ()
        if len(json) > last:
            return [json[place] for place in places]
    else:
        begin = records.rfind(next_record, 0, max(int(size * (first - 1)), 0)) + 2
        json = _decode_json(b"[" + records[begin:]) if begin > 1 else ()
        if len(json) >= number - first:
            return [json[place - number] for place in places]
    json = _decode_json(records)
    return [json[place] for place in places]
