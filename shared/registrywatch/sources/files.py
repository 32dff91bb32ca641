"""Streams of recorded events, read piece by piece.

Its content shows whether a file is gzip, what encoding it has, and whether it holds JSON lines or
larger documents. A piece is what one read gives; a batch ends after four megabytes, or where a pipe
has no more for the moment.
"""

import codecs
import os
import select
import stat
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

import msgspec

from registrywatch.sources.documents import DocumentReader
from registrywatch.sources.fast import NOT_FAST, read_lines
from registrywatch.sources.gunzip import BROKEN, MAGIC, Gunzip
from registrywatch.sources.reading import Problem, Reading

BATCH = 1 << 22  # bytes
MOMENT = 0.05  # seconds
READ = 1 << 16  # bytes; what is decoded of them fits into a core's own cache
LONG = 1 << 20  # bytes; as much is read of a line that has no end so far
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHERS = {
    b"PK\x03": "packed by zip: unpack it first",
    b"BZh": "packed by bzip2: unpack it first",
    b"\xfd7z": "packed by xz: unpack it first",
    b"\x28\xb5\x2f": "packed by zstd: unpack it first",
    b"PAR": "a Parquet file, which is not read",
}
"""What files of other kinds begin with."""


class _OtherKind(Exception):
    """The stream is of a kind that is not read; the message says which."""


_BROKEN = (*BROKEN, UnicodeDecodeError, _OtherKind)


class Stream(Protocol):
    """A binary stream; what `open(path, "rb")` gives."""

    def read(self, size: int, /) -> bytes: ...
    def read1(self, size: int, /) -> bytes: ...


class _After:
    """A stream from whose beginning `taken` was read already."""

    def __init__(self, taken: bytes, stream: Stream) -> None:
        self._taken, self._stream = taken, stream

    def read(self, size: int, /) -> bytes:
        return self._stream.read(size) if not self._taken else self.read1(size)

    def read1(self, size: int, /) -> bytes:
        if not self._taken:
            return self._stream.read1(size)
        given, self._taken = self._taken[:size], self._taken[size:]
        return given


class Piece(msgspec.Struct):
    """What was read of one piece; lines are the stream's, counted from 1.

    `ends_batch`: enough was read to be counted, or there is no more for the moment. `size`: bytes,
    unpacked.
    """

    reading: Reading = msgspec.field(default_factory=Reading)
    ends_batch: bool = False
    size: int = 0

    def add(self, number: int, reading: Reading) -> None:
        """Adds what was read of a document that begins at that line."""
        self.reading.extend(reading, number)

    def extend(self, other: "Piece") -> None:
        """Adds the piece that follows."""
        self.reading.extend(other.reading)
        self.ends_batch = other.ends_batch
        self.size += other.size


def pieces(stream: Stream) -> Iterator[Piece]:
    """Reads a stream to its end. Data that can't be read is a problem; what precedes it is kept.

    Raises nothing but OSError, which is a fault of the machine, not of the input.
    """
    number, piece, size = 1, Piece(), 0  # size: bytes of the batch so far
    may_wait = not _is_regular_file(stream)
    reader = DocumentReader()
    try:
        for block in _blocks(stream):
            fast = None if reader.pending else _read_fast(block)
            if fast is None:
                for line, reading in reader.add_lines(number, block):
                    piece.add(line, reading)
            else:
                for line, reading in reader.sound():
                    piece.add(line, reading)
                piece.add(number, fast)
            number += _lines_in(block)
            piece.size = len(block)
            size += len(block)
            if size >= BATCH or (may_wait and not _more_soon(stream)):
                piece.ends_batch, size = True, 0
            yield piece
            piece = Piece()
    except _BROKEN as error:
        piece.reading.problems.append(Problem(_why(error), number))
    for line, reading in reader.end():
        piece.add(line, reading)
    piece.ends_batch = True
    yield piece


def _opened(stream: Stream) -> Callable[[int], bytes]:
    """How to read the stream as UTF-8: unpacked, and without a byte order mark."""
    mark = stream.read(3)  # waits for a pipe that has given less so far
    if mark in _OTHERS:
        raise _OtherKind(_OTHERS[mark])
    if mark[:2] == MAGIC:
        stream = Gunzip(_After(mark, stream))
        mark = stream.read(3)
    if mark == codecs.BOM_UTF8:
        return stream.read1
    if mark[:2] in _UTF16:  # as PowerShell writes what a command prints
        return codecs.EncodedFile(_as_file(_After(mark, stream)), "utf-8", "utf-16").read
    return _After(mark, stream).read1


def _as_file(stream: Stream) -> BinaryIO:
    return stream  # type: ignore[return-value] # both want no more than `read`


def _is_regular_file(stream: Any) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (AttributeError, OSError):  # not a file of the system's
        return False


def _more_soon(stream: Any) -> bool:
    """Whether reading goes on at once; a pipe that has nothing for a moment may keep us waiting."""
    try:
        return bool(select.select([stream], [], [], MOMENT)[0])
    except (OSError, TypeError, ValueError):  # likewise: there is nothing to wait for
        return True


def _blocks(stream: Stream) -> Iterator[bytes]:
    """Whole lines, as many as one read gives."""
    read = _opened(stream)
    rest: list[bytes] = []
    size = READ
    try:
        while data := read(size):
            end = data.rfind(b"\n") + 1
            if not end:  # a trail's file is one line of a megabyte or more
                rest.append(data)
                size = min(2 * size, LONG)
                continue
            size = READ
            yield b"".join((*rest, memoryview(data)[:end]))
            rest = [data[end:]] if end < len(data) else []
    except _BROKEN:
        if rest:
            yield b"".join(rest)
        raise
    if rest:
        yield b"".join(rest)


def _lines_in(block: bytes) -> int:
    """How many lines end in the block; on long lines several times as fast as `count`."""
    lines, at = 0, block.find(b"\n")
    while at >= 0:
        lines, at = lines + 1, block.find(b"\n", at + 1)
    return lines


def _read_fast(block: bytes) -> Reading | None:
    """Reads a block in one go, if every line of it is a sound document of a frequent format."""
    try:
        return read_lines(block)
    except NOT_FAST:
        return None


def _why(error: Exception) -> str:
    if isinstance(error, _OtherKind):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return f"not {error.encoding}: {error.reason}"
    return f"the gzip data is broken: {error}"
