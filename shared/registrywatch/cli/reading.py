"""Reads all inputs of a run, with progress, and reports what could not be read."""

from collections.abc import Iterator

from registrywatch.cli.problems import Problems
from registrywatch.cli.progress import Progress
from registrywatch.sources.files import Piece
from registrywatch.sources.inputs import Found
from registrywatch.sources.parallel import parts_by


class Reader:
    """One run's reading: `problems` of it, and how many `records` there were."""

    def __init__(self) -> None:
        self._progress = Progress(0)
        self.problems = Problems(lambda: self._progress.clear())
        self.records = 0
        self.interrupted = False

    def pieces(self, found: Found, processes: int) -> Iterator[tuple[str, Piece]]:
        """All pieces in order, with their inputs' names; `processes` read them."""
        for problem in found.problems:
            self.problems.one(problem)
        inputs = found.inputs
        sizes = [each.size for each in inputs]
        self._progress = Progress(sum(sizes))
        unknown = (each.name for each, size in zip(inputs, sizes, strict=True) if not size)
        if asked := [name for name in unknown if "://" in name]:
            self._progress.waiting(f"asking {asked[0]} …")
        before, place, empty = 0, 0, True
        for part in parts_by(processes, inputs, sizes):
            if asked:
                self._progress.clear()
                asked = []
            before, place = before + sum(sizes[place : part.place]), part.place
            name = inputs[place].name
            self.problems.begin(name)
            self.problems.add(part.piece)
            if part.failure is not None:
                self.problems.one(f"{name}: {part.failure}")
            self.records += part.piece.reading.records
            empty = empty and not part.piece.size
            yield name, part.piece
            self._progress.at(before + part.at)
        self._end()
        if inputs and empty and not self.problems.count:
            self.problems.one("the input is empty: there was nothing to read")

    def interrupt(self, *, quietly: bool = False) -> None:
        """Ctrl-C: what was read so far holds, and the rest is a problem unless it has no end."""
        self.interrupted = True
        self._end()
        if not quietly:
            self.problems.one("interrupted: only what was read until then counts")

    def status(self) -> int:
        """The exit status of a run that reads."""
        return 130 if self.interrupted else int(self.problems.count > 0)

    def _end(self) -> None:
        self.problems.end()
        self._progress.clear()
        self.problems.summary()
