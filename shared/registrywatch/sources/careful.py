"""Reads a document record by record, after reading it in one pass has failed.

A record that no rule reads may hold whatever it likes and is passed over; one that a rule reads is
named as a problem; all others are read.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources import azure_logs, cloudtrail, event_grid
from registrywatch.sources.documents import (
    CLOUDTRAIL_DETAIL_TYPES,
    UNDECODABLE,
    Reading,
    read_one,
)

_LISTS = ("Records", "records", "Events")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def read(document: bytes) -> Reading:
    """Reads one document, or several set side by side. Raises nothing: see `Reading.problems`."""
    reading = Reading()
    try:
        read_one(document, reading)
    except (*UNDECODABLE, UnreadableInput):
        reading = Reading()
        for value in _values(document, reading):
            for unit in _units(value):
                _read_unit(unit, reading)
    return reading


def _values(document: bytes, reading: Reading) -> Iterator[Any]:
    """The JSON values in the document: one, or those that somebody wrote without line breaks."""
    try:
        document.decode()
        yield msgspec.json.decode(document)
    except UNDECODABLE as error:
        values = _side_by_side(document) if "trailing characters" in str(error) else []
        if not values:
            reading.problems.append(_why(document, error))
        yield from values


def _side_by_side(document: bytes) -> list[Any]:
    """All the values of `{…}{…}`, as Firehose writes them; none if any of them is broken."""
    text, at, values = document.decode().strip(), 0, []
    decoder = json.JSONDecoder()
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            values.append(value)
            at += len(text[at : at + 64]) - len(text[at : at + 64].lstrip())
    except (ValueError, RecursionError):
        return []
    return values


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


def _read_unit(unit: Any, reading: Reading) -> None:
    if not isinstance(unit, dict):
        reading.problems.append(f"expected an object or an array, found {_kind(unit)}")
        return
    try:
        part = Reading()
        read_one(json.dumps(unit).encode(), part)
    except (*UNDECODABLE, UnreadableInput) as error:
        reading.records += 1
        if _matters(unit):
            reading.problems.append(f"{_label(unit)}{error}")
    else:
        reading.extend(part)


def _matters(unit: dict[str, Any]) -> bool:
    """Whether some rule would have read this record, had it been sound."""
    record = _record(unit)
    if not isinstance(record, dict):
        return True
    if "Records" in unit or record.get("eventSource") is not None:
        return cloudtrail.is_read(record.get("eventSource"), record.get("eventName"))
    if "detail-type" in unit:
        return False
    if "data" in record:
        return event_grid.is_read(record.get("eventType") or record.get("type"), record["data"])
    if "operationName" in record:
        return azure_logs.is_read(record.get("category"), record["operationName"])
    return any(name in unit for name in _LISTS)


def _record(unit: dict[str, Any]) -> Any:
    for name in _LISTS:
        if isinstance(unit.get(name), list):
            return unit[name][0]
    kind = unit.get("detail-type")
    if isinstance(kind, str) and kind in CLOUDTRAIL_DETAIL_TYPES:
        return unit.get("detail")
    return unit


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
    if (surrogate := _lone_surrogate(document)) is not None:
        return f"half of a character: {surrogate} stands without its other half"
    return f"not JSON: {error}"


def _lone_surrogate(document: bytes) -> str | None:
    try:
        json.dumps(json.loads(document), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        found = _SURROGATE.search(document)
        return found[0].decode() if found else None
    except (ValueError, RecursionError):
        return None
    return None
