"""Files, folders and streams of recorded events, read piece by piece.

Whether a file is gzip, what encoding it has, and whether it holds JSON lines or larger documents is
told by its content. A piece is what one read gives: about 1 MB of whole lines, or less from a pipe.
"""

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources import careful
from registrywatch.sources.assembly import Assembly
from registrywatch.sources.documents import UNDECODABLE, NeedsItsOwnBytes, Reading, read_lines

PIECE = 1 << 20  # bytes
_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENDINGS = frozenset({"", ".json", ".jsonl", ".ndjson", ".log", ".txt", ".gz"})
_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError)


class Stream(Protocol):
    """A binary stream that can be looked into; what `open(path, "rb")` gives."""

    def peek(self, size: int, /) -> bytes: ...
    def read(self, size: int, /) -> bytes: ...
    def read1(self, size: int, /) -> bytes: ...


class Piece(msgspec.Struct):
    """What was read of one piece; each problem with the line at which it stands, from 1."""

    reading: Reading
    problems: list[tuple[int, str]] = []


def files_in(path: Path) -> list[Path]:
    """The file itself, or all files of a folder that may hold events, in the order of their names.

    Hidden files and those whose ending says that they are something else are left out.
    """
    if not path.is_dir():
        return [path]
    return sorted(
        each
        for each in path.rglob("*")
        if each.suffix.lower() in _ENDINGS
        and not any(part.startswith(".") for part in each.relative_to(path).parts)
        and each.is_file()
    )


def pieces(stream: Stream) -> Iterator[Piece]:
    """Reads a stream to its end. Data that can't be read is a problem; what came before is kept.

    Raises nothing but OSError, which is the machine's trouble and not the input's.
    """
    number = 1
    assembly = Assembly()
    try:
        for block in _blocks(_opened(stream)):
            piece = None if assembly.pending else _read_fast(block)
            yield piece or _read_slowly(block, number, assembly)
            number += block.count(b"\n")
    except _BROKEN as error:
        yield _merged(assembly.end())
        yield Piece(Reading(), [(number, _why(error))])
    else:
        yield _merged(assembly.end())


def _opened(stream: Stream) -> Callable[[int], bytes]:
    """How to read the stream as UTF-8: unpacked, and without a byte order mark."""
    if stream.peek(2)[:2] == _GZIP:
        stream = gzip.GzipFile(fileobj=_as_file(stream))
    mark = stream.peek(3)[:3]
    if mark[:2] in _UTF16:  # as PowerShell writes what a command prints
        return codecs.EncodedFile(_as_file(stream), "utf-8", "utf-16").read
    if mark == codecs.BOM_UTF8:
        stream.read(3)
    return stream.read1


def _as_file(stream: Stream) -> BinaryIO:
    return stream  # type: ignore[return-value] # both want no more than `read`


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Whole lines, as many as one read gives, and at least one."""
    rest: list[bytes] = []
    try:
        while data := read(PIECE):
            head, newline, tail = data.rpartition(b"\n")
            if not newline:
                rest.append(tail)
                continue
            yield b"".join((*rest, head, newline))
            rest = [tail] if tail else []
    finally:
        if rest:
            yield b"".join(rest)


def _read_fast(block: bytes) -> Piece | None:
    try:
        return Piece(read_lines(block))
    except (*UNDECODABLE, UnreadableInput, NeedsItsOwnBytes):
        return None


def _read_slowly(block: bytes, number: int, assembly: Assembly) -> Piece:
    documents: list[tuple[int, bytes]] = []
    for offset, line in enumerate(block.splitlines(keepends=True)):
        documents += assembly.add(number + offset, line.removeprefix(codecs.BOM_UTF8))
    return _merged(documents)


def _merged(documents: list[tuple[int, bytes]]) -> Piece:
    piece = Piece(Reading())
    for number, document in documents:
        reading = careful.read(document)
        piece.reading.events += reading.events
        piece.reading.records += reading.records
        piece.reading.unknown += reading.unknown
        piece.problems += [(number, problem) for problem in reading.problems]
    return piece


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not {error.encoding}: {error.reason}"
    return f"the gzip data is broken: {error}"
