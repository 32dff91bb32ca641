"""An object read by ranges: after a break it is fetched again from there."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from registrywatch.errors import UnreadableInput, reason_of

RANGE = 8 << 20  # bytes fetched at once, and held
_TRIES = 3


class Fetch(Protocol):
    """Fetches `size` bytes from `offset`. Raises UnreadableInput, or OSError to be tried again."""

    def __call__(self, offset: int, size: int, /) -> bytes: ...


class Ranged:
    """A binary stream over an object of a known size."""

    def __init__(self, fetch: Fetch, size: int, first: bytes = b"") -> None:
        self._fetch = fetch
        self._size = size
        self._held = memoryview(first)
        self._fetched = len(first)

    def read(self, size: int, /) -> bytes:
        """As many bytes as asked for, fewer only at the end."""
        parts: list[bytes] = []
        while size > 0 and (part := self.read1(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes; nothing only at the end."""
        if not self._held:
            if self._fetched >= self._size:
                return b""
            data = fetched(self._fetch, self._fetched, min(RANGE, self._size - self._fetched))
            self._held = memoryview(data)
            self._fetched += len(data)
        given, self._held = bytes(self._held[:size]), self._held[size:]
        return given

    def tell(self) -> int:
        """How much was read."""
        return self._fetched - len(self._held)


def fetched(
    fetch: Fetch, offset: int, size: int, sleep: Callable[[float], None] | None = None
) -> bytes:
    """A range, tried several times. Raises UnreadableInput."""
    for attempt in range(1, _TRIES + 1):
        try:
            data = fetch(offset, size)
        except OSError as error:
            if attempt == _TRIES:
                raise UnreadableInput(f"the transfer broke off: {error}") from error
            (sleep or time.sleep)(0.5 * 2**attempt)
        else:
            if not data:
                raise UnreadableInput("the object became shorter while it was read")
            return data
    raise AssertionError


def kept(
    keep: Path | None, name: str, size: int, stream: Callable[[], Any]
) -> contextlib.AbstractContextManager[Any]:
    """The stream; from the copy where there is one, else through a copy that is made of it.

    Raises UnreadableInput if the copy can't be written.
    """
    if keep is None:
        return contextlib.nullcontext(stream())
    path = copy_of(keep, name)
    if not (path.is_file() and path.stat().st_size == size):
        source = stream()
        try:
            _copy(source, path)
        except OSError as error:
            raise UnreadableInput(
                f"its copy {path} can't be written: {reason_of(error)}"
            ) from error
    return path.open("rb")


def _copy(source: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        while data := source.read1(RANGE):
            file.write(data)
    part.replace(path)


def copy_of(keep: Path, name: str) -> Path:
    """Where the copy of an object is; no name leads out of the folder."""
    parts = [part.replace("\0", "_") for part in name.split("/") if part not in ("", ".", "..")]
    return keep.joinpath(*parts)
