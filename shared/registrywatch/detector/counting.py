"""Counted rules: from events to sightings by group and step, and from a crossing to an alert."""

import bisect
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from registrywatch.alerts.cutting import encoded_within
from registrywatch.alerts.of_rule import Count, alert_of
from registrywatch.detector.alerting import tuned, where
from registrywatch.detector.common import actor_of, details_of, name_of, place_of, several
from registrywatch.detector.grouping import Key, grouping, who_and_where
from registrywatch.detector.history import count_name, defaults_of
from registrywatch.detector.tally import GroupTally, Shown
from registrywatch.events import Actor, RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Counting, Crossing, Grade, Seen, Trust, things
from registrywatch.rules.tuning import CountTuning, Tuning
from registrywatch.severity import Severity
from registrywatch.times import rfc3339, span
from registrywatch.windows.changeover import TunedGroup
from registrywatch.windows.claims import MOST_BODY_BYTES
from registrywatch.windows.meaning import STEPS, Window, group_digest
from registrywatch.windows.sightings import (
    PART,
    of_call,
    of_image,
    of_repository,
    repository_hash,
    repository_of,
)

if TYPE_CHECKING:
    from registrywatch.detector.following import Validity
    from registrywatch.detector.newness import Touches

LEARNING = (
    "registrywatch is still learning what is usual in this account: in its first "
    "REGISTRYWATCH_LEARNING_DAYS days, this is informational."
)
_CACHED = 2048


class CountedRule:
    """One count of a rule, with its settings: adds events to tallies, and makes a crossing's alert.

    `number` distinguishes the counts of one rule; settings tune the first one, 0. `numbers` and
    `since` come from the history: see `registrywatch.detector.history`.
    """

    def __init__(
        self,
        rule: AnyRule,
        counting: Counting,
        tuning: Tuning,
        trust: Trust,
        number: int = 0,
        numbers: CountTuning | None = None,
        since: int = 0,
    ) -> None:
        self.rule = rule
        self.number = number
        self.sightings = counting.sightings
        self._counting = counting
        self._tuning = tuning
        own = tuning.counting if number == 0 else None
        self.numbers = numbers or own or defaults_of(counting)
        self._trust = trust
        self.window = Window(
            threshold=self.numbers.threshold,
            seconds=self.numbers.window_seconds,
            quiet_seconds=self.numbers.quiet_seconds,
            parts=counting.parts and self.numbers.count == "images",
        )
        self.name = count_name(rule, number)
        # Settings that apply again get new groups: their former groups were closed.
        self._counted_as = f"{self.name}@{since}" if since else self.name
        self._key = grouping(self.numbers.group_by)
        self._digests: dict[Key, str] = {}
        self.hashes: dict[Shown, frozenset[int]] = {}
        self._repositories: dict[tuple[str | None, str | None], int] = {}
        self.step_of = self.window.step_of
        self._by = self.numbers.count
        self._ignores = bool(tuning.ignore_actors or tuning.ignore_repositories)
        self.validity: Validity | None = None

    @property
    def fires(self) -> str:
        """The condition for an alert: "pulled 100 images within 10 minutes"."""
        done = self._counting.phrase(self._by, self.window.threshold)
        return f"{done} within {span(self.window.seconds)}"

    @property
    def is_plain(self) -> bool:
        """Whether alike events are one sighting in the default group, and none is ignored."""
        by_actor = self.numbers.group_by == ("actor",)
        return by_actor and self._by != "calls" and not self._ignores

    def tuned_group(self, event: RegistryEvent) -> TunedGroup:
        """The event's group."""
        key = self._key(event, who_and_where(event))
        return TunedGroup(self._digests.get(key) or self._digest(key), self.window)

    def tally(self, key: Key, tallies: dict[str, GroupTally]) -> GroupTally:
        """The tally of a group; a new one is added to `tallies`."""
        digest = self._digests.get(key) or self._digest(key)
        tally = tallies.get(digest)
        if tally is None:
            tally = tallies[digest] = GroupTally(self, digest)
        return tally

    def add(
        self,
        place: int,
        event: RegistryEvent,
        seen: Seen,
        default: Key,
        tallies: dict[str, GroupTally],
    ) -> None:
        """Add what the event shows to its group's tally; `default` is its default group."""
        if self._ignores and self._tuning.ignores(event):
            return
        tally = self.tally(self._key(event, default), tallies)
        tally.see(event, (default[2], event.repository, seen), (event.time,))
        tally.shares.append([place])

    def alert(
        self,
        tally: GroupTally,
        batch: Sequence[RegistryEvent],
        anchor: int,
        seen: AbstractSet[int],
        touches: "Touches",
    ) -> tuple[str, bytes]:
        """The alert's id and body, given the sightings stored in the window that ends at `anchor`.

        Everything beyond the count and the group comes from this batch's events, and the alert says
        so. Raises StoreError if what is familiar can't be read.
        """
        taken = [batch[place] for place in sorted(tally.places)]
        events = sorted(taken, key=lambda event: event.time)
        shown = [each for each in events if anchor - STEPS <= self.step_of(each.time) <= anchor]
        hashes = [self._sighted(each) for each in shown]
        # A step stores no more than the cap; what this batch adds to it was seen too.
        in_batch = frozenset().union(*hashes)
        seen = seen | in_batch
        upto = shown[: self._crossing(hashes, seen) + 1]
        last = upto[-1]
        whole = seen == in_batch
        count = self.window.measure(seen)
        grade = self._grade(upto, count, seen, touches)
        severity, reasons = tuned(self._tuning, grade.severity, grade.reasons)
        within = span(self.window.seconds)
        did = grade.summary
        if did is None:
            did = f"{self._counting.phrase(self._by, count)} in {within}"
        group = self.numbers.group_by
        # Earlier batches may name another actor and repository, unless the group has one alone.
        actor = actor_of(upto) if whole or "actor" in group else None
        alert = alert_of(
            self.rule,
            (tally.digest, str(anchor)),
            place_of(upto, whole or "repository" in group),
            summary=f"{name_of(actor) if actor else several(upto)} {did} ({where(last)})",
            severity=severity,
            reasons=(
                *self._counted_reason(count, within),
                *reasons,
                *details_of(upto, of_one_actor=actor is not None),
            ),
            actor=actor or Actor(),
            time=rfc3339(last.time),
            events=[each.id for each in upto],
            counted=Count(count, self.window.threshold, self.window.seconds),
        )
        return alert.id, encoded_within(alert, MOST_BODY_BYTES)

    def _counted_reason(self, count: int, within: str) -> tuple[str, ...]:
        """The count and the threshold; nothing where the number says nothing."""
        if self.window.threshold == 1 or "{}" not in self._counting.done[self._by]:
            return ()
        counted = things(self._by, count)
        return (f"{counted} within {within}; the threshold is {self.window.threshold}.",)

    def _grade(
        self, upto: list[RegistryEvent], count: int, seen: AbstractSet[int], touches: "Touches"
    ) -> Grade:
        counting, last = self._counting, upto[-1]
        default = who_and_where(last)
        unfamiliar, repositories = None, set(map(repository_of, seen))
        if counting.familiar is not None and "actor" in self.numbers.group_by:
            unfamiliar = touches.unfamiliar(counting.familiar, default, last, repositories)
        crossing = Crossing(
            upto,
            count,
            flagged=not self.window.parts and any(map(PART.__and__, seen)),
            repositories=len(repositories),
            unfamiliar=unfamiliar,
            known=counting.known and touches.known(default, last),
            role_only=any(
                each.of == "kind" and touches.role_only(each.touch, default, last)
                for each in counting.also
            ),
        )
        grade = counting.grade(crossing, self._trust)
        if counting.newness is not None and touches.is_learning(last.account, last.time):
            reasons = (*grade.reasons, LEARNING)
            return Grade(Severity.INFORMATIONAL, reasons, grade.summary)
        return grade

    def _crossing(self, hashes: list[frozenset[int]], seen: AbstractSet[int]) -> int:
        """Which of this batch's events, in order of time, made the count reach the threshold.

        Sightings of earlier batches are taken to be before. What this batch repeats of them counts
        as its own: the answer may then be a little late, never early.
        """
        before = frozenset(seen).difference(*hashes)

        def reached(place: int) -> int:
            return self.window.measure(before.union(*hashes[: place + 1]))

        places = range(len(hashes) - 1)
        return bisect.bisect_left(places, self.window.threshold, key=reached)

    def _sighted(self, event: RegistryEvent) -> frozenset[int]:
        """The hashes of what an event shows; the event was added before."""
        seen = self.sightings(event, self._trust)
        if seen is None:
            return frozenset()
        registry = event.registry_id or event.registry
        shown = (registry, event.repository, seen)
        return self.hashes.get(shown) or self.hashed(event, shown)

    def _digest(self, key: Key) -> str:
        if len(self._digests) >= _CACHED:
            self._digests.clear()
        parts = ["-" if part is None else f"={part}" for part in key]
        digest = group_digest(self._counted_as, self.window, self._by, *parts)
        self._digests[key] = digest
        return digest

    def hashed(self, event: RegistryEvent, shown: Shown) -> frozenset[int]:
        registry, name, (things, flag) = shown
        repository = self._repositories.get((registry, name))
        if repository is None:
            repository = self._repository(registry, name)
        if self._by == "calls":
            return frozenset((of_call(repository, event.key),))
        if len(self.hashes) >= _CACHED:
            self.hashes.clear()
        if self._by == "repositories":
            hashes = frozenset((of_repository(repository),))
        else:
            hashes = frozenset([of_image(repository, thing, flag) for thing in things])
        self.hashes[shown] = hashes
        return hashes

    def _repository(self, registry: str | None, name: str | None) -> int:
        if len(self._repositories) >= _CACHED:
            self._repositories.clear()
        made = repository_hash(registry or "", name or "")
        self._repositories[registry, name] = made
        return made
