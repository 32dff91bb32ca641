"""Reads many inputs one after the other; `parallel` reads them in several processes.

In both cases the pieces are in the order of the inputs, and are cut at the same places.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from registrywatch.errors import RegistrywatchError, reason_of
from registrywatch.sources.files import Piece, pieces
from registrywatch.sources.inputs import Input


class Part(msgspec.Struct):
    """A piece of one input. `at`: bytes of it read so far, as they are stored.

    `failure` says why the rest of the input can't be read; what was read before is valid.
    """

    place: int
    piece: Piece
    at: int = 0
    failure: str | None = None


def parts(inputs: Sequence[Input]) -> Iterator[Part]:
    """Read the inputs in this process. Raises nothing: see `Part.failure`."""
    for place, each in enumerate(inputs):
        yield from parts_of(place, each)


def parts_of(place: int, source: Input, ahead: Callable[[], bytes] | None = None) -> Iterator[Part]:
    """Read one input; `ahead` returns its beginning, if that was already fetched."""
    at = 0
    try:
        opened = source.open() if ahead is None else source.open(ahead())
        with opened as stream:
            seekable = source.size > 0
            for piece in pieces(stream):
                at = stream.tell() if seekable else at
                yield Part(place, piece, at)
    except OSError as error:
        yield Part(place, Piece(ends_batch=True), at, reason_of(error))
    except RegistrywatchError as error:
        yield Part(place, Piece(ends_batch=True), at, str(error))
