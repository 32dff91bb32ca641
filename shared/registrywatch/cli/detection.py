"""The detector over all inputs of a run: what `replay` and `tune` have in common."""

import gc
from collections.abc import Callable, Iterator, Sequence

from registrywatch.cli.local import local_acquaintances, local_detector, local_settings
from registrywatch.cli.reading import Reader
from registrywatch.detector import Batch, Detector, HandOver
from registrywatch.events import RegistryEvent
from registrywatch.sources.inputs import Found


class Detection:
    """One run. `read` is given the events of each piece, `counted` each batch that was counted."""

    def __init__(
        self,
        hand_over: HandOver,
        read: Callable[[Sequence[RegistryEvent]], None] = lambda _: None,
        counted: Callable[[Batch], None] = lambda _: None,
    ) -> None:
        # Events hold no cycles. Looking for some among them all the time would cost a tenth.
        gc.freeze()
        gc.set_threshold(100_000)
        self.reader = Reader()
        self._settings = local_settings()
        self._known = local_acquaintances(self._settings)
        self._detector = local_detector(self._settings, hand_over, self._known)
        self._read = read
        self._counted = counted

    def learn(self, found: Found, processes: int) -> None:
        """Learns what is usual from earlier events, which raise nothing and are not counted on."""
        detector = local_detector(self._settings, lambda _: None, self._known)
        for name, piece in self.reader.pieces(found, processes):
            batch = Batch()
            detector.gather(piece.reading.events, batch)
            self._report(name, batch, detector)
        self.reader.records = 0

    def batches(self, found: Found, processes: int) -> Iterator[None]:
        """Reads, judges and counts; stops for a moment after each batch."""
        batch = Batch()
        for name, piece in self.reader.pieces(found, processes):
            # Gathered piece by piece, while they are in the core's cache; counted a batch at a time
            self._detector.gather(piece.reading.events, batch)
            self._read(piece.reading.events)
            if piece.ends_batch:
                self._report(name, batch, self._detector)
                self._counted(batch)
                batch = Batch()
                yield

    def _report(self, name: str, batch: Batch, detector: Detector) -> None:
        """Counts the batch, and reports the events that the detector failed on."""
        for place, reason in detector.finish(batch).failed.items():
            self.reader.problems.about(f"{name}: event {batch.events[place].id}: {reason}")
