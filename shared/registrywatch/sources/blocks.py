"""Splits a stream into blocks of whole lines, decompressed and as UTF-8.

The content shows whether it is gzip and which encoding it has.
"""

import codecs
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import msgspec

from registrywatch.sources.gunzip import BROKEN, MAGIC, Gunzip
from registrywatch.sources.large import LARGE, MOST, cut
from registrywatch.sources.log_file import READ, LogFile
from registrywatch.sources.reading import Reading

LINES = 1 << 17  # bytes of lines, read at once: of half as many, each costs one percent more time
LONG = 1 << 20  # bytes; read at once from a line that has not ended yet
_MOST_AT_ONCE = 256 << 20  # bytes of a log file; a trail's files are far smaller
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHERS = {
    b"PK\x03": "packed by zip: unpack it first",
    b"BZh": "packed by bzip2: unpack it first",
    b"\xfd7z": "packed by xz: unpack it first",
    b"\x28\xb5\x2f": "packed by zstd: unpack it first",
    b"PAR": "a Parquet file, which is not read",
}
"""The first bytes of files of other kinds."""


_Read = Callable[[int], bytes]


class _OtherKind(Exception):
    """The stream is of a kind that is not read; the message says which."""


UNREADABLE = (*BROKEN, UnicodeDecodeError, _OtherKind)
"""What `blocks` raises, after it has yielded all that precedes the fault."""


class Stream(Protocol):
    """A binary stream; what `open(path, "rb")` gives."""

    def read(self, size: int, /) -> bytes: ...
    def read1(self, size: int, /) -> bytes: ...


class Block(msgspec.Struct):
    """Whole lines, as many as one read returns; a long line takes many reads.

    `reading` is set, and `data` empty, if the lines were read as a log file.
    """

    data: bytes
    size: int
    lines: int
    reading: Reading | None = None


def blocks(stream: Stream) -> Iterator[Block]:
    """All blocks. Raises one of UNREADABLE, or what the stream raises."""
    recorded = _Recorded(stream)
    first = None
    try:
        begin, read = _opened(recorded)
        first, begin = _log_file(begin, read, recorded)
    except UNREADABLE:
        pass  # it is raised again, after what precedes it
    if first is None:
        begin, read = _opened(recorded.again())
    else:
        yield first
    recorded.forget()
    yield from _lines(begin, read)


def _log_file(begin: bytes, read: _Read, recorded: "_Recorded") -> tuple[Block | None, bytes]:
    """The first line, if it is a log file as a trail writes them, and what follows in its read.

    So that memory stays in the core's cache, nothing of it is kept but what the stream gave, which
    is packed. One that is far larger than those of a trail is read in another way.
    """
    data, size, log_file = begin + read(READ), 0, LogFile()
    end = 0
    while data and not end:
        end = data.find(b"\n") + 1
        if not log_file.add(data[: end or None]):
            return None, b""
        size += end or len(data)
        if size > _MOST_AT_ONCE or recorded.size > MOST:
            return None, b""
        data = data[end:] if end else read(READ)
    reading = log_file.end()
    return None if reading is None else Block(b"", size, int(end > 0), reading), data


def _lines(begin: bytes, read: _Read) -> Iterator[Block]:
    """The blocks of a stream that begins so."""
    rest = [begin] if begin else []
    size, held, most = LINES, len(begin), LARGE
    try:
        while data := read(size):
            end = data.rfind(b"\n") + 1
            if end:
                yield _block(b"".join((*rest, memoryview(data)[:end])))
                rest = [data[end:]] if end < len(data) else []
                size, held, most = LINES, len(data) - end, LARGE
                continue
            rest.append(data)
            size, held = min(2 * size, LONG), held + len(data)
            if held >= most:
                part, left = _parted(b"".join(rest))
                if part:
                    yield _block(part)
                rest, held = [left], len(left)
                most = LARGE if part else min(2 * held, MOST)
    except UNREADABLE:
        if rest:
            yield _block(b"".join(rest))
        raise
    if rest:
        yield _block(b"".join(rest))


def _parted(line: bytes) -> tuple[bytes, bytes]:
    """A part of a line that is too long to wait for its end, and its rest; b"" if it has none."""
    if len(line) >= MOST:
        return line, b""
    parts = cut(line)
    return (parts.part, parts.rest) if parts else (b"", line)


def _block(data: bytes) -> Block:
    lines, at = 0, data.find(b"\n")
    while at >= 0:  # on long lines several times as fast as `count`
        lines, at = lines + 1, data.find(b"\n", at + 1)
    return Block(data, len(data), lines)


def why(error: Exception) -> str:
    """What is wrong with a stream, from the error that `blocks` raised."""
    if isinstance(error, _OtherKind):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return f"not {error.encoding}: {error.reason}"
    return f"the gzip data is broken: {error}"


class _After:
    """A stream whose beginning, `taken`, was already read."""

    def __init__(self, taken: bytes, stream: Stream) -> None:
        self._taken, self._stream = memoryview(taken), stream

    def read(self, size: int, /) -> bytes:
        return self._stream.read(size) if not self._taken else self.read1(size)

    def read1(self, size: int, /) -> bytes:
        if not self._taken:
            return self._stream.read1(size)
        given, self._taken = self._taken[:size], self._taken[size:]
        return bytes(given)


class _Recorded:
    """A stream that can be read again, until `forget` is called. `size`: bytes kept for that."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._given: list[bytes] | None = []
        self.size = 0

    def read(self, size: int, /) -> bytes:
        return self._keep(self._stream.read(size))

    def read1(self, size: int, /) -> bytes:
        return self._keep(self._stream.read1(size))

    def _keep(self, data: bytes) -> bytes:
        if self._given is not None:
            self._given.append(data)
            self.size += len(data)
        return data

    def again(self) -> Stream:
        """The stream from its beginning."""
        return _After(b"".join(self._given or ()), self._stream)

    def forget(self) -> None:
        """Stop keeping what is read."""
        self._given = None


def _opened(stream: Stream) -> tuple[bytes, _Read]:
    """The first bytes, and a function that reads on: UTF-8, decompressed, no byte order mark."""
    mark = stream.read(3)  # waits if a pipe has returned less so far
    if mark in _OTHERS:
        raise _OtherKind(_OTHERS[mark])
    if mark[:2] == MAGIC:
        stream = Gunzip(_After(mark, stream))
        mark = stream.read(3)
    if mark == codecs.BOM_UTF8:
        return b"", stream.read1
    if mark[:2] in _UTF16:  # as PowerShell writes what a command prints
        return b"", codecs.EncodedFile(_as_file(_After(mark, stream)), "utf-8", "utf-16").read
    return mark, stream.read1


def _as_file(stream: Stream) -> BinaryIO:
    return stream  # type: ignore[return-value] # both want no more than `read`
