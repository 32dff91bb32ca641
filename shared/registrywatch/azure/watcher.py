"""What becomes of events on Azure: they are judged, and looked into where they tell too little.

A changed Defender plan is not judged by its event but by the state that it led to. Deleted images
make us look whether their repository still exists, pushed ones how many it now holds.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from registrywatch.azure import rechecks
from registrywatch.azure.inventory import Inventory
from registrywatch.azure.logs import log
from registrywatch.azure.queues import Queue
from registrywatch.azure.rechecks import CountImages, LookAtScanning, Recheck
from registrywatch.azure.registry_api import RegistryApi
from registrywatch.azure.scan_watch import Cause, Looked, ScanWatch
from registrywatch.azure.watched import Watched
from registrywatch.detector import Detector, Outcome
from registrywatch.detector.memory import Memory
from registrywatch.errors import RegistrywatchError, StateUnknown, StoreError
from registrywatch.events import ImagesDeleted, Push, RegistryEvent, ScanPlanChanged

_COUNT_AGAIN = {ImagesDeleted: 60, Push: 900}
"""Seconds of event time within which a repository is counted once, whatever the number of events.

After deletes it must be less than the delay of the first count (rechecks.COUNT_DELAYS)."""
_MOST_KNOWN = 10_000


class Watcher:
    """Takes events and rechecks. `watched` without registries: nothing can be looked up.

    `memory` is what workers share; `detector` has its own way to it.
    """

    def __init__(
        self,
        detector: Detector,
        watched: Watched,
        scanning: ScanWatch,
        registries: RegistryApi,
        inventory: Inventory,
        memory: Memory,
        queue: Queue,
    ) -> None:
        self._detector = detector
        self._watched = watched
        self._scanning = scanning
        self._registries = registries
        self._inventory = inventory
        self._memory = memory
        self._queue = queue
        self._counted: set[str] = set()

    def handle(self, events: Sequence[RegistryEvent]) -> Outcome:
        """Deals with a batch of events: see `Detector.detect` for what is returned."""
        outcome = Outcome()
        events = [self._watched.judged_as(event) for event in events]
        places: list[int] = []
        for place, event in enumerate(events):
            if isinstance(event.what, ScanPlanChanged) and self._watched.registries:
                look = partial(self._look_at_scanning, event, event.what.scope)
                self._attempt(look, place, outcome)
            elif self._watched.concerns(event):
                places.append(place)
        told = self._detector.detect([events[place] for place in places])
        outcome.failed |= {places[at]: reason for at, reason in told.failed.items()}
        outcome.too_old += [places[at] for at in told.too_old]
        for place in places:
            if type(events[place].what) in _COUNT_AGAIN and place not in outcome.failed:
                self._attempt(partial(self._count_later, events[place]), place, outcome)
        return outcome

    def recheck(self, recheck: Recheck) -> None:
        """Looks again. Raises StoreError: the same message may be handed in again then."""
        if isinstance(recheck, LookAtScanning):
            came = recheck.origin
            cause = Cause(came.id, came.time, came.actor)
            looked = self._report(self._scanning.look(self._watched.within(recheck.scope), cause))
            if looked.unknown:
                rechecks.send(self._queue, rechecks.later(recheck))
        else:
            self._count(recheck)

    def look_at_all(self) -> Looked:
        """Asks whether each watched registry is scanned. Raises StoreError."""
        return self._report(self._scanning.look(self._watched.registries))

    def _look_at_scanning(self, event: RegistryEvent, scope: str) -> None:
        registries = self._watched.within(scope)
        cause = Cause(event.id, event.time, event.actor)
        looked = self._report(self._scanning.look(registries, cause))
        if looked.on or looked.unknown:  # what is on may be the state before the change
            rechecks.send(self._queue, LookAtScanning(scope, rechecks.origin(event)))

    def _report(self, looked: Looked) -> Looked:
        for registry, reason in looked.unknown:
            log("state_unreadable", level=logging.ERROR, registry=registry, reason=reason)
        return looked

    def _count_later(self, event: RegistryEvent) -> None:
        if event.repository is None or self._watched.login_server(event.registry) is None:
            return
        seconds = _COUNT_AGAIN[type(event.what)]
        about = f"{type(event.what).__name__} {event.registry}/{event.repository}"
        once = f"count {about} {int(event.time // seconds)}"
        if once in self._counted:
            return
        if self._memory.keep(once, event.key, event.time) == event.key:
            deleted = isinstance(event.what, ImagesDeleted)
            rechecks.send(self._queue, CountImages(rechecks.origin(event), deleted))
        if len(self._counted) >= _MOST_KNOWN:
            self._counted.clear()
        self._counted.add(once)

    def _count(self, recheck: CountImages) -> None:
        came = recheck.origin
        host = self._watched.login_server(came.registry)
        if host is None or came.repository is None:
            return
        try:
            images = self._registries.manifest_count(host, came.repository)
        except StateUnknown as unknown:
            again = rechecks.send(self._queue, rechecks.later(recheck))
            level = logging.INFO if again else logging.WARNING
            log("repository_unreadable", level=level, registry=host, reason=str(unknown))
            return
        if images is None and recheck.deleted:
            gone = rechecks.gone(recheck, self._inventory.known(host, came.repository))
            outcome = self._detector.detect([gone] if gone else [])
            if outcome.failed:
                raise StoreError(outcome.failed[0])
        self._inventory.note(host, came.repository, images or 0)

    def _attempt(self, deal_with: Callable[[], None], place: int, outcome: Outcome) -> None:
        """Deals with one event; its trouble is its own, as in the detector."""
        try:
            deal_with()
        except RegistrywatchError as error:
            outcome.failed[place] = str(error)
