"""How events are handled on Azure: judged, or completed first by asking Azure.

A change of a Defender plan or a registry is judged by the state that it led to, not by its event.
After deleted images the registry is asked whether their repository still exists, after pushed ones
how many images it holds.
"""

import logging
import random
from collections.abc import Callable, Sequence
from functools import partial

from registrywatch.azure import rechecks
from registrywatch.azure.exposure_state import ExposureState
from registrywatch.azure.log_lines import log
from registrywatch.azure.log_state import LogState
from registrywatch.azure.memory import Inventory
from registrywatch.azure.rechecks import CountImages, LookAgain, Recheck
from registrywatch.azure.registry_api import RegistryApi
from registrywatch.azure.scan_state import ScanState
from registrywatch.azure.scope import Watched
from registrywatch.azure.state_watch import Cause, StateWatch, Survey
from registrywatch.azure.unwatched import UnwatchedRegistries
from registrywatch.delivery.queue import Texts
from registrywatch.detector import Detector, Outcome
from registrywatch.detector.dedup import several_at_once
from registrywatch.detector.memory import Memory
from registrywatch.errors import RegistrywatchError, StateUnknown
from registrywatch.events import (
    ImagesDeleted,
    MonitoringRemoved,
    Push,
    RegistryChanged,
    RegistryDeleted,
    RegistryEvent,
    RepositoryDeleted,
    ScanPlanChanged,
)

_COUNT_AGAIN = {ImagesDeleted: 60, Push: 900}
"""Seconds of event time within which a repository is counted once, however many events there are.
After deletes it must be less than the delay of the first count (rechecks.COUNT_DELAYS)."""
_CHECK_AGAIN = 60
"""Seconds of event time within which edits of the deployment cause one self-check."""
_MOST_KNOWN = 10_000


class Watcher:
    """Handles events and rechecks. If `watched` has no registries, nothing can be looked up.

    `memory` is shared by the workers and is also the detector's. `self_check` checks the deployment
    itself; `begin_look` starts the time that one look may take.
    """

    def __init__(
        self,
        detector: Detector,
        watched: Watched,
        scanning: StateWatch[ScanState],
        logs: StateWatch[LogState],
        exposure: StateWatch[ExposureState],
        registries: RegistryApi,
        inventory: Inventory,
        unwatched: UnwatchedRegistries,
        memory: Memory,
        queue: Texts,
        self_check: Callable[[], object] = lambda: None,
        begin_look: Callable[[], object] = lambda: None,
    ) -> None:
        self._detector = detector
        self._watched = watched
        self._scanning = scanning
        self._logs = logs
        self._exposure = exposure
        self._registries = registries
        self._inventory = inventory
        self._unwatched = unwatched
        self._memory = memory
        self._queue = queue
        self._self_check = self_check
        self._begin_look = begin_look
        self._counted: set[str] = set()
        self._turn = random.randrange(1000)  # noqa: S311 - workers begin at different registries

    def handle(self, events: Sequence[RegistryEvent]) -> Outcome:
        """Handle a batch of events. Returns what `Detector.detect` returns."""
        outcome = Outcome()
        places: list[int] = []
        events = [*map(self._watched.in_this_cloud, events)]
        for place, event in enumerate(events):
            if self._watched.edited(event):
                self._attempt(partial(self._look_at_ourselves, event), place, outcome)
                continue
            look = _look_for(event)
            if look is not None and self._watched.registries:
                self._attempt(partial(self._look, look), place, outcome)
            elif self._watched.concerns(event):
                places.append(place)
            elif isinstance(event.what, RegistryDeleted):
                gone = partial(self._unwatched.deleted, event.what.resource, event.time)
                self._attempt(gone, place, outcome)
        judged = self._detector.detect([events[place] for place in places])
        outcome.failed |= {places[at]: reason for at, reason in judged.failed.items()}
        outcome.too_old += [places[at] for at in judged.too_old]
        for place in places:
            if place not in outcome.failed:
                self._attempt(partial(self._afterwards, events[place]), place, outcome)
        return outcome

    def recheck(self, recheck: Recheck) -> None:
        """Look again. Raises StoreError; the same message may then be handled again."""
        if isinstance(recheck, CountImages):
            self._count(recheck)
            return
        looked = self._states(recheck)
        first = recheck.attempt == 0 and (looked.on or "self" in recheck.of)
        if looked.unknown or first:  # a state that is on may be the one before the change
            rechecks.send(self._queue, rechecks.later(recheck))

    def look_at_all(self) -> Survey:
        """Read the states of every watched registry. Raises StoreError.

        Each look begins at another registry: if time runs out, not always the same are left out.
        """
        self._begin_look()
        self._turn += 1
        every = self._watched.registries
        self._unwatched.watched(every)
        start = self._turn % max(len(every), 1)
        registries = (*every[start:], *every[:start])
        return self._report(
            self._scanning.look(registries),
            self._logs.look(registries),
            self._exposure.look(registries),
        )

    def _look(self, look: LookAgain) -> None:
        """Queue a look: Resource Manager may take minutes, and Event Grid waits 30 seconds."""
        if isinstance(look, LookAgain) and look.scope and not self._watched.within(look.scope):
            self._unwatched.report(look.scope, look.origin)
            return
        rechecks.send(self._queue, look)

    def _look_at_ourselves(self, event: RegistryEvent) -> None:
        """Queue a self-check and a second one later; many edits of a deployment cause one."""
        once = f"self-check {int(event.time // _CHECK_AGAIN)}"
        if self._memory.keep(once, event.key, event.time) == event.key:
            self._look(LookAgain("", ("self",), rechecks.origin(event)))

    def _states(self, look: LookAgain) -> Survey:
        self._begin_look()
        registries = self._watched.within(look.scope)
        cause = Cause(look.origin.id, look.origin.time, look.origin.actor)
        found = []
        if "scanning" in look.of:
            found.append(self._scanning.look(registries, cause))
        if "logs" in look.of:
            found.append(self._logs.look(registries, cause))
        if "exposure" in look.of:
            found.append(self._exposure.look(registries, cause))
        if "self" in look.of:
            self._self_check()
        return self._report(*found)

    def _report(self, *found: Survey) -> Survey:
        """All surveys together; states that can't be read are logged."""
        looked = Survey(
            on=tuple(each for one in found for each in one.on),
            off=tuple(each for one in found for each in one.off),
            unknown=tuple(each for one in found for each in one.unknown),
        )
        for registry, reason in looked.unknown:
            log("state_unreadable", level=logging.ERROR, registry=registry, reason=reason)
        return looked

    def _afterwards(self, event: RegistryEvent) -> None:
        """What is left to do after an event was judged."""
        what = event.what
        if isinstance(what, MonitoringRemoved) and what.kind == "diagnostic setting":
            for registry in self._watched.registries:
                if what.resource.startswith(f"{registry.lower()}/"):
                    self._without(registry, what.resource)
        elif type(what) in _COUNT_AGAIN:
            self._count_later(event)

    def _without(self, registry: str, setting: str) -> None:
        """Remember that the registry's logs no longer arrive, if only this setting sent them."""
        before = self._logs.remembered(registry)
        if before is not None and before.on and before.by == (setting.rpartition("/")[2],):
            self._logs.assume(registry, LogState(on=False))

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
        origin = recheck.origin
        host = self._watched.login_server(origin.registry)
        if host is None or origin.repository is None:
            return
        try:
            images = self._registries.manifest_count(host, origin.repository)
        except StateUnknown as unknown:
            again = rechecks.send(self._queue, rechecks.later(recheck))
            level = logging.INFO if again else logging.WARNING
            log("repository_unreadable", level=level, registry=host, reason=str(unknown))
            if not again and recheck.deleted and self._several(recheck):
                self._detector.detect_one(rechecks.perhaps_gone(recheck))
            return
        if images is None and recheck.deleted:
            several = self._several(recheck)
            held = self._inventory.known(host, origin.repository)
            if gone := rechecks.gone(recheck, held, several=several):
                self._detector.detect_one(gone)
        self._inventory.note(host, origin.repository, images or 0)

    def _several(self, recheck: CountImages) -> bool:
        return several_at_once(rechecks.perhaps_gone(recheck), self._memory)

    def _attempt(self, deal_with: Callable[[], None], place: int, outcome: Outcome) -> None:
        """Handle one event; its failure affects no other, as in the detector."""
        try:
            deal_with()
        except RegistrywatchError as error:
            outcome.failed[place] = str(error)
        except Exception as error:  # noqa: BLE001 - reported to the caller, which retries it
            outcome.failed[place] = f"{type(error).__name__}: {error}"


def completed(
    watched: Watched, inventory: Inventory
) -> Callable[[RegistryEvent], RegistryEvent | None]:
    """The detector's `completed`: adds details to an event, or holds it back.

    Several images deleted by one request are held back if the registry can be asked. Its answer
    then shows whether the repository is gone, and that is reported.
    """

    def complete(event: RegistryEvent) -> RegistryEvent | None:
        what = event.what
        assumed = isinstance(what, RepositoryDeleted) and what.assumed
        if assumed and event.source != rechecks.SOURCE and watched.login_server(event.registry):
            return None
        return inventory.completed(event)

    return complete


def _look_for(event: RegistryEvent) -> LookAgain | None:
    """What to look up because of the event; None if it is complete."""
    match event.what:
        case ScanPlanChanged(scope=scope):
            return LookAgain(scope, ("scanning",), rechecks.origin(event))
        case RegistryChanged(resource=registry):
            return LookAgain(registry, ("scanning", "logs", "exposure"), rechecks.origin(event))
    return None
