"""What could not be read, on stderr: of each input the first few problems, the rest summed up."""

import sys
from collections.abc import Callable

from registrywatch.alerts.text import visible
from registrywatch.sources.files import Piece

_SHOWN = 5  # problems of one input; a file that is no JSON at all would fill the screen


class Problems:
    """Counts problems, and reports them. `clear` takes away what is drawn on the terminal."""

    def __init__(self, clear: Callable[[], None] = lambda: None) -> None:
        self._clear = clear
        self.count = 0
        self._name = ""
        self._of_input = 0
        self._unknown = 0
        self._unknown_at = 0

    def begin(self, name: str) -> None:
        """From now on it is about this input; sums up what was left out of the one before."""
        if name != self._name:
            self.end()
            self._name = name

    def end(self) -> None:
        """Sums up the present input."""
        if (more := self._of_input - _SHOWN) > 0:
            self.tell(f"{self._name}: {more:,} more problems like these")
        if self._unknown:
            what = "1 document" if self._unknown == 1 else f"{self._unknown:,} documents"
            self.count += 1
            self.tell(
                f"{self._name}: {what} of no known kind, the first at line {self._unknown_at}"
            )
        self._of_input = self._unknown = 0

    def add(self, piece: Piece) -> None:
        """Takes the problems of a piece of the present input."""
        for line, problem in piece.problems:
            self.about(f"{self._name}:{line}: {problem}")
        if piece.unknown_at is not None:
            self._unknown_at = self._unknown_at if self._unknown else piece.unknown_at
            self._unknown += piece.reading.unknown

    def about(self, text: str) -> None:
        """Reports one problem of the present input, unless it had many."""
        self.count += 1
        self._of_input += 1
        if self._of_input <= _SHOWN:
            self.tell(text)

    def one(self, text: str) -> None:
        """Reports a problem that is always worth its line."""
        self.count += 1
        self.tell(text)

    def tell(self, text: str) -> None:
        """Prints a line on stderr."""
        self._clear()
        print(f"registrywatch: {visible(text)}", file=sys.stderr)
