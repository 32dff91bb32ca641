"""Recovers the complete records from documents that are not valid JSON.

A record is whatever a format recognises as one. After a fault in the JSON, reading continues at the
next place at which a record can begin: an object after a bracket, a comma or a line break. What is
between two records that were read is broken, and is reported once, with its line.

The work is linear: a failed attempt costs the bytes up to its failure, and the sum of these is
bounded by a multiple of the document's length. Above that, the rest is reported as too broken.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources.formats.catalogue import FORMATS
from registrywatch.sources.formats.format import UNDECODABLE
from registrywatch.sources.reading import Reading
from registrywatch.sources.repair import repaired
from registrywatch.sources.unreadable import why
from registrywatch.sources.walk import Walk

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_raw = msgspec.json.Decoder(msgspec.Raw).decode

_TRIES = 16
"""How many times its length a document may cost in attempts that fail."""
_DEEP = 10_000  # the cost in bytes of an attempt that fails because of its depth

# An object, or a text that holds one. In valid JSON no text can hold these characters unescaped.
_BLANK = "[ \t\r\n]"
_START = re.compile(rf'\{{{_BLANK}*["}}]|"\{{\\"')
_BLANKS = re.compile(rf"{_BLANK}*")
_PUNCTUATION = re.compile(rf'[,\[\]{{}}: \t\r\n]*(?:"\w+"{_BLANK}*:{_BLANK}*)?[,\[\]{{}}: \t\r\n]*')
_HEAD = re.compile(r'[,\]} \t\r\n]*(?:\{\s*"\w+"\s*:\s*\[|\[)?[, \t\r\n]*')
_TEXT_ALONE = re.compile(r'[^{}\[\]"]*')


def read_slowly(document: bytes) -> Reading:
    """Read a document value by value, whatever it is. Raises nothing: see `Reading`."""
    reading = Reading()
    text, damage = repaired(document)
    walk = Walk(text, reading, damage)
    try:
        walk.value(bytes(_decode_raw(text)))
    except UNDECODABLE as error:
        _resume(text, walk, error)
    walk.end()
    return reading


class _Part(msgspec.Struct):
    """A value that was found, from `start` to `stop`, and why none was found before it."""

    start: int
    stop: int
    fault: str | None


def _resume(document: bytes, walk: Walk, error: Exception) -> None:
    """Read the complete values in a document that is not one JSON value."""
    text = document.decode()
    side_by_side, end, broken = True, 0, 0
    for part in _parts(text):
        between = text[end : part.start]
        last = part.start == part.stop
        if not _BLANKS.fullmatch(between) and not (
            end == 0 and not last and _TEXT_ALONE.fullmatch(between)  # as a log's lines begin
        ):
            side_by_side = False
            if not _PUNCTUATION.fullmatch(between):
                _broken(walk, between, part.fault or why(document, error))
                broken += 1
        if not last:
            walk.value(text[part.start : part.stop].encode())
            end = part.stop
    if not broken and not (side_by_side and end):
        walk.problem(why(document, error), document)


def _parts(text: str) -> Iterator[_Part]:
    """The values in the text: all as long as they are side by side; after a fault, only records.

    The last part is empty, at the text's end.
    """
    at = end = 0
    fault: str | None = None
    sound, tries = True, _TRIES * len(text) + _DEEP
    while tries > 0 and (found := _START.search(text, at)):
        start = found.start()
        sound = sound and bool(_BLANKS.fullmatch(text, end, start))
        numbers = _Numbers()
        try:
            value, stop = numbers.decode_at(text, start)
        except json.JSONDecodeError as error:
            sound, at = False, start + 1
            tries -= error.pos - start + 1
            fault = fault or f"not JSON: {error.msg} in {_near(text, error.pos)}"
        except RecursionError:
            sound, at = False, start + 1
            tries -= _DEEP
            fault = fault or "nested too deeply"
        else:
            if numbers.odd:
                fault = fault or "not JSON: it holds NaN or Infinity"
                sound, at = False, start + 1
                tries -= stop - start
            elif sound or _is_line(text, start, stop) or _is_record(text[start:stop], value):
                yield _Part(start, stop, fault)
                at = end = stop
                fault = None
            else:
                tries -= stop - start
                at = start + 1
    yield _Part(len(text), len(text), fault if tries > 0 else fault or "too broken to be read")


def _is_line(text: str, start: int, stop: int) -> bool:
    """Whether it has its own line, as a document of JSON lines has."""
    return (
        (start == 0 or text[start - 1] == "\n")
        and (stop == len(text) or text[stop] in "\r\n")
        and text.find("\n", start, stop) < 0
    )


def _is_record(text: str, value: Any) -> bool:
    """Whether some format recognises it, and it does not include records after it.

    A record that lost its end may include the following records in what was its own array.
    """
    if isinstance(value, str):
        text = value
    try:
        fields = _decode_fields(text.encode())
        found = next((each for each in FORMATS if each.recognise(fields)), None)
        if found is None or found.other is not None:
            return False
        if found.unwrap is not None:
            return next(iter(found.unwrap(fields)), None) is not None
    except (*UNDECODABLE, UnreadableInput):
        return False
    return not (isinstance(value, dict) and _swallowed(value))


def _swallowed(value: Any) -> bool:
    """Whether an array somewhere in the value holds records, at any depth."""
    left = [value]
    while left:
        value = left.pop()
        inner = value.values() if isinstance(value, dict) else value
        for each in inner:
            if isinstance(each, dict) and isinstance(value, list) and _holds_record(each):
                return True
            if isinstance(each, dict | list):
                left.append(each)
    return False


def _holds_record(value: dict[str, Any]) -> bool:
    fields = {name: msgspec.Raw(msgspec.json.encode(each)) for name, each in value.items()}
    found = next((each for each in FORMATS if each.recognise(fields)), None)
    return found is not None and found.record is not None


def _broken(walk: Walk, text: str, fault: str) -> None:
    """Report a part of the document in which no record was found."""
    head = _HEAD.match(text)
    part = text[head.end() if head else 0 :]
    named = _NAME.search(part), _ID.search(part)
    label = " ".join(each[1][:80] for each in named if each)
    walk.problem(f"{label}: {fault}" if label else fault, part.encode())


def _near(text: str, at: int) -> str:
    """A few characters of the input around a place."""
    return f"{text[max(0, at - 20) : at + 20]!a}"


_NAME = re.compile(r'"(?:eventName|operationName|OperationName|eventType)"\s*:\s*"([^"\\]*)"')
_ID = re.compile(r'"(?:eventID|correlationId|CorrelationId|EventId|id)"\s*:\s*"([^"\\]*)"')


class _Numbers:
    """Decodes JSON, and notices what Python accepts as a number and JSON does not."""

    def __init__(self) -> None:
        self.odd = False
        self.decode_at = json.JSONDecoder(
            parse_constant=self._note, parse_int=len, parse_float=len
        ).raw_decode

    def _note(self, _: str) -> None:
        self.odd = True
