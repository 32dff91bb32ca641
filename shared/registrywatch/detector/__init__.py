"""The detector: events in, alerts out.

It knows no cloud and no clock. Alerts leave through `hand_over`, whether a single event raised them
or a count.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

import msgspec

from registrywatch.alerts import Alert, decode
from registrywatch.detector.alerting import judged_alert
from registrywatch.detector.counting import CountedRule, GroupTally
from registrywatch.detector.dedup import note, settled
from registrywatch.detector.grouping import who_and_where
from registrywatch.detector.last_states import note_state, with_last_state
from registrywatch.detector.memory import InMemory, Memory
from registrywatch.errors import RegistrywatchError
from registrywatch.events import RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Seen, Trust, Tuning
from registrywatch.windows.protocol import Counter

Sightings = Callable[[RegistryEvent, Trust], Seen | None]

HandOver = Callable[[Alert], None]
"""Puts an alert on the alert queue, perhaps once more. Raises StoreError if it may have failed."""


class Outcome(msgspec.Struct):
    """What became of a batch: events, by their place in it, that were not dealt with.

    `failed` are to be handed in again, `too_old` to be parked: they lie further back than what is
    remembered of their group. Everything else was dealt with, its alerts handed over.
    """

    failed: dict[int, str] = {}
    too_old: list[int] = []


class Readers(msgspec.Struct):
    """The rules that read one kind of event: those that judge it, and those that count it.

    Counts are kept by what they see in an event: it is looked at once for all that see the same.
    """

    judged: list[tuple[AnyRule, Tuning]] = []
    counted: dict[Sightings, list[CountedRule]] = {}


class Batch(msgspec.Struct):
    """Events that are counted together: those gathered so far, and what became of them."""

    events: list[RegistryEvent] = []
    tallies: dict[str, GroupTally] = {}
    outcome: Outcome = msgspec.field(default_factory=Outcome)


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
        completed: Callable[[RegistryEvent], RegistryEvent | None] = lambda event: event,
    ) -> None:
        """`completed` adds to a single event, before it is judged, what is known beyond it; None
        holds it back, because it is being looked into and will be reported by what is found.

        `memory` holds what was raised, and which deletes belong together; workers may share it.
        """
        self._trust = trust
        self._completed = completed
        self._counter = counter
        self._hand_over = hand_over
        self._memory = memory or InMemory()
        self._readers: dict[tuple[str, type], Readers] = {}
        for rule in rules:
            tuning = tunings.get(rule.name, Tuning())
            if not tuning.enabled:
                continue
            counts = (*((rule.counting,) if rule.counting else ()), *rule.further)
            counted = [
                CountedRule(rule, counting, tuning, trust, number)
                for number, counting in enumerate(counts)
            ]
            for what in rule.reads:
                readers = self._readers.setdefault((rule.cloud, what), Readers())
                if rule.judge is not None:
                    readers.judged.append((rule, tuning))
                for each in counted:
                    readers.counted.setdefault(each.sightings, []).append(each)

    def detect(self, events: Sequence[RegistryEvent]) -> Outcome:
        """Deals with a batch. One event's trouble is its own: see `Outcome`."""
        batch = Batch()
        self.gather(events, batch)
        return self.finish(batch)

    def gather(self, events: Sequence[RegistryEvent], batch: Batch) -> None:
        """Judges events, and adds what is to be counted to the batch that they become part of."""
        start = len(batch.events)
        batch.events += events
        for index, event in enumerate(events, start):
            try:
                if event.twin is None:
                    self._take(index, event, batch)
                elif (once := settled(event, self._memory)) is not None:
                    batch.events[index] = once
                    self._take(index, once, batch)
            except Exception as error:  # noqa: BLE001 - the caller hands it in again
                batch.outcome.failed[index] = _reason(error)

    def finish(self, batch: Batch) -> Outcome:
        """Counts what was gathered. Places in the outcome are those in `batch.events`."""
        outcome = batch.outcome
        for tally in batch.tallies.values():
            try:
                refused = self._count(tally, batch.events)
            except Exception as error:  # noqa: BLE001 - the same, for the events of this group
                outcome.failed |= dict.fromkeys(tally.places, _reason(error))
            else:
                outcome.too_old += refused
        return outcome

    def _take(self, index: int, event: RegistryEvent, batch: Batch) -> None:
        """Adds the event to the counts of its kind, and judges it."""
        readers = self._readers.get((event.cloud, type(event.what)))
        if readers is not None:
            for sightings, rules in readers.counted.items():
                seen = sightings(event, self._trust)
                if seen is not None and seen[0]:
                    default = who_and_where(event)
                    for rule in rules:
                        rule.add(index, event, seen, default, batch.tallies)
            if readers.judged:
                self._judge(event, readers.judged)
        if event.twin is not None:
            note(event, self._memory)

    def _judge(self, event: RegistryEvent, rules: Iterable[tuple[AnyRule, Tuning]]) -> None:
        completed = self._completed(event)
        if completed is None:
            return
        event = completed
        for rule, tuning in rules:
            if tuning.ignores(event):
                continue
            judged = with_last_state(rule, event, self._memory) if rule.remembers else event
            finding = rule.judge(judged, judged.what, self._trust) if rule.judge else None
            if finding is not None:
                self._raise(judged_alert(rule, tuning, event, finding), event.time)
            if rule.remembers:
                note_state(rule, event, self._memory)

    def _raise(self, alert: Alert, time: float) -> None:
        """Hands an alert over, once."""
        # Handed over first and remembered then: a crash between the two repeats an alert under the
        # same id, which delivery deduplicates; the other way round would lose it.
        if self._memory.get(alert.id) is None:
            self._hand_over(alert)
            self._memory.keep(alert.id, "", time)

    def _count(self, tally: GroupTally, events: Sequence[RegistryEvent]) -> list[int]:
        """Counts one group's share. Returns the places of events that are too old to be counted."""
        rule = tally.rule

        def body(anchor: int, seen: Set[int]) -> tuple[str, bytes]:
            return rule.alert(tally, events, anchor, seen)

        refused = self._counter.count(
            tally.digest, rule.window, tally.steps, body, self._hand_over_body
        )
        if not refused:
            return []
        step_of = rule.window.step_of
        return [place for place in tally.places if step_of(events[place].time) in refused]

    def _hand_over_body(self, body: bytes) -> None:
        self._hand_over(decode(body))


def _reason(error: Exception) -> str:
    return (
        str(error) if isinstance(error, RegistrywatchError) else f"{type(error).__name__}: {error}"
    )
