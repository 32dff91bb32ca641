"""Documents that Azure delivers: the watcher handles them, or their records are parked."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from registrywatch.azure.log_lines import log
from registrywatch.azure.parked_queue import Parking
from registrywatch.checks.arrivals import Arrivals
from registrywatch.errors import StoreError
from registrywatch.events import Pull, RegistryEvent
from registrywatch.ingest import Detect, ingest

_MOST_ACTORS = 10  # in the log, of a batch


class Intake:
    """Handles Event Grid events, and Event Hub messages with records in them."""

    def __init__(
        self,
        detect: Detect,
        parking: Parking,
        arrivals: Arrivals,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._detect = detect
        self._parking = parking
        self._arrivals = arrivals
        self._clock = clock

    def take(self, source: str, documents: Sequence[bytes], *, last_try: bool = False) -> None:
        """Handle the documents; `source` is "event-grid" or "event-hub".

        Raises StoreError if events failed: all documents may then be handled again, which raises no
        alert twice. In the `last_try` such events are parked instead.
        """
        done = ingest(documents, self._detect, last_try=last_try)
        self._note(done.events)
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
            lag=self._clock() - min(event.time for event in done.events) if done.events else None,
        )
        pulls = Counter(e.actor.name or e.actor.id for e in done.events if isinstance(e.what, Pull))
        for actor, number in pulls.most_common(_MOST_ACTORS):
            log("pulls", actor=actor, pulls=number)

    def _note(self, events: Sequence[RegistryEvent]) -> None:
        """Record from which registries events arrive. If that fails, the next event does it."""
        try:
            self._arrivals.note(events)
        except StoreError as error:
            log("arrival_not_noted", level=logging.WARNING, reason=str(error))
