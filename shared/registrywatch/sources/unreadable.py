"""Describes documents and records that can't be read. Texts from the input are cut."""

import msgspec

from registrywatch.sources.formats.format import UNDECODABLE, Fields, Format, RecordKind, text_of

_KINDS = {b"n": "null", b"t": "true or false", b"f": "true or false", b'"': "a text"}


def kind_of(json: bytes) -> str:
    """The kind of a value that is neither an object nor an array."""
    return _KINDS.get(json[:1], "a number")


def why(json: bytes, error: Exception) -> str:
    """Why JSON can't be decoded."""
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8: byte 0x{json[error.start]:02x} at offset {error.start}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, msgspec.DecodeError) and not isinstance(error, msgspec.ValidationError):
        return f"not JSON: {error}"
    return str(error)


def label(kind: RecordKind, fields: Fields) -> str:
    """The record's name and id, if it has them; cut, because they are from the input."""
    found = (
        next((text for name in among if (text := _text(fields, name))), None)
        for among in (kind.names, kind.ids)
    )
    label = " ".join(text[:80] for text in found if text)
    return f"{label}: " if label else ""


def _text(fields: Fields, name: str) -> str | None:
    try:
        return text_of(fields, name)
    except UNDECODABLE:
        return None


def shape(fields: Fields) -> str:
    """A description of an object of no known kind, by its members' names, cut."""
    names = [name[:30] for name in fields]
    if not names:
        return "an empty object"
    more = ", …" if len(names) > 4 else ""
    return f"an object with the fields {', '.join(names[:4])}{more}"


def not_understood(found: Format, kind: RecordKind) -> str:
    """A description of a record of a known format that does not show which event it is."""
    return f"{found.name} whose {' and '.join(kind.names[:1])} can't be understood"
