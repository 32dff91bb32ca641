"""Joins lines into JSON documents; a document may be spread over several lines.

Tools write JSON in two ways: one document on a line, or indented over many lines, of which the
first begins and the last ends with a bracket at the margin. A line that is cut off looks like the
beginning of the second kind. It is not one if no further line can complete it, or if two complete
documents follow one another. An indented document with a broken record is read to its end, so that
the record harms no other.
"""

import codecs
from collections.abc import Iterator

from registrywatch.sources.large import LARGE, MOST, cut, state

_CLOSING = {b"{": b"}", b"[": b"]"}
_LIST_CLOSING = {b"{": b"}]}", b"[": b"}]"}
_FIRST_CHECK = 1 << 16  # bytes


class DocumentJoiner:
    """Takes lines one by one and yields documents, each with the number of its first line."""

    def __init__(self) -> None:
        self.pending: list[tuple[int, bytes]] = []
        self._previous_whole = False
        self._size = 0
        self._next_check = self._next_cut = 0
        self._is_indented = False

    def add_lines(self, number: int, lines: bytes) -> Iterator[tuple[int, bytes]]:
        """The documents that are complete with these lines, of which the first has that number."""
        for offset, line in enumerate(lines.splitlines(keepends=True)):
            yield from self.add(number + offset, line.removeprefix(codecs.BOM_UTF8))

    def add(self, number: int, line: bytes) -> list[tuple[int, bytes]]:
        """The documents, valid or not, that are complete with this line."""
        if not self.pending:
            if not line.strip():
                return []
            if state(line) == "cut off":
                self.pending, self._previous_whole = [(number, line)], False
                self._size, self._next_check, self._next_cut = len(line), _FIRST_CHECK, LARGE
                self._is_indented = line.rstrip().endswith((b"{", b"[", b","))
                return []
            return [(number, line)]
        if line.startswith(b"}{"):  # indented documents, one directly after the other
            return self.add(number, line[:1]) + self.add(number, line[1:])
        self.pending.append((number, line))
        self._size += len(line)
        may_end = self._may_end_with(line)
        if may_end or self._size >= self._next_check:
            self._next_check = 2 * self._size
            found = state(self._text())
            if found == "whole" or (found == "broken" and (may_end or not self._is_indented)):
                return self.end()
        whole = line.startswith(b"{") and line.rstrip().endswith(b"}") and state(line) == "whole"
        if whole and self._previous_whole:
            return self.end()
        self._previous_whole = whole
        return self._cut() if self._size >= self._next_cut else []

    def end(self) -> list[tuple[int, bytes]]:
        """What is pending, as one document, valid or not."""
        if not self.pending:
            return []
        number, text = self.pending[0][0], self._text()
        self.pending = []
        return [(number, text)] if text.strip() else []

    def _cut(self) -> list[tuple[int, bytes]]:
        """A part of what is pending, which is too large to wait for its end."""
        if self._size >= MOST:
            return self.end()
        number, text = self.pending[0][0], self._text()
        parts = cut(text)
        if parts is None:
            self.pending, self._next_cut = [(number, text)], min(2 * self._size, MOST)
            return []
        self.pending = [(number + parts.lines, parts.rest)]
        self._size, self._next_cut = len(parts.rest), LARGE
        self._next_check = max(_FIRST_CHECK, 2 * self._size)
        return [(number, parts.part)]

    def _may_end_with(self, line: bytes) -> bool:
        """Whether the line may be a document's last; parsing after every line is expensive."""
        opening, end = self.pending[0][1].lstrip()[:1], line.rstrip()
        if line.startswith((b"}", b"]")):
            return end.endswith(_CLOSING.get(opening, b""))
        return end.endswith(_LIST_CLOSING.get(opening, b"\n"))  # the last of records on own lines

    def _text(self) -> bytes:
        return b"".join(line for _, line in self.pending)
