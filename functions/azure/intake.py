"""Documents as Azure delivers them: handled by the watcher, or set aside record by record."""

from collections.abc import Sequence

from registrywatch.azure.log_lines import log
from registrywatch.azure.parked_queue import Parking
from registrywatch.errors import StoreError
from registrywatch.ingest import Detect, ingest


class Intake:
    """Takes Event Grid events, and Event Hub messages with records in them."""

    def __init__(self, detect: Detect, parking: Parking) -> None:
        self._detect = detect
        self._parking = parking

    def take(self, source: str, documents: Sequence[bytes], *, last_try: bool = False) -> None:
        """Handles all of them; `source` is "event-grid" or "event-hub".

        Raises StoreError if events failed: all documents may then be handed in again, which raises
        no alert twice. In the `last_try` such events are set aside instead.
        """
        done = ingest(documents, self._detect, last_try=last_try)
        if done.failed:
            raise StoreError(
                f"{len(done.failed)} of {len(documents)} documents failed: {done.reasons[0]}"
            )
        for rejected in done.rejected.values():
            for each in rejected:
                self._parking.park(source, each.record, each.reason)
        log(
            "handled",
            source=source,
            records=done.records,
            events=len(done.events),
            what=done.kinds,
            parked=done.set_aside,
        )
