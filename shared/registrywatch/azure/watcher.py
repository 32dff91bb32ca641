"""How events are handled on Azure: judged, or completed first by asking Azure.

A change of a Defender plan or a registry is judged by the state that it led to, not by its event.
After deleted images the registry is asked whether their repository still exists, after pushed ones
how many images it holds.
"""

from collections.abc import Callable, Sequence
from functools import partial

from registrywatch.azure import rechecks
from registrywatch.azure.rechecks import CountImages, LookAgain, Recheck
from registrywatch.azure.registry_states import RegistryStates
from registrywatch.azure.repository_counts import RepositoryCounts
from registrywatch.azure.scope import WatchScope
from registrywatch.azure.state_watch import Survey
from registrywatch.azure.unwatched import UnwatchedRegistries
from registrywatch.delivery.queue import Texts
from registrywatch.detector import Detector, Outcome
from registrywatch.detector.memory import Memory
from registrywatch.detector.outcome import reason_of
from registrywatch.events import (
    MonitoringRemoved,
    RegistryChanged,
    RegistryDeleted,
    RegistryEvent,
    ScanPlanChanged,
)

_CHECK_AGAIN = 60
"""Seconds of event time within which edits of the deployment cause one self-check."""


class Watcher:
    """Handles events and rechecks. If `watched` has no registries, nothing can be looked up.

    `memory` is shared by the workers and is also the detector's. `self_check` checks the deployment
    itself.
    """

    def __init__(
        self,
        detector: Detector,
        watched: WatchScope,
        states: RegistryStates,
        counts: RepositoryCounts,
        unwatched: UnwatchedRegistries,
        memory: Memory,
        queue: Texts,
        self_check: Callable[[], object],
    ) -> None:
        self._detector = detector
        self._watched = watched
        self._states = states
        self._counts = counts
        self._unwatched = unwatched
        self._memory = memory
        self._queue = queue
        self._self_check = self_check

    def handle(self, events: Sequence[RegistryEvent]) -> Outcome:
        """Handle a batch of events. Returns what `Detector.detect` returns."""
        outcome = Outcome()
        places: list[int] = []
        events = [*map(self._watched.in_this_cloud, events)]
        for place, event in enumerate(events):
            if (instead := self._instead(event)) is not None:
                _attempt(instead, place, outcome)
            elif self._watched.concerns(event):
                places.append(place)
        judged = self._detector.detect([events[place] for place in places])
        outcome.failed |= {places[at]: reason for at, reason in judged.failed.items()}
        outcome.too_old += [places[at] for at in judged.too_old]
        for place in places:
            if place not in outcome.failed:
                _attempt(partial(self._afterwards, events[place]), place, outcome)
        return outcome

    def recheck(self, recheck: Recheck) -> None:
        """Look again. Raises StoreError; the same message may then be handled again."""
        if isinstance(recheck, CountImages):
            self._counts.count(recheck)
            return
        survey = self._states.look(recheck)
        if "self" in recheck.of:
            self._self_check()
        first = recheck.attempt == 0 and (survey.on or "self" in recheck.of)
        if survey.unknown or first:  # a state that is on may be the one before the change
            rechecks.send(self._queue, rechecks.later(recheck))

    def look_at_all(self) -> Survey:
        """Read the states of every watched registry. Raises StoreError."""
        self._unwatched.watched(self._watched.registries)
        return self._states.look_at_all()

    def _instead(self, event: RegistryEvent) -> Callable[[], None] | None:
        """What to do instead of judging the event; None if it is to be judged or ignored."""
        if self._watched.edited(event):
            return partial(self._look_at_ourselves, event)
        look = _look_for(event)
        if look is not None and self._watched.registries:
            return partial(self._look, look)
        if isinstance(event.what, RegistryDeleted) and not self._watched.concerns(event):
            return partial(self._unwatched.deleted, event.what.resource, event.time)
        return None

    def _look(self, look: LookAgain) -> None:
        """Queue a look: Resource Manager may take minutes, and Event Grid waits 30 seconds."""
        if look.scope and not self._watched.within(look.scope):
            self._unwatched.report(look.scope, look.origin)
            return
        rechecks.send(self._queue, look)

    def _look_at_ourselves(self, event: RegistryEvent) -> None:
        """Queue a self-check and a second one later; many edits of a deployment cause one."""
        once = f"self-check {int(event.time // _CHECK_AGAIN)}"
        if self._memory.keep(once, event.key, event.time) == event.key:
            self._look(LookAgain("", ("self",), rechecks.origin(event)))

    def _afterwards(self, event: RegistryEvent) -> None:
        """What is left to do after an event was judged."""
        what = event.what
        if isinstance(what, MonitoringRemoved) and what.kind == "diagnostic setting":
            self._states.note_removed(what)
        else:
            self._counts.count_later(event)


def _attempt(deal_with: Callable[[], None], place: int, outcome: Outcome) -> None:
    """Handle one event; its failure affects no other, as in the detector."""
    try:
        deal_with()
    except Exception as error:  # noqa: BLE001 - reported to the caller, which retries it
        outcome.failed[place] = reason_of(error)


def _look_for(event: RegistryEvent) -> LookAgain | None:
    """What to look up because of the event; None if it is complete."""
    match event.what:
        case ScanPlanChanged(scope=scope):
            return LookAgain(scope, ("scanning",), rechecks.origin(event))
        case RegistryChanged(resource=registry):
            return LookAgain(registry, ("scanning", "logs", "exposure"), rechecks.origin(event))
    return None
