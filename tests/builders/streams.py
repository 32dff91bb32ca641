"""Files and pipes for `sources.files.pieces`, and what it reads from them."""

import io
import itertools
import json
from collections.abc import Iterable, Iterator

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.sources import Reading
from registrywatch.sources.files import pieces
from tests.builders.cloudtrail import Json


class Pipe(io.RawIOBase):
    """Returns its bytes in reads of the given sizes, repeated, as from a slow writer."""

    def __init__(self, data: bytes, sizes: Iterable[int]) -> None:
        super().__init__()
        self._data = io.BytesIO(data)
        self._sizes = itertools.cycle(sizes)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        data = self._data.read(min(len(buffer), next(self._sizes)))
        buffer[: len(data)] = data
        return len(data)


class Found(msgspec.Struct):
    """Everything that was read from one stream.

    `kinds` has the first line of each kind of document that was not understood, `other` how often
    something was recognised as something else.
    """

    events: list[RegistryEvent]
    problems: list[tuple[int, str]]
    records: int
    unknown: int
    kinds: dict[str, int]
    other: dict[str, int]

    @property
    def ids(self) -> list[str]:
        return [event.id for event in self.events]

    @property
    def lines(self) -> list[int]:
        """The lines of the problems."""
        return [line for line, _ in self.problems]

    @property
    def texts(self) -> list[str]:
        """The texts of the problems."""
        return [text for _, text in self.problems]


def found(data: bytes, sizes: Iterable[int] = (1 << 20,)) -> Found:
    """What is read from these bytes, in reads of the given sizes."""
    read = Reading()
    for piece in pieces(io.BufferedReader(Pipe(data, sizes))):
        read.extend(piece.reading)
    return Found(
        read.events,
        [(each.line, each.text) for each in read.problems],
        read.records,
        sum(each.count for each in read.unknown.values()),
        {kind: each.line for kind, each in read.unknown.items()},
        read.other,
    )


def lines(*documents: Json | list[Json]) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in documents)


def indented(*documents: Json | list[Json]) -> bytes:
    """Each document over many lines, as `aws` and `jq` print it."""
    return b"".join(json.dumps(each, indent=2).encode() + b"\n" for each in documents)


def side_by_side(*documents: Json | list[Json]) -> bytes:
    """Documents with nothing between them, as Firehose writes them."""
    return b"".join(json.dumps(each).encode() for each in documents)


def ids(made: Iterable[Json]) -> Iterator[str]:
    """The provider's ids of CloudTrail records."""
    return (each["eventID"] for each in made)
