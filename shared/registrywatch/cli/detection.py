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

    def learn(self, found: Found, processes: int) -> None:
        """Learns what is usual from earlier events, which raise nothing and are not counted on."""
        lessons = self._lessons()
        for _, piece in self.reader.pieces(found, processes):
            lessons.learn(piece.reading.events)
        lessons.write(self.acquaintances)
        self.reader.records = 0

    def batches(self, found: Found, processes: int) -> Iterator[None]:
        """Reads, judges and counts; stops for a moment after each batch.

        An interrupt ends it: the batches so far hold, `reader` knows of it.
        """
        try:
            yield from self._batches(found, processes)
        except KeyboardInterrupt:
            self.reader.interrupt(quietly=found.inputs == [StandardInput()])

    def _batches(self, found: Found, processes: int) -> Iterator[None]:
        batch = Batch()
        for name, piece in self.reader.pieces(found, processes):
            # Gathered piece by piece, while they are in the core's cache; counted a batch at a time
            events = self._taken(piece.reading.events)
            self._detector.gather(events, batch)
            self._read(events)
            if piece.ends_batch:
                self._report(name, batch)
                self._counted(batch)
                batch = Batch()
                yield

    def _taken(self, events: list[RegistryEvent]) -> list[RegistryEvent]:
        """The events of the period. Learns from those before it."""
        period = self._period
        if period == EVERYTHING:
            return events
        if before := [event for event in events if period.is_before(event)]:
            lessons = self._lessons()
            lessons.learn(before)
            lessons.write(self.acquaintances)
        return [event for event in events if period.takes(event)]

    def _lessons(self) -> Lessons:
        return Lessons(CATALOGUE, self._settings.tunings, self._settings.trust)

    def _report(self, name: str, batch: Batch) -> None:
        """Counts the batch, and reports the events that the detector failed on."""
        for place, reason in self._detector.finish(batch).failed.items():
            self.reader.problems.about(f"{name}: event {batch.events[place].id}: {reason}")
