"""Counted rules: events into sightings by group and step, and a crossing into an alert."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from registrywatch.alerts import encode
from registrywatch.alerts.of_rule import Count, Place, alert_of
from registrywatch.detector.alerting import tuned, where, who
from registrywatch.events import Actor, RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.excessive_images import excess_severity
from registrywatch.rules.rule import Counting, CountTuning, Trust, Tuning
from registrywatch.rules.wording import counted, listed
from registrywatch.times import rfc3339, span
from registrywatch.windows.meaning import STEPS, Window, group_digest, sighting_hash

_CACHED = 2048


class GroupTally(msgspec.Struct):
    """One group's share of a batch: hashes of its sightings by step, and its events' places."""

    rule: "CountedRule"
    digest: str
    steps: dict[int, set[int]] = {}
    places: list[int] = []


class _Sighting(msgspec.Struct):
    event: RegistryEvent
    hashes: AbstractSet[int]


class CountedRule:
    """A counted rule, tuned. Adds events to tallies, and words the alert when a group crosses."""

    def __init__(self, rule: AnyRule, counting: Counting, tuning: Tuning, trust: Trust) -> None:
        self.rule = rule
        self._sightings = counting.sightings
        self._done = counting.done
        self._tuning = tuning
        self.numbers = tuning.counting or CountTuning(counting.threshold)
        self._trust = trust
        self.window = Window(
            threshold=self.numbers.threshold,
            seconds=self.numbers.window_seconds,
            quiet_seconds=self.numbers.quiet_seconds,
        )
        self._by_call = self.numbers.count == "calls"
        self._key = _group_key(self.numbers)
        self._digests: dict[tuple[str | None, ...], str] = {}
        self._hashes: dict[tuple[str | None, str | None, tuple[str, ...]], tuple[int, ...]] = {}
        self._step_of = self.window.step_of
        self._ignores = bool(tuning.ignore_actors or tuning.ignore_repositories)

    def add(self, place: int, event: RegistryEvent, tallies: dict[str, GroupTally]) -> None:
        """Adds what the event shows to its group's tally."""
        images = self._sightings(event)
        if not images or (self._ignores and self._tuning.ignores(event)):
            return
        key = self._key(event)
        digest = self._digests.get(key) or self._digest(key)
        tally = tallies.get(digest)
        if tally is None:
            tally = tallies[digest] = GroupTally(self, digest)
        known = (event.registry, event.repository, images)
        hashes = self._hashes.get(known) or self._hashed(event, images)
        step = self._step_of(event.time)
        if (seen := tally.steps.get(step)) is None:
            tally.steps[step] = set(hashes)
        else:
            seen.update(hashes)
        tally.places.append(place)

    def alert(
        self,
        tally: GroupTally,
        batch: Sequence[RegistryEvent],
        anchor: int,
        seen: AbstractSet[int],
    ) -> tuple[str, bytes]:
        """The alert's id and body, given the sightings stored in the window that the anchor ends.

        All that goes beyond the group is of this batch's events, and says so.
        """
        events = sorted((batch[place] for place in tally.places), key=lambda event: event.time)
        shown = [
            _Sighting(event, frozenset(self._hashed(event, self._sightings(event))))
            for event in events
            if anchor - STEPS <= self._step_of(event.time) <= anchor
        ]
        # Of a step, no more than the threshold is stored; what this batch adds to it was seen too.
        here = frozenset().union(*(each.hashes for each in shown))
        seen = seen | here
        crossing = _crossing(shown, seen, self.numbers.threshold)
        upto = [each.event for each in shown[: crossing + 1]]
        last = upto[-1]
        whole = seen == here
        severity, reasons = tuned(self._tuning, *excess_severity(upto, self._trust))
        things = counted(len(seen), "image" if not self._by_call else "call")
        actor = _common_actor(upto) or Actor()
        did = f"{self._done} {things}" if not self._by_call else f"{self._done} {len(seen)} times"
        alert = alert_of(
            self.rule,
            (tally.digest, str(anchor)),
            Place(
                last.cloud,
                last.account,
                _common(event.region for event in upto),
                _common(event.registry for event in upto),
                _common(event.repository for event in upto) if whole else None,
                _common(event.resource for event in upto) if whole else None,
            ),
            summary=f"{_who(actor)} {did} in {span(self.numbers.window_seconds)} ({where(last)})",
            severity=severity,
            reasons=(
                f"{things} within {span(self.numbers.window_seconds)}; "
                f"the threshold is {self.numbers.threshold}.",
                *reasons,
                *_batch_details(upto),
            ),
            actor=actor,
            time=rfc3339(last.time),
            events=[each.id for each in upto],
            counted=Count(len(seen), self.numbers.threshold, self.numbers.window_seconds),
        )
        return alert.id, encode(alert)

    def _digest(self, key: tuple[str | None, ...]) -> str:
        if len(self._digests) >= _CACHED:
            self._digests.clear()
        parts = ["-" if part is None else f"={part}" for part in key]
        digest = group_digest(self.rule.name, self.window, self.numbers.count, *parts)
        self._digests[key] = digest
        return digest

    def _hashed(self, event: RegistryEvent, images: tuple[str, ...]) -> tuple[int, ...]:
        if self._by_call:
            return (sighting_hash(event.key),)
        if len(self._hashes) >= _CACHED:
            self._hashes.clear()
        where = (event.registry or "", event.repository or "")
        hashes = tuple([sighting_hash(*where, image) for image in images])
        self._hashes[event.registry, event.repository, images] = hashes
        return hashes


def _group_key(numbers: CountTuning) -> Callable[[RegistryEvent], tuple[str | None, ...]]:
    """What tells a group: the registry, or the whole account if grouped by that, and the fields."""
    fields = numbers.group_by
    wide = "account" in fields

    def key(event: RegistryEvent) -> tuple[str | None, ...]:
        parts: list[str | None] = [event.account]
        if not wide or "registry" in fields:
            parts += (event.region, event.registry)
        if "actor" in fields:
            parts.append(event.actor.id)
        if "repository" in fields:
            parts.append(event.repository)
        if "ip" in fields:
            parts.append(event.actor.ip)
        return tuple(parts)

    if fields == ("actor",):
        return lambda event: (event.account, event.region, event.registry, event.actor.id)
    return key


def _crossing(shown: list[_Sighting], seen: AbstractSet[int], threshold: int) -> int:
    """Which of these sightings, in order of time, made the count reach the threshold.

    Those of earlier batches came before. What this batch repeats of them counts as its own: the
    answer may then be a little late, never early.
    """
    counted = set(seen).difference(*(each.hashes for each in shown))
    for place, each in enumerate(shown):
        counted |= each.hashes
        if len(counted) >= threshold:
            return place
    return len(shown) - 1


def _common(values: Iterable[str | None]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _common_actor(events: list[RegistryEvent]) -> Actor | None:
    """The last event's actor, if all events are by the same one."""
    return events[-1].actor if len({event.actor.id for event in events}) == 1 else None


def _who(actor: Actor) -> str:
    """The role or user itself, for a group is more than one session: "Dev", not "Dev/alice"."""
    if actor.id and actor.id.startswith("arn:"):
        return who(Actor(name=actor.id.rpartition("/")[2].rpartition(":")[2]))
    return who(actor)


def _batch_details(events: list[RegistryEvent]) -> tuple[str, ...]:
    told = (
        ("from repositories", (event.repository for event in events)),
        ("from addresses", (event.actor.ip for event in events)),
        ("with", (event.actor.user_agent for event in events)),
    )
    named = [(words, [value for value in values if value]) for words, values in told]
    details = ", ".join(f"{words} {listed(values)}" for words, values in named if values)
    return (f"In the batch that crossed it: {details}.",) if details else ()
