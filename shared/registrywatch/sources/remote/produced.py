"""A binary stream of what is produced bit by bit, such as the pages of a query's result."""

from collections.abc import Iterator


class Produced:
    """Reads what an iterator gives; closing it closes the iterator."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._held = memoryview(b"")

    def __enter__(self) -> "Produced":
        return self

    def __exit__(self, *_: object) -> None:
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()

    def read(self, size: int, /) -> bytes:
        """As many bytes as asked for, fewer only at the end."""
        parts: list[bytes] = []
        while size > 0 and (part := self.read1(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes; nothing only at the end."""
        while not self._held:
            part = next(self._parts, None)
            if part is None:
                return b""
            self._held = memoryview(part)
        given, self._held = bytes(self._held[:size]), self._held[size:]
        return given
