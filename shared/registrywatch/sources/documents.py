"""Reads the documents that a stream's lines contain.

Lines that are no JSON are not reported one by one: a run of them is one problem, unless they are
another service's log, which is skipped.
"""

from collections.abc import Iterator

from registrywatch.sources.fast import read
from registrywatch.sources.json_stream import DocumentJoiner
from registrywatch.sources.reading import Problem, Reading
from registrywatch.sources.text_logs import text_format

Numbered = tuple[int, Reading]
"""What was read of a document, and the number of its first line."""

_JSON_BEGINS = (b"{", b"[", b'"')


class DocumentReader:
    """Takes lines and yields what was read of each document that they complete."""

    def __init__(self) -> None:
        self._joiner = DocumentJoiner()
        self._text = b""  # the first of several lines that are not JSON
        self._text_at = self._text_lines = 0

    @property
    def pending(self) -> bool:
        """Whether some lines are not read yet."""
        return bool(self._joiner.pending)

    def add_lines(self, number: int, lines: bytes) -> Iterator[Numbered]:
        """Read the documents that these lines complete; the first line has that number."""
        for line, document in self._joiner.add_lines(number, lines):
            yield from self._read(line, document)

    def end(self) -> Iterator[Numbered]:
        """Read what is left after the last line."""
        for line, document in self._joiner.end():
            yield from self._read(line, document)
        yield from self._end_of_text()

    def sound(self) -> Iterator[Numbered]:
        """End a run of lines that are not JSON: valid documents follow, read in another way."""
        yield from self._end_of_text()

    def _read(self, line: int, document: bytes) -> Iterator[Numbered]:
        if document.lstrip()[:1] not in _JSON_BEGINS:
            known = text_format(document)
            if known is not None:
                yield from self._end_of_text()
                json = known.json(document)
                reading = read(json) if json else Reading()
                if not json:
                    reading.skip(known.name)
                yield line, reading
                return
            if b'{"' not in document:
                if not self._text_lines:
                    self._text, self._text_at = document, line
                self._text_lines += 1
                return
        yield from self._end_of_text()
        yield line, read(document)

    def _end_of_text(self) -> Iterator[Numbered]:
        if not self._text_lines:
            return
        reading = read(self._text)
        if (more := self._text_lines - 1) and reading.problems:
            first = reading.problems[0]
            text = f"{first.text}, and {more:,} more {'line' if more == 1 else 'lines'} like it"
            reading.problems[0] = Problem(text, first.line, first.record)
        self._text_lines = 0
        yield self._text_at, reading
