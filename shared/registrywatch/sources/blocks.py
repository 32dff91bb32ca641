"""A stream in blocks of whole lines, unpacked and as UTF-8.

Its content shows whether it is gzip and what encoding it has.
"""

import codecs
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from registrywatch.sources.fast import NOT_FAST, read_lines
from registrywatch.sources.gunzip import BROKEN, MAGIC, Gunzip
from registrywatch.sources.log_file import LogFile
from registrywatch.sources.reading import Reading

READ = 1 << 16  # bytes; what is decoded of them fits into a core's own cache
LONG = 1 << 20  # bytes; as much is read of a line that has no end so far
BEGINNING = 1 << 12  # bytes of a line, in which its kind shows
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


UNREADABLE = (*BROKEN, UnicodeDecodeError, _OtherKind)
"""What `blocks` raises, having given what precedes it."""


class Stream(Protocol):
    """A binary stream; what `open(path, "rb")` gives."""

    def read(self, size: int, /) -> bytes: ...
    def read1(self, size: int, /) -> bytes: ...


class Block:
    """Whole lines, as many as one read gives; a long line takes many reads."""

    def __init__(self, begin: bytes = b"") -> None:
        self._parts: list[bytes | memoryview] = [begin] if begin else []
        self._log_file: LogFile | None = None
        self.size = len(begin)
        self.lines = 0
        self.next_read = READ

    def go_on(self, data: bytes) -> None:
        """Adds a part of a line that ends later: a trail's file is one line of a megabyte."""
        before = self.size
        self._add(data)
        try:
            if self._log_file is not None:
                self._log_file.add(data)
            elif before < BEGINNING <= self.size:
                self._log_file = LogFile(bytes(self))
        except NOT_FAST:
            self._log_file = None
        self.next_read = READ if self._log_file or before < BEGINNING else min(2 * self.size, LONG)

    def end(self, data: bytes, end: int) -> None:
        """Adds the last part, as far as the end of its last line."""
        if self._log_file is not None:
            self.go_on(data[:end])
        else:
            self._add(memoryview(data)[:end])
        at = data.find(b"\n")
        while 0 <= at < end:  # on long lines several times as fast as `count`
            self.lines, at = self.lines + 1, data.find(b"\n", at + 1)

    def _add(self, data: bytes | memoryview) -> None:
        self._parts.append(data)
        self.size += len(data)

    def __bytes__(self) -> bytes:
        return b"".join(self._parts)

    def read(self) -> Reading | None:
        """Reads it in one go, if every line of it is a sound document of a frequent format."""
        try:
            if self._log_file is not None:
                return self._log_file.end()
        except NOT_FAST:
            pass
        try:
            return read_lines(bytes(self))
        except NOT_FAST:
            return None


def blocks(stream: Stream) -> Iterator[Block]:
    """All blocks. Raises one of UNREADABLE, or OSError."""
    read = _opened(stream)
    block = Block()
    try:
        while data := read(block.next_read):
            end = data.rfind(b"\n") + 1
            if not end:
                block.go_on(data)
                continue
            block.end(data, end)
            yield block
            block = Block(data[end:])
    except UNREADABLE:
        if block.size:
            yield block
        raise
    if block.size:
        yield block


def why(error: Exception) -> str:
    """What is wrong with a stream, by what `blocks` raised."""
    if isinstance(error, _OtherKind):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return f"not {error.encoding}: {error.reason}"
    return f"the gzip data is broken: {error}"


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
