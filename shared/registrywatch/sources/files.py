"""Reads streams of recorded events, piece by piece.

The content shows what a stream holds: JSON lines or larger documents. A piece is the result of one
read; a batch ends after four megabytes, or when a pipe has no more for the moment.
"""

import os
import select
import stat
from collections.abc import Iterator
from typing import Any

import msgspec

from registrywatch.sources.blocks import UNREADABLE, Stream, blocks, why
from registrywatch.sources.documents import DocumentReader
from registrywatch.sources.fast import NOT_FAST, read_lines
from registrywatch.sources.reading import Problem, Reading

BATCH = 1 << 22  # bytes
MOMENT = 0.05  # seconds


class Piece(msgspec.Struct):
    """What was read of one piece; lines are the stream's, counted from 1.

    `ends_batch`: the pieces so far are to be counted now. `size`: decompressed bytes.
    """

    reading: Reading = msgspec.field(default_factory=Reading)
    ends_batch: bool = False
    size: int = 0

    def add(self, number: int, reading: Reading) -> None:
        """Add what was read of a document that begins at that line."""
        self.reading.extend(reading, number)

    def extend(self, other: "Piece") -> None:
        """Add the piece that follows."""
        self.reading.extend(other.reading)
        self.ends_batch = other.ends_batch
        self.size += other.size


def pieces(stream: Stream) -> Iterator[Piece]:
    """Read a stream to its end. Data that can't be read is a problem; what precedes it is kept.

    Raises nothing but OSError, which is a fault of the machine, not of the input.
    """
    number, piece, size = 1, Piece(), 0  # size: bytes of the batch so far
    may_wait = not _is_regular_file(stream)
    reader = DocumentReader()
    try:
        for block in blocks(stream):
            fast = block.reading
            if fast is None and not reader.pending:
                fast = _read_fast(block.data)
            if fast is None:
                for line, reading in reader.add_lines(number, block.data):
                    piece.add(line, reading)
            else:
                for line, reading in reader.sound():
                    piece.add(line, reading)
                piece.add(number, fast)
            number += block.lines
            piece.size = block.size
            size += block.size
            if size >= BATCH or (may_wait and not _more_soon(stream)):
                piece.ends_batch, size = True, 0
            yield piece
            piece = Piece()
    except UNREADABLE as error:
        piece.reading.problems.append(Problem(why(error), number))
    for line, reading in reader.end():
        piece.add(line, reading)
    piece.ends_batch = True
    yield piece


def _read_fast(block: bytes) -> Reading | None:
    """Read a block in one go, if every line of it is a sound document of a frequent format."""
    try:
        return read_lines(block)
    except NOT_FAST:
        return None


def _is_regular_file(stream: Any) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (AttributeError, OSError):  # not a file of the system's
        return False


def _more_soon(stream: Any) -> bool:
    """Whether there is more to read at once; a pipe that has nothing for a moment may block."""
    try:
        return bool(select.select([stream], [], [], MOMENT)[0])
    except (OSError, TypeError, ValueError):  # likewise: there is nothing to wait for
        return True
