"""Decompresses gzip as it is read: with isal, several times as fast, if it is installed.

Files of several members are read, and zeros after the last one are skipped. After a fault, reading
goes on at the next member, on a new line. All data is returned before the first fault is raised, as
EOFError, zlib.error or gzip.BadGzipFile.
"""

import gzip
import zlib
from functools import cache
from importlib import import_module
from typing import Any, Protocol

MAGIC = b"\x1f\x8b"
BROKEN = (EOFError, zlib.error, gzip.BadGzipFile)
_HEADER = MAGIC + b"\x08"  # a member's first bytes; the third is its only kind of compression
_CHUNK = 1 << 14  # bytes, packed
_GZIP = 31  # `wbits`: a gzip member with its checksum


class Packed(Protocol):
    """The packed stream."""

    def read(self, size: int, /) -> bytes: ...


class Gunzip:
    """The unpacked stream."""

    def __init__(self, stream: Packed) -> None:
        self._stream = stream
        self._library, self._error = library()
        self._decoder = self._library.decompressobj(wbits=_GZIP)
        self._input = b""
        # The packed data since the member began, or of that the last two chunks
        self._earlier, self._recent, self._has_begin = b"", b"", True
        self._fault: Exception | None = None

    def read(self, size: int, /) -> bytes:
        """`size` bytes, fewer only at the end."""
        parts: list[bytes] = []
        while size > 0 and (part := self.read1(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def read1(self, size: int, /) -> bytes:
        """The bytes that are available, at most `size`; none only at the end."""
        try:
            return self._read1(size)
        except BROKEN as error:
            self._fault = self._fault or error
            if not self._skip_to_member():
                raise self._fault from None
            return b"\n"  # ends the document that broke off

    def _read1(self, size: int) -> bytes:
        while True:
            if self._decoder.eof and not self._next_member():
                if self._fault is not None:
                    raise self._fault
                return b""
            if not self._input:
                self._input = self._stream.read(_CHUNK)
                if not self._input:
                    if held := self._decoder.flush():  # isal holds back what it could not finish
                        return bytes(held)
                    raise EOFError("the end of the data is missing")
                self._has_begin = self._has_begin and not self._earlier
                self._earlier, self._recent = self._recent, self._input
            try:
                given: bytes = self._decoder.decompress(self._input, size)
            except self._error as error:
                raise zlib.error(str(error)) from error
            self._input = self._decoder.unconsumed_tail
            if given:
                return given

    def _next_member(self) -> bool:
        """Whether another member follows; then its decoder and its first bytes are ready."""
        rest = self._decoder.unused_data.lstrip(b"\0")
        while len(rest) < len(MAGIC):
            if not (more := self._stream.read(_CHUNK)):
                break
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            return False
        self._begin(rest)
        if not rest.startswith(MAGIC):
            raise gzip.BadGzipFile(f"other data follows: {rest[:2]!r}")
        return True

    def _skip_to_member(self) -> bool:
        """After a fault: whether another member follows; what is before it is left out.

        A member that was cut off may have taken the beginning of the next one for its own data.
        """
        rest = (self._earlier + self._recent)[1 if self._has_begin else 0 :]
        while (at := rest.find(_HEADER)) < 0:
            if not (more := self._stream.read(_CHUNK)):
                self._begin(b"")
                return False
            rest = rest[1 - len(_HEADER) :] + more
        self._begin(rest[at:])
        return True

    def _begin(self, rest: bytes) -> None:
        self._decoder, self._input = self._library.decompressobj(wbits=_GZIP), rest
        self._earlier, self._recent, self._has_begin = b"", rest, True


@cache
def library() -> tuple[Any, type[Exception]]:
    """The module that decompresses, and its error."""
    try:
        found = import_module("isal.isal_zlib")
    except ModuleNotFoundError:
        return zlib, zlib.error
    return found, found.error
