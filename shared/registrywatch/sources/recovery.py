"""Reads a document record by record, after reading it in one pass has failed.

A record that no rule reads may hold whatever it likes and is passed over; one that a rule reads is
named as a problem; all others are read.
"""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources import azure_monitor, cloudtrail, event_grid, salvage
from registrywatch.sources.formats import (
    CLOUDTRAIL_DETAIL_TYPES,
    UNDECODABLE,
    Reading,
    read_one,
)

_LISTS = ("Records", "records", "Events")


def read(document: bytes) -> Reading:
    """Reads one document, or several set side by side. Raises nothing: see `Reading.problems`."""
    reading = Reading()
    try:
        read_one(document, reading)
    except (*UNDECODABLE, UnreadableInput):
        reading = Reading()
        is_text = _is_utf8(document)
        for value in _values(document, is_text, reading):
            for unit in _units(value):
                _read_unit(unit, is_text, reading)
    return reading


def _is_utf8(document: bytes) -> bool:
    try:
        document.decode()
    except UnicodeDecodeError:
        return False
    return True


def _values(document: bytes, is_text: bool, reading: Reading) -> Iterator[Any]:
    """The JSON values in the document: one, or those that somebody wrote without line breaks.

    Of a document that is broken, what stands whole before the break. Bytes that are no text become
    halves of characters, by which the records that hold them are known.
    """
    try:
        document.decode()
        yield msgspec.json.decode(document)
    except UNDECODABLE as error:
        values, whole = salvage.values(document.decode(errors="surrogateescape"))
        if not (values and whole and is_text):
            reading.problems.append(_why(document, error))
        yield from values


def _units(value: Any) -> Iterator[Any]:
    """The smallest documents that together say the same: one record each."""
    if isinstance(value, list):
        for element in value:
            yield from _units(element)
        return
    if isinstance(value, dict):
        for name in _LISTS:
            if isinstance(value.get(name), list):
                yield from ({name: [record]} for record in value[name])
                return
    yield value


def _read_unit(unit: Any, is_text: bool, reading: Reading) -> None:
    if not isinstance(unit, dict):
        reading.problems.append(f"expected an object or an array, found {_kind(unit)}")
        return
    try:
        part = Reading()
        read_one(json.dumps(unit).encode(), part)
    except (*UNDECODABLE, UnreadableInput) as error:
        reading.records += 1
        if (half := _half_character(unit)) is not None:
            if is_text:  # else it was said of the whole document
                reading.problems.append(f"{_label(unit)}{half}")
        elif _matters(unit):
            reading.problems.append(f"{_label(unit)}{error}")
    else:
        reading.extend(part)


def _matters(unit: dict[str, Any]) -> bool:
    """Whether some rule would have read this record, had it been sound."""
    record = _record(unit)
    if not isinstance(record, dict):
        return True
    if isinstance(unit.get("Records"), list) or record.get("eventSource") is not None:
        return cloudtrail.is_read(record.get("eventSource"), record.get("eventName"))
    if "detail-type" in unit:
        return False
    if "data" in record:
        return event_grid.is_read(record.get("eventType") or record.get("type"), record["data"])
    if "operationName" in record:
        return azure_monitor.is_read(record.get("category"), record["operationName"])
    return any(name in unit for name in _LISTS)


def _record(unit: dict[str, Any]) -> Any:
    for name in _LISTS:
        if isinstance(unit.get(name), list):
            return _looked_up(unit[name][0]) if name == "Events" else unit[name][0]
    kind = unit.get("detail-type")
    if isinstance(kind, str) and kind in CLOUDTRAIL_DETAIL_TYPES:
        return unit.get("detail")
    return unit


def _looked_up(found: Any) -> Any:
    """The record that lookup-events wrote as text; what it wrote around it if that is none."""
    try:
        record = json.loads(found["CloudTrailEvent"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return found
    return record if isinstance(record, dict) else found


def _label(unit: dict[str, Any]) -> str:
    """Which record it was, as far as it says; the text is the record's and is cut."""
    record = _record(unit)
    if not isinstance(record, dict):
        return ""
    names = ("eventName", "operationName", "eventType", "type")
    ids = ("eventID", "id", "correlationId", "EventId")
    found = [
        next((record[name] for name in among if isinstance(record.get(name), str)), None)
        for among in (names, ids)
    ]
    told = " ".join(text[:80] for text in found if text)
    return f"{told}: " if told else ""


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return {bool: "true or false", str: "a text"}.get(type(value), "a number")


def _why(document: bytes, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte 0x{document[error.start]:02x} at offset {error.start}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return f"not JSON: {error}"


def _half_character(value: Any) -> str | None:
    """What to say of a value that holds text which can't be written; None if it holds none."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        code = ord(error.object[error.start])
        return f"half of a character: \\u{code:04x} stands without its other half"
    return None
