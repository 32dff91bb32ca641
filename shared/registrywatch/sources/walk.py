"""Finds the records in a JSON document, whatever envelopes are around them.

Every value is handled as JSON text: an array is several documents, a text may hold another
document, and the formats recognise an object. Nothing is raised: see `Reading`.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.events import RegistryEvent
from registrywatch.sources.coercion import coerced
from registrywatch.sources.formats.catalogue import FORMATS
from registrywatch.sources.formats.format import (
    UNDECODABLE,
    Fields,
    Format,
    NotRecognised,
    RecordKind,
    Slice,
)
from registrywatch.sources.reading import Problem, Reading
from registrywatch.sources.repair import MARK
from registrywatch.sources.unreadable import kind_of, label, not_understood, shape, why

DEEPEST = 16
"""The most envelopes within one another; SNS in SQS in a failed invocation's record makes five."""
_REPLACEMENT = "\ufffd".encode()

_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
_decode_any = msgspec.json.Decoder().decode
_UNWRITABLE = (OverflowError, msgspec.EncodeError)  # numbers that JSON has and msgspec has not
_NESTED = (b"{", b"[")


class Walk:
    """One document. `damage` says for each placeholder what could not be decoded."""

    def __init__(self, document: bytes, reading: Reading, damage: Iterable[str] = ()) -> None:
        self._document = document
        self._reading = reading
        self._damage = deque(damage)
        self._at = self._counted = self._line = 0

    def value(self, json: bytes) -> None:
        """Read a value that is in the document as it is."""
        if json[:1] == b"[":
            self._array(json)
        else:
            self._value(json, json, 0, None)

    def problem(self, text: str, part: bytes) -> None:
        """Record a part of the document that can't be read."""
        if self._damage and MARK in part:
            text = self._damage[0]
            self._forget_damage(part)
        self._problem(text, part, part)
        self._at += len(part) if self._document.startswith(part, self._at) else 0

    def end(self) -> None:
        """Record what could not be decoded and was in no record."""
        if self._damage:
            self._problem(self._damage[0], self._document, self._document)

    def _array(self, json: bytes) -> None:
        """An array at the top: each of its elements is a document."""
        try:
            elements = _decode_list(json)
        except UNDECODABLE as error:
            self._problem(why(json, error), json, json)
            return
        for element in map(Slice, elements):
            if element[:1] == b"[":
                self._row(element)
            else:
                self._value(element, element, 0, None)

    def _row(self, json: bytes) -> None:
        """An array in an array is a row of values: those that are documents are read."""
        try:
            elements = [Slice(each) for each in _decode_list(json)]
        except UNDECODABLE as error:
            self._problem(why(json, error), json, json)
            return
        documents = [each for each in elements if each[:1] in _NESTED or _document_in(each)]
        for element in documents or elements:
            if element[:1] == b"[":
                self._row(element)
            else:
                self._value(element, element, 0, None)

    def _value(self, json: bytes, part: bytes, depth: int, holds: RecordKind | None) -> None:
        """Read a value in `depth` envelopes; `part` is the part of the document that holds it."""
        first = json[:1]
        if depth > DEEPEST:
            self._problem("nested too deeply", json, part)
        elif first == b"{":
            if holds is None or not self._sound(holds, json):
                self._object(json, part, depth)
        elif first == b'"' and (inner := _document_in(json)):
            self._inside_text(inner, part, depth)
        else:
            self._problem(f"expected an object or an array, found {kind_of(json)}", json, part)

    def _inside_text(self, json: bytes, part: bytes, depth: int) -> None:
        """Read a document that is a text in another document."""
        try:
            elements = map(bytes, _decode_list(json)) if json[:1] == b"[" else iter([json])
        except UNDECODABLE as error:
            self._problem(why(json, error), json, part)
            return
        for element in elements:
            self._value(element, part, depth + 1, None)

    def _sound(self, kind: RecordKind, json: bytes) -> bool:
        """Read an object as a record of this kind; False if it is not one, or has a fault."""
        if self._damage and MARK in json:
            return False
        try:
            event = kind.read(json)
            if event is None and kind.other and (other := kind.other(_decode_fields(json))):
                self._reading.skip(other)
        except (*UNDECODABLE, UnreadableInput, NotRecognised):
            return False
        self._reading.add(event)
        return True

    def _object(self, json: bytes, part: bytes, depth: int) -> None:
        try:
            fields = _decode_fields(json)
            found = next((each for each in FORMATS if each.recognise(fields)), None)
        except UNDECODABLE as error:
            self._problem(why(json, error), json, part)
            return
        if found is None:
            self._unknown(shape(fields), part)
        elif found.other is not None:
            self._forget_damage(json)
            self._reading.records += 1
            self._reading.skip(found.other(fields))
        elif found.record is not None:
            self._record(found, found.record, fields, json, part)
        elif found.unwrap is not None:
            self._envelope(found, found.unwrap, fields, json, part, depth)

    def _envelope(
        self,
        found: Format,
        unwrap: Callable[[Fields], Iterable[bytes]],
        fields: Fields,
        json: bytes,
        part: bytes,
        depth: int,
    ) -> None:
        in_document = json is part
        try:
            for inner in unwrap(fields):
                at = inner if in_document and isinstance(inner, Slice) else part
                self._value(inner, at, depth + 1, found.holds)
        except (*UNDECODABLE, UnreadableInput) as error:
            self._problem(f"{found.name}: {why(json, error)}", json, part)

    def _record(
        self, found: Format, kind: RecordKind, fields: Fields, json: bytes, part: bytes
    ) -> None:
        if self._damage and MARK in json:
            self._problem(f"{label(kind, fields)}{self._damage[0]}", json, part)
            self._forget_damage(json)
            json = json.replace(MARK, _REPLACEMENT)
        try:
            event = kind.read(json)
        except NotRecognised:
            self._unknown(not_understood(found, kind), part)
        except (*UNDECODABLE, UnreadableInput) as error:
            self._odd(found, kind, fields, json, part, error)
        else:
            self._add(kind, fields, event)

    def _add(self, kind: RecordKind, fields: Fields, event: RegistryEvent | None) -> None:
        if event is None and kind.other and (other := kind.other(fields)):
            self._reading.skip(other)
        self._reading.add(event)

    def _odd(
        self,
        found: Format,
        kind: RecordKind,
        fields: Fields,
        json: bytes,
        part: bytes,
        error: Exception,
    ) -> None:
        """Read a record with a fault, if its meaning is certain."""
        made: Any = {}
        with contextlib.suppress(*UNDECODABLE, *_UNWRITABLE, UnreadableInput, NotRecognised):
            made = coerced(_decode_any(json), kind.schema(), kind.inner())
            self._add(kind, fields, kind.read(msgspec.json.encode(made)))
            return
        wanted = _wanted(kind, fields)
        if wanted is None:
            self._unknown(not_understood(found, kind), part)
        elif not wanted:
            self._add(kind, fields, None)
        else:
            self._add(kind, fields, _what_is_left(kind, made))
            self._problem(f"{label(kind, fields)}{why(json, error)}", json, part)

    def _unknown(self, kind: str, part: bytes) -> None:
        self._reading.not_understood(kind, self._line_of(part))

    def _problem(self, text: str, json: bytes, part: bytes) -> None:
        record = bytes(json).replace(MARK, _REPLACEMENT)
        self._reading.problems.append(Problem(text, self._line_of(part), record))

    def _forget_damage(self, part: bytes) -> None:
        for _ in range(min(part.count(MARK), len(self._damage))):
            self._damage.popleft()

    def _line_of(self, part: bytes) -> int:
        """The line of the document at which the part begins. Parts are asked for in order."""
        at = self._document.find(part, self._at)
        if at >= 0:
            self._line += self._document.count(b"\n", self._counted, at)
            self._at = self._counted = at
        return self._line


def _what_is_left(kind: RecordKind, record: Any) -> RegistryEvent | None:
    """The event without the members that can't be read, if it needs none of them; else None."""
    for dropped in (kind.who, kind.beside, kind.who + kind.beside):
        left = {name: value for name, value in record.items() if name not in dropped}
        if len(left) == len(record):
            continue
        with contextlib.suppress(*UNDECODABLE, *_UNWRITABLE, UnreadableInput, NotRecognised):
            return kind.read(msgspec.json.encode(left))
    return None


def _document_in(json: bytes) -> bytes | None:
    """The object or array that a JSON text holds as text."""
    if json[:1] != b'"':
        return None
    try:
        text = _decode_text(json).strip()
    except UNDECODABLE:
        return None
    return text.encode() if text[:1] in ("{", "[") else None


def _wanted(kind: RecordKind, fields: Fields) -> bool | None:
    """Whether a rule would read the record; true if the record is too broken to decide."""
    try:
        return kind.wanted(fields)
    except UnreadableInput:
        return True
