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
from registrywatch.rules.rule import Counting, Trust
from registrywatch.rules.tuning import Tuning
from registrywatch.windows.changeover import Changeover, Span, TunedGroup


class Validity(msgspec.Struct, frozen=True):
    """When a count applies, and the same count under the settings before and after it."""

    span: Span
    before: CountedRule | None
    after: tuple[CountedRule, ...]

    def changeover(self, tally: GroupTally, events: Sequence[RegistryEvent]) -> Changeover:
        """What the change means for a group, given the events of its batch.

        The groups that follow are those of the last event that these settings count.
        """
        before, window = self.before, tally.rule.window
        counted = [events[place] for place in tally.places]

        def earlier() -> set[TunedGroup]:
            return {before.tuned_group(event) for event in counted} if before else set()

        def later() -> list[TunedGroup]:
            held = [each for each in counted if self.span.counts(window, window.step_of(each.time))]
            last = max(held, key=lambda event: event.time)
            return [rule.tuned_group(last) for rule in self.after]

        return Changeover(self.span, earlier, later)


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
        self._own_rules: dict[str, CountedRule] = {}
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
        histories = self._changes.histories(
            {n: rule.numbers for n, rule in self._own_rules.items()}
        )
        if histories is not self._histories:
            self._apply(histories)
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
        self._own_rules[made.name] = made
        return [made]

    def _apply(self, histories: Histories) -> None:
        def latest(
            rule: AnyRule, counting: Counting, tuning: Tuning, number: int
        ) -> list[CountedRule]:
            era = histories[count_name(rule, number)][-1]
            own = self._own_rules[count_name(rule, number)].numbers
            # The worker's own threshold and quiet period apply at once.
            numbers = own if same_groups(own, era.numbers) else era.numbers
            return [CountedRule(rule, counting, tuning, self._trust, number, numbers, era.since)]

        def each(
            rule: AnyRule, counting: Counting, tuning: Tuning, number: int
        ) -> list[CountedRule]:
            eras = histories[count_name(rule, number)][:-1]
            made = [
                CountedRule(rule, counting, tuning, self._trust, number, era.numbers, era.since)
                for era in eras
            ] + latest(rule, counting, tuning, number)
            _set_validity(histories[count_name(rule, number)], made)
            return made

        changes = [eras for eras in histories.values() if len(eras) > 1]
        ahead = [_judges_alone_from(eras) for eras in changes]
        rules = self._rules, self._tunings, self._trust
        if any(eras[-1].since for eras in histories.values()):
            self.current = readers_of(*rules, latest)
        self._all = readers_of(*rules, each) if changes else None
        self._all_before = max(ahead, default=-math.inf)
        self._histories = histories


def _set_validity(eras: Eras, rules: Sequence[CountedRule]) -> None:
    if len(eras) == 1:
        return
    since = [None, *(era.since for era in eras[1:])]
    until = [*since[1:], None]
    near = [0.0, *(max(one.near, other.near) for one, other in pairwise(eras))]
    for n, rule in enumerate(rules):
        before = rules[n - 1] if n else None
        rule.validity = Validity(Span(since[n], until[n], near[n]), before, tuple(rules[n + 1 :]))


def _judges_alone_from(eras: Eras) -> float:
    """The time from which events matter to the latest settings alone."""
    before, latest = eras[-2:]
    return latest.since + max(before.near, latest.near) + latest.numbers.window_seconds / 6
