"""What a format is: how a JSON object of it is recognised, and what to do with it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.events import RegistryEvent

Fields = Mapping[str, msgspec.Raw]
"""The members of a JSON object, each as the JSON text of its value."""

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ABSENT = msgspec.Raw(b"null")
_NULL = b"null"
_decode_any = msgspec.json.Decoder().decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


class NotRecognised(Exception):
    """The JSON is no record of the kind that it was taken for."""


class RecordKind(msgspec.Struct, frozen=True):
    """A kind of record, which may be in several envelopes.

    `read` decodes the JSON of one record: its event, None if no rule reads it. Raises
    NotRecognised if it lacks what makes such a record, else UnreadableInput or one of UNDECODABLE.

    `schema` gives the type that `read` decodes; a record whose values have other types than it says
    is read again with its types corrected, where their meaning is certain. `inner` has the
    types of members that the schema leaves as JSON. `who` names the members that say who acted:
    where they can't be read, what happened still can. `beside` names further members that may be
    absent, and without which the event is only less exact.

    `wanted` says whether a rule would read a record, by its members alone; None if the members
    that decide have a form in which they can't be understood.

    `names` and `ids` are the members by which messages call a record. `other` names records of this
    kind that are about something else than registries, and is asked where there is no event.
    """

    read: Callable[[bytes], RegistryEvent | None]
    schema: Callable[[], type]
    wanted: Callable[[Fields], bool | None]
    names: tuple[str, ...]
    ids: tuple[str, ...]
    inner: Callable[[], Mapping[str, Any]] = dict
    who: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    other: Callable[[Fields], str | None] | None = None


class Format(msgspec.Struct, frozen=True):
    """A format of documents. Exactly one of `record`, `unwrap` and `other` is set.

    `name` says what one document of it is; `source` where people get it; `example` is one.
    `recognise` decides by the members of a JSON object. `unwrap` gives the documents inside, as
    JSON; it raises UnreadableInput or one of UNDECODABLE. `other` names what holds no events of
    registries. `holds`: what the documents inside are, unless they show that they are not.
    """

    name: str
    source: str
    example: str
    recognise: Callable[[Fields], bool]
    record: RecordKind | None = None
    unwrap: Callable[[Fields], Iterable[bytes]] | None = None
    other: Callable[[Fields], str] | None = None
    holds: RecordKind | None = None


def present(fields: Fields, *names: str) -> bool:
    """Whether the object has all these members, and none of them is null."""
    return all(name in fields and bytes(fields[name]) != _NULL for name in names)


def text_of(fields: Fields, name: str) -> str | None:
    """A member's text; None if it is absent or no text."""
    raw = bytes(fields.get(name, _ABSENT))
    if raw[:1] != b'"':
        return None
    value = _decode_any(raw)
    return value if isinstance(value, str) else None


def begins(fields: Fields, name: str, *characters: bytes) -> bool:
    """Whether a member's JSON begins with one of these: `{` an object, `[` an array, `"` a text."""
    return bytes(fields.get(name, _ABSENT))[:1] in characters


class Slice(bytes):
    """JSON text that stands in its document letter by letter, so that its line can be found."""


def elements(fields: Fields, name: str) -> list[bytes]:
    """The elements of a member that is an array. Raises msgspec.ValidationError if it is none."""
    return [Slice(each) for each in _decode_list(fields.get(name, _ABSENT))]


def json_in(fields: Fields, *names: str) -> list[bytes]:
    """The JSON in members that hold an object or an array, or one as text.

    Null gives nothing where another of them holds something. Raises UnreadableInput if none of
    those that are there holds anything, or if one holds anything else.
    """
    inner = [found for name in names for found in json_value(fields.get(name, _ABSENT), name)]
    if not inner and (empty := next((name for name in names if name in fields), None)):
        raise UnreadableInput(f"{empty} is empty")
    return inner


def json_value(raw: msgspec.Raw | bytes, name: str) -> list[bytes]:
    """The same for one value; `name` is for messages."""
    value: bytes = Slice(raw)
    if value[:1] == b'"':
        text = _decode_any(value)
        value = text.strip().encode() if isinstance(text, str) else value
    if value in (_NULL, b""):
        return []
    if value[:1] not in (b"{", b"["):
        raise UnreadableInput(f"{name} holds no JSON object")
    return [value]


def short(text: str | None, most: int = 60) -> str:
    """Text of the input, cut, for the name of a kind."""
    return (text or "without a name")[:most]
