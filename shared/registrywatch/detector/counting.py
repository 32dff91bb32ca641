"""Counted rules: events into sightings by group and step, and a crossing into an alert."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

import msgspec

from registrywatch.alerts import Alert, alert_id, encode
from registrywatch.detector.raising import rfc3339, where, who
from registrywatch.events import Actor, RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.excessive import excess_severity
from registrywatch.rules.rule import Counting, Trust
from registrywatch.rules.tuning import CountTuning, Tuning
from registrywatch.rules.wording import counted, listed
from registrywatch.windows.meaning import Window, group_digest, sighting_hash

MOST_EVENTS = 20
_CACHED = 20_000


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """What one event adds to its group: its hashes. `index` is the event's place in the batch."""

    index: int
    event: RegistryEvent
    hashes: tuple[int, ...]


class GroupTally(msgspec.Struct):
    """One group's share of a batch."""

    rule: "CountedRule"
    digest: str
    steps: dict[int, set[int]] = {}
    sightings: list[Sighting] = []

    def of_steps(self, steps: Iterable[int]) -> list[int]:
        """The places in the batch of the events that lie in these steps."""
        among = set(steps)
        step_of = self.rule.window.step_of
        return [each.index for each in self.sightings if step_of(each.event.time) in among]


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
        self._hashes: dict[tuple[str | None, ...], int] = {}

    def add(self, index: int, event: RegistryEvent, tallies: dict[str, GroupTally]) -> None:
        """Adds what the event shows to its group's tally."""
        images = self._sightings(event)
        tuning = self._tuning
        if (
            not images
            or event.actor.id in tuning.ignore_actors
            or event.repository in tuning.ignore_repositories
        ):
            return
        digest = self._digest(self._key(event))
        tally = tallies.get(digest)
        if tally is None:
            tally = tallies[digest] = GroupTally(self, digest)
        hashes = self._hashed(event, images)
        step = self.window.step_of(event.time)
        tally.steps.setdefault(step, set()).update(hashes)
        tally.sightings.append(Sighting(index, event, hashes))

    def alert(self, tally: GroupTally, anchor: int, seen: AbstractSet[int]) -> tuple[str, bytes]:
        """The alert's id and body, given the sightings in the window that ends with the anchor.

        All that goes beyond the group is of this batch's events, and says so.
        """
        shown = [
            each
            for each in sorted(tally.sightings, key=lambda each: each.event.time)
            if self.window.step_of(each.event.time) <= anchor and not seen.isdisjoint(each.hashes)
        ]
        crossing = _crossing(shown, seen, self.numbers.threshold)
        upto = [each.event for each in shown[: crossing + 1]]
        last = upto[-1]
        whole = seen <= {one for each in shown for one in each.hashes}
        severity, reasons = excess_severity(upto, self._trust)
        if self._tuning.severity is not None:
            severity, reasons = self._tuning.severity, (*reasons, "A setting fixes the grade.")
        things = counted(len(seen), "image" if not self._by_call else "call")
        actor = _common_actor(upto) or Actor()
        did = f"{self._done} {things}" if not self._by_call else f"{self._done} {len(seen)} times"
        alert = Alert(
            id=alert_id(self.rule.name, tally.digest, str(anchor)),
            rule=self.rule.name,
            title=self.rule.title,
            summary=f"{_who(actor)} {did} in {_span(self.numbers.window_seconds)} ({where(last)})",
            severity=severity,
            reasons=(
                f"{things} within {_span(self.numbers.window_seconds)}; "
                f"the threshold is {self.numbers.threshold}.",
                *reasons,
                *_batch_details(upto),
            ),
            cloud=last.cloud,
            account=last.account,
            region=_common(event.region for event in upto),
            registry=_common(event.registry for event in upto),
            repository=_common(event.repository for event in upto) if whole else None,
            actor=actor,
            time=rfc3339(last.time),
            mitre=self.rule.mitre,
            events=tuple(dict.fromkeys(event.id for event in upto[-MOST_EVENTS:])),
            count=len(seen),
            threshold=self.numbers.threshold,
            window_seconds=self.numbers.window_seconds,
            impact=self.rule.impact,
            mitigation=self.rule.mitigation,
            references=self.rule.references,
        )
        return alert.id, encode(alert)

    def _digest(self, key: tuple[str | None, ...]) -> str:
        digest = self._digests.get(key)
        if digest is None:
            if len(self._digests) >= _CACHED:
                self._digests.clear()
            parts = ["-" if part is None else f"={part}" for part in key]
            digest = group_digest(self.rule.name, self.window, self.numbers.count, *parts)
            self._digests[key] = digest
        return digest

    def _hashed(self, event: RegistryEvent, images: tuple[str, ...]) -> tuple[int, ...]:
        if self._by_call:
            return (sighting_hash(event.key),)
        if len(images) == 1:
            return (self._hash(event, images[0]),)
        return tuple([self._hash(event, image) for image in images])

    def _hash(self, event: RegistryEvent, image: str) -> int:
        key = (event.registry, event.repository, image)
        hashed = self._hashes.get(key)
        if hashed is None:
            if len(self._hashes) >= _CACHED:
                self._hashes.clear()
            hashed = self._hashes[key] = sighting_hash(*(part or "" for part in key))
        return hashed


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


def _crossing(shown: list[Sighting], seen: AbstractSet[int], threshold: int) -> int:
    """Which of these sightings, in order of time, made the count reach the threshold.

    Those of earlier batches came before. What this batch repeats of them counts as its own: the
    answer may then be a little late, never early.
    """
    counted = seen - {one for each in shown for one in each.hashes}
    for place, each in enumerate(shown):
        counted |= seen & set(each.hashes)
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


def _span(seconds: int) -> str:
    for unit, name in ((3600, "hour"), (60, "minute")):
        if seconds % unit == 0:
            return counted(seconds // unit, name)
    return counted(seconds, "second")


def _batch_details(events: list[RegistryEvent]) -> tuple[str, ...]:
    told = (
        ("from repositories", (event.repository for event in events)),
        ("from addresses", (event.actor.ip for event in events)),
        ("with", (event.actor.user_agent for event in events)),
    )
    named = [(words, [value for value in values if value]) for words, values in told]
    details = ", ".join(f"{words} {listed(values)}" for words, values in named if values)
    return (f"In the batch that crossed it: {details}.",) if details else ()
