"""The detector over all inputs of a run: what `replay` and `tune` have in common."""

import gc
from collections.abc import Callable, Iterator, Sequence

from registrywatch.cli.local import local_detector, local_settings
from registrywatch.cli.reading import Reader
from registrywatch.cli.selection import EVERYTHING, Selection
from registrywatch.detector import Batch, HandOver
from registrywatch.detector.learning import Lessons
from registrywatch.events import RegistryEvent
from registrywatch.rules import CATALOGUE
from registrywatch.sources.inputs import Found, StandardInput
from registrywatch.windows.acquaintance_stores import MemoryAcquaintances

WORTH_COUNTING = 1500
"""Events that are counted together, at least: each group costs something each time it is counted.
With many more, the processes that read would run out of jobs before this one gives them others."""


class Detection:
    """One run. `read` is given the events of each piece, `counted` each batch that was counted.

    Events that `period` does not take are not judged or counted; those before it teach what is
    usual.
    """

    def __init__(
        self,
        hand_over: HandOver,
        read: Callable[[Sequence[RegistryEvent]], None] = lambda _: None,
        counted: Callable[[Batch], None] = lambda _: None,
        period: Selection = EVERYTHING,
    ) -> None:
        gc.freeze()  # what was imported stays
        self.reader = Reader()
        self._settings = local_settings()
        self.acquaintances = MemoryAcquaintances()
        self._detector = local_detector(self._settings, hand_over, self.acquaintances)
        self._read = read
        self._counted = counted
        self._period = period
        # What is to be counted yet, while the next piece is read
        self._pending: tuple[Batch, list[tuple[int, str]]] | None = None

    def learn(self, found: Found, processes: int) -> None:
        """Learn what is usual from earlier events, which raise nothing and are not counted on."""
        lessons = self._lessons()
        for _, piece in self.reader.pieces(found, processes):
            lessons.learn(piece.reading.events)
            self._detector.learn(piece.reading.events)
        lessons.write(self.acquaintances)
        self.reader.records = 0

    def batches(self, found: Found, processes: int) -> Iterator[None]:
        """Read, judge and count; pause for a moment after each batch.

        An interrupt ends it; what was read so far is kept, and `reader` says so.
        """
        try:
            yield from self._batches(found, processes)
        except KeyboardInterrupt:
            if self._pending is not None:
                self._count(*self._pending)
            self.reader.interrupt(quietly=found.inputs == [StandardInput()])

    def _batches(self, found: Found, processes: int) -> Iterator[None]:
        least = 0 if StandardInput() in found.inputs else WORTH_COUNTING
        batch, starts = Batch(), list[tuple[int, str]]()
        for name, piece in self.reader.pieces(found, processes):
            self._pending = None
            # Gathered piece by piece, while they are in the core's cache; counted a batch at a time
            events = self._taken(piece.reading.events)
            starts.append((len(batch.events), name))
            self._detector.gather(events, batch)
            self._read(events)
            if piece.ends_batch and len(batch.events) >= least:
                self._count(batch, starts)
                batch, starts = Batch(), []
                yield
            self._pending = batch, starts
        self._pending = None
        self._count(batch, starts)
        yield

    def _count(self, batch: Batch, starts: Sequence[tuple[int, str]]) -> None:
        """Count the batch; report the events that the detector failed on, by their inputs."""
        for place, reason in self._detector.finish(batch).failed.items():
            name = next(name for start, name in reversed(starts) if start <= place)
            self.reader.problems.about(f"{name}: event {batch.events[place].id}: {reason}")
        self._counted(batch)

    def _taken(self, events: list[RegistryEvent]) -> list[RegistryEvent]:
        """The events of the period. Learns from those before it."""
        period = self._period
        if period == EVERYTHING:
            return events
        if before := [event for event in events if period.is_before(event)]:
            lessons = self._lessons()
            lessons.learn(before)
            lessons.write(self.acquaintances)
            self._detector.learn(before)
        return [event for event in events if period.takes(event)]

    def _lessons(self) -> Lessons:
        return Lessons(CATALOGUE, self._settings.tunings, self._settings.trust)
