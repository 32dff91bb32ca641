"""Which counts a worker applies: those of its settings and, during a change, the previous too."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from registrywatch.detector.counting import CountedRule
from registrywatch.detector.history import Eras, Histories, LiveChanges, count_name, same_groups
from registrywatch.detector.tally import GroupTally
from registrywatch.detector.views import AllReaders, readers_of
from registrywatch.events import RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Counting, Trust, Tuning
from registrywatch.windows.changeover import Kin, Part, Span


class Life(msgspec.Struct, frozen=True):
    """When a count applies, and the same count under the settings before and after it."""

    span: Span
    before: CountedRule | None
    after: tuple[CountedRule, ...]

    def part(self, tally: GroupTally, events: Sequence[RegistryEvent]) -> Part:
        """A group's part in the change, given the events of its batch.

        The groups that follow are those of the last event that these settings count.
        """
        before, window = self.before, tally.rule.window
        mine = [events[place] for place in tally.places]

        def earlier() -> set[Kin]:
            return {before.kin(event) for event in mine} if before else set()

        def later() -> list[Kin]:
            held = [each for each in mine if self.span.counts(window, window.step_of(each.time))]
            last = max(held, key=lambda event: event.time)
            return [rule.kin(last) for rule in self.after]

        return Part(self.span, earlier, later)


class Following:
    """The readers to use. Without `changes` there are only those of the worker's own settings."""

    def __init__(
        self,
        rules: Iterable[AnyRule],
        tunings: Mapping[str, Tuning],
        trust: Trust,
        changes: LiveChanges | None,
    ) -> None:
        self._rules = tuple(rules)
        self._tunings = tunings
        self._trust = trust
        self._changes = changes
        self._mine: dict[str, CountedRule] = {}
        self._histories: Histories = {}
        self._all: AllReaders | None = None
        self._all_before = -math.inf
        self.current = readers_of(self._rules, tunings, trust, self._own)

    def follow(self, used: AllReaders | None) -> bool:
        """Learn of changes when it is time. True if a batch may need other readers than `used`.

        Raises StoreError.
        """
        if self._changes is None:
            return False
        histories = self._changes.histories({n: rule.numbers for n, rule in self._mine.items()})
        if histories is not self._histories:
            self._hear(histories)
        return self._all is not None or used is not self.current

    def readers(self, earliest: float) -> AllReaders:
        """The readers for a batch whose earliest counted event has that time."""
        if self._all is not None and earliest < self._all_before:
            return self._all
        return self.current

    def _own(
        self, rule: AnyRule, counting: Counting, tuning: Tuning, number: int
    ) -> list[CountedRule]:
        made = CountedRule(rule, counting, tuning, self._trust, number)
        self._mine[made.name] = made
        return [made]

    def _hear(self, histories: Histories) -> None:
        def latest(
            rule: AnyRule, counting: Counting, tuning: Tuning, number: int
        ) -> list[CountedRule]:
            era = histories[count_name(rule, number)][-1]
            mine = self._mine[count_name(rule, number)].numbers
            # The worker's own threshold and quiet period apply at once.
            numbers = mine if same_groups(mine, era.numbers) else era.numbers
            return [CountedRule(rule, counting, tuning, self._trust, number, numbers, era.since)]

        def each(
            rule: AnyRule, counting: Counting, tuning: Tuning, number: int
        ) -> list[CountedRule]:
            eras = histories[count_name(rule, number)][:-1]
            made = [
                CountedRule(rule, counting, tuning, self._trust, number, era.numbers, era.since)
                for era in eras
            ] + latest(rule, counting, tuning, number)
            _give_lives(histories[count_name(rule, number)], made)
            return made

        changes = [eras for eras in histories.values() if len(eras) > 1]
        ahead = [_judges_alone_from(eras) for eras in changes]
        rules = self._rules, self._tunings, self._trust
        if any(eras[-1].since for eras in histories.values()):
            self.current = readers_of(*rules, latest)
        self._all = readers_of(*rules, each) if changes else None
        self._all_before = max(ahead, default=-math.inf)
        self._histories = histories


def _give_lives(eras: Eras, rules: Sequence[CountedRule]) -> None:
    if len(eras) == 1:
        return
    since = [None, *(era.since for era in eras[1:])]
    until = [*since[1:], None]
    near = [0.0, *(max(one.near, other.near) for one, other in pairwise(eras))]
    for n, rule in enumerate(rules):
        before = rules[n - 1] if n else None
        rule.life = Life(Span(since[n], until[n], near[n]), before, tuple(rules[n + 1 :]))


def _judges_alone_from(eras: Eras) -> float:
    """The time from which events matter to the latest settings alone."""
    before, latest = eras[-2:]
    return latest.since + max(before.near, latest.near) + latest.numbers.window_seconds / 6
