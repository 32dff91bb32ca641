"""Parts of inputs as bytes, for the way from one process of this program to another.

`marshal` writes texts and numbers in half the time that `pickle` takes for structs, needs no module
to be loaded, and keeps a text that many events have one object. What it can't write is pickled: an
event of a rare kind, which holds structs of its own.
"""

import marshal
from collections.abc import Sequence
from typing import Any, get_args

from msgspec.structs import astuple

from registrywatch.events import Actor, RegistryEvent, What
from registrywatch.sources.files import Piece
from registrywatch.sources.many import Part
from registrywatch.sources.reading import Problem, Reading, Seen

_KINDS: tuple[type[What], ...] = get_args(What)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_FIELDS = RegistryEvent.__struct_fields__
_ACTOR, _WHAT = _FIELDS.index("actor"), _FIELDS.index("what")
_PLAIN, _PICKLED = b"m", b"p"


def packed(parts: Sequence[Part]) -> bytes:
    """The parts as bytes."""
    try:
        return _PLAIN + marshal.dumps([*map(_row, parts)])
    except ValueError:
        import pickle  # takes as long to load as a small file to read

        return _PICKLED + pickle.dumps(parts, 5)


def unpacked(message: memoryview) -> list[Part]:
    """The parts of a message that `packed` made: of no other, for they are not checked."""
    if message[:1] == _PLAIN:
        return [_part(row) for row in marshal.loads(message[1:])]  # noqa: S302 - our own process's
    import pickle

    found: list[Part] = pickle.loads(message[1:])  # noqa: S301 - likewise
    return found


def _row(part: Part) -> tuple[Any, ...]:
    piece, reading = part.piece, part.piece.reading
    return (
        (part.place, part.at, part.failure),
        (piece.ends_batch, piece.size),
        _columns(reading.events),
        (reading.records, reading.other),
        [*map(astuple, reading.problems)],
        [(kind, *astuple(seen)) for kind, seen in reading.unknown.items()],
    )


def _part(row: tuple[Any, ...]) -> Part:
    (place, at, failure), of_piece, columns, (records, other), problems, unknown = row
    seen = {kind: Seen(*of_kind) for kind, *of_kind in unknown}
    found = [Problem(*each) for each in problems]
    reading = Reading(_events(columns), found, records, other, seen)
    return Part(place, Piece(reading, *of_piece), at, failure)


def _columns(events: Sequence[RegistryEvent]) -> list[Any]:
    """The events' fields, field by field, which takes far fewer steps than event by event."""
    if not events:
        return []
    columns: list[Any] = [*zip(*map(astuple, events), strict=True)]
    kinds = [_NUMBERS[type(what)] for what in columns[_WHAT]]
    for structs in (_ACTOR, _WHAT):
        columns[structs] = [*map(astuple, columns[structs])]
    return [kinds, *columns]


def _events(columns: Sequence[Any]) -> list[RegistryEvent]:
    if not columns:
        return []
    kinds, *fields = columns
    fields[_ACTOR] = [Actor(*each) for each in fields[_ACTOR]]
    fields[_WHAT] = [_KINDS[kind](*what) for kind, what in zip(kinds, fields[_WHAT], strict=True)]
    return [*map(RegistryEvent, *fields)]
