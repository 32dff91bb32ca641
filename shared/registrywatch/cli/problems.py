"""What could not be read, on stderr: of each input the first few problems, the rest summed up."""

import sys
from collections.abc import Callable

from registrywatch.alerts.text import visible
from registrywatch.sources import Reading
from registrywatch.sources.files import Piece

_SHOWN = 5  # problems of one input; a file that is not JSON would fill the screen


class Problems:
    """Counts problems, and reports them. `clear` takes away what is drawn on the terminal."""

    def __init__(self, clear: Callable[[], None] = lambda: None) -> None:
        self._clear = clear
        self.count = 0
        self._name = ""
        self._of_input = 0
        self._read = Reading()
        self._skipped = Reading()

    def begin(self, name: str) -> None:
        """From now on it is about this input; sums up what was left out of the one before."""
        if name != self._name:
            self.end()
            self._name = name

    def end(self) -> None:
        """Sum up the present input."""
        if (more := self._of_input - _SHOWN) > 0:
            self._print(f"{self._name}: {more:,} more problems like these")
        for kind, seen in self._read.unknown.items():
            self.count += 1
            times = "" if seen.count == 1 else f", {seen.count:,} times, first"
            self._print(f"{self._name}:{seen.line}: not understood{times}: {kind}")
        for kind, count in self._read.other.items():
            self._skipped.skip(kind, count)
        self._of_input, self._read = 0, Reading()

    def summary(self) -> None:
        """Say what was recognised as something else than events of registries."""
        if kinds := [f"{count:,} × {kind}" for kind, count in self._skipped.other.items()]:
            self._print(f"skipped, no registry events: {'; '.join(kinds)}")

    def add(self, piece: Piece) -> None:
        """Take what of a piece of the present input did not become an event."""
        for problem in piece.reading.problems:
            self.about(f"{self._name}:{problem.line}: {problem}")
        read = piece.reading
        if read.other or read.unknown:
            self._read.extend(Reading(other=read.other, unknown=read.unknown))

    def about(self, text: str) -> None:
        """Report one problem of the present input, unless it had many."""
        self.count += 1
        self._of_input += 1
        if self._of_input <= _SHOWN:
            self._print(text)

    def one(self, text: str) -> None:
        """Report a problem that is always worth its line."""
        self.count += 1
        self._print(text)

    def _print(self, text: str) -> None:
        """Print a line on stderr."""
        self._clear()
        print(f"registrywatch: {visible(text)}", file=sys.stderr)
