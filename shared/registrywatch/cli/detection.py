"""The detector over all inputs of a run: what `replay` and `tune` have in common."""

import gc
from collections.abc import Callable, Iterator, Sequence

from registrywatch.cli.local import local_detector, local_settings
from registrywatch.cli.reading import Reader
from registrywatch.detector import Batch, HandOver
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
        self._detector = local_detector(local_settings(), hand_over)
        self._read = read
        self._counted = counted

    def batches(self, found: Found, processes: int) -> Iterator[None]:
        """Reads, judges and counts; stops for a moment after each batch."""
        batch = Batch()
        for name, piece in self.reader.pieces(found, processes):
            # Gathered piece by piece, while they are in the core's cache; counted a batch at a time
            self._detector.gather(piece.reading.events, batch)
            self._read(piece.reading.events)
            if piece.ends_batch:
                for place, reason in self._detector.finish(batch).failed.items():
                    self.reader.problems.about(f"{name}: event {batch.events[place].id}: {reason}")
                self._counted(batch)
                batch = Batch()
                yield
