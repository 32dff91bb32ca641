"""The detector: events in, alerts out.

It depends on no cloud and no clock. All alerts leave through `hand_over`, whether raised by a
single event or by a count.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from registrywatch.alerts import Alert, decode
from registrywatch.detector.alerting import familiar, judged_alert
from registrywatch.detector.batch import Batch, Found
from registrywatch.detector.dedup import settled
from registrywatch.detector.following import Following
from registrywatch.detector.grouping import who_and_where
from registrywatch.detector.history import LiveChanges
from registrywatch.detector.last_states import note_state, with_last_state
from registrywatch.detector.memory import InMemory, Memory
from registrywatch.detector.newness import Touches
from registrywatch.detector.outcome import Outcome, failing, reason_of
from registrywatch.detector.tally import GroupTally
from registrywatch.detector.views import TOUCHES, view_of_touch
from registrywatch.errors import StoreError
from registrywatch.events import RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Trust
from registrywatch.rules.tuning import Tuning
from registrywatch.windows.acquaintance_stores import MemoryAcquaintances
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.protocol import Counter

__all__ = ["Batch", "Detector", "HandOver", "Outcome"]

HandOver = Callable[[Alert], None]
"""Puts an alert on the alert queue, possibly again. Raises StoreError if it may have failed."""


class Detector:
    """Applies the rules to batches of events."""

    def __init__(
        self,
        rules: Iterable[AnyRule],
        tunings: Mapping[str, Tuning],
        trust: Trust,
        counter: Counter,
        hand_over: HandOver,
        memory: Memory | None = None,
        states: Memory | None = None,
        acquaintances: Acquaintances | None = None,
        completed: Callable[[RegistryEvent], RegistryEvent | None] = lambda event: event,
        changes: LiveChanges | None = None,
    ) -> None:
        """`completed` adds details from elsewhere to an event before it is judged. It returns None
        to hold the event back, because a check is under way whose result will be reported instead.
        `memory` holds which alerts were raised, and which deletes belong together; `states` holds
        the last states of things, None: `memory` does; `acquaintances` holds what is familiar to
        whom. Workers may share all three. `changes` informs of other settings
        that workers of the same store have; None: no other worker uses the store.
        """
        self._trust = trust
        self._completed = completed
        self._counter = counter
        self._hand_over = hand_over
        self._memory = memory or InMemory()
        self._states = states or self._memory
        self._acquaintances = acquaintances or Acquaintances(MemoryAcquaintances(), most_cached=0)
        self._judged_touches = {touch: view_of_touch(touch) for touch in TOUCHES}
        self._following = Following(rules, tunings, trust, changes)

    def detect(self, events: Sequence[RegistryEvent]) -> Outcome:
        """Handle a batch. An event that fails affects no other: see `Outcome`."""
        batch = Batch()
        self.gather(events, batch)
        return self.finish(batch)

    def detect_one(self, event: RegistryEvent) -> None:
        """Handle one event. Raises StoreError if that failed; it may then be repeated."""
        for reason in self.detect([event]).failed.values():
            raise StoreError(reason)

    def learn(self, events: Iterable[RegistryEvent]) -> None:
        """Remember the states that earlier events led to; they raise nothing and do not count."""
        readers = self._following.current
        for event in events:
            kind = readers[event.cloud].get(type(event.what))
            for rule, tuning in kind.judged if kind else ():
                if rule.remembers and not tuning.ignores(event):
                    note_state(rule, event, self._states)

    def gather(self, events: Sequence[RegistryEvent], batch: Batch) -> None:
        """Judge events, and add those that are counted to their batch.

        Most events of heavy traffic are only counted, and are alike but for their times: sessions
        of a role pull the same image. They are collected here and examined together in `finish`,
        which saves a twentieth of a replay's time.
        """
        start = len(batch.events)
        batch.events += events
        batch.readers = batch.readers or self._following.current
        all_readers, all_alike = batch.readers, batch.alike
        for place, event in enumerate(events, start):
            what = event.what
            readers = all_readers[event.cloud].get(type(what))
            if event.twin is not None or (readers is not None and readers.judged):
                self._take(place, event, batch)
            elif readers is not None:
                actor = event.actor
                key = (
                    what,
                    event.repository,
                    actor.id,
                    actor.type,
                    event.actor_account,
                    event.account,
                    event.seen_in,
                    event.region,
                    event.registry,
                    event.registry_id,
                    event.source,
                )
                alike = all_alike[readers]
                places = alike.get(key)
                if places is None:
                    alike[key] = [place]
                else:
                    places.append(place)

    def finish(self, batch: Batch) -> Outcome:
        """Count what was gathered. Places in the outcome are those in `batch.events`."""
        outcome, events = batch.outcome, batch.events
        batch.take_alike(self._trust)
        if batch.shares:
            self._follow(batch)
        batch.in_order()
        seen = [(view.schemes, shares.values()) for view, shares in batch.shares.items()]
        touches = Touches(self._acquaintances, events, seen)
        touches.look_up(outcome)
        for touched in touches.touched:
            with failing(outcome, touched):
                touches.add_new(touched, self._trust, batch.tallies)
        for found in batch.found:
            with failing(outcome, found):
                self._raise_found(found, events[found.place], touches)
        for tally in batch.tallies.values():
            with failing(outcome, tally):
                outcome.too_old += self._count(tally, events, touches)
        # Last of all: a touch that was remembered before it was counted would never be counted.
        for touched in touches.touched:
            with failing(outcome, touched):
                touches.remember(touched, outcome.failed.keys())
        return outcome

    def _take(self, place: int, event: RegistryEvent, batch: Batch) -> None:
        """Add one event to the counts of its kind, and judge it."""
        failed = batch.outcome.failed
        try:
            if event.twin is not None:
                once = settled(event, self._memory, batch.is_heard)
                if once is None:
                    return
                event = batch.events[place] = once
            readers = batch.readers[event.cloud].get(type(event.what))
            if readers is None:
                return
            for view in readers.views_of(event, self._trust):
                view.take([(place,)], batch, self._trust)
            if readers.judged and place not in failed:
                self._judge(place, event, readers.judged, batch)
        except Exception as error:  # noqa: BLE001 - the caller hands it in again
            failed[place] = reason_of(error)

    def _follow(self, batch: Batch) -> None:
        """Gather the counts again if other settings apply to the batch than those it was read with.

        If that can't be found out, its events fail and nothing is counted.
        """
        judged = self._judged_touches.values()
        try:
            if not self._following.follow(batch.readers):
                return
            readers = self._following.readers(batch.earliest)
            if readers is not batch.readers:
                batch.gather_anew(readers, judged, self._trust)
        except StoreError as error:
            batch.outcome.failed |= dict.fromkeys(batch.counted(judged), reason_of(error))
            batch.gather_anew({}, judged, self._trust)

    def _judge(
        self,
        place: int,
        event: RegistryEvent,
        rules: Iterable[tuple[AnyRule, Tuning]],
        batch: Batch,
    ) -> None:
        completed = self._completed(event)
        if completed is None:
            return
        event = batch.events[place] = completed
        for rule, tuning in rules:
            if tuning.ignores(event):
                continue
            judged = with_last_state(rule, event, self._states) if rule.remembers else event
            finding = rule.judge(judged, judged.what, self._trust) if rule.judge else None
            if finding is not None and finding.familiar is not None:
                batch.found.append(Found(place, rule, tuning, finding))
                view = self._judged_touches[finding.familiar]
                view.take([(place,)], batch, self._trust)
            elif finding is not None:
                self._raise(judged_alert(rule, tuning, event, finding), event)
            if rule.remembers:
                note_state(rule, event, self._states)

    def _raise_found(self, found: Found, event: RegistryEvent, touches: Touches) -> None:
        finding = found.finding
        if finding.familiar and touches.familiar(finding.familiar, who_and_where(event), event):
            finding = familiar(finding)
        self._raise(judged_alert(found.rule, found.tuning, event, finding), event)

    def _raise(self, alert: Alert, event: RegistryEvent) -> None:
        # First handed over, then remembered: a crash in between repeats an alert under the same id,
        # which delivery deduplicates. The other order would lose it.
        if self._memory.get(alert.id) is None:
            self._hand_over(alert)
            self._memory.keep(alert.id, "", event.time)

    def _count(
        self, tally: GroupTally, events: Sequence[RegistryEvent], touches: Touches
    ) -> list[int]:
        """Count one group's share. Returns the places of events that are too old to be counted."""
        rule, steps, changeover = tally.rule, tally.steps, None
        if rule.validity is not None:
            changeover = rule.validity.changeover(tally, events)
            steps = {
                at: seen for at, seen in steps.items() if changeover.span.counts(rule.window, at)
            }

        def body(anchor: int, seen: Set[int]) -> tuple[str, bytes]:
            return rule.alert(tally, events, anchor, seen, touches)

        refused = self._counter.count(
            tally.digest, rule.window, steps, body, self._hand_over_body, changeover
        )
        if not refused:
            return []
        step_of = rule.window.step_of
        return [place for place in tally.places if step_of(events[place].time) in refused]

    def _hand_over_body(self, body: bytes) -> None:
        self._hand_over(decode(body))
