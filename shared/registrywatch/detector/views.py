"""Which rules read which events, arranged so that each event is looked at as rarely as possible."""

from collections.abc import Callable, Iterable, Mapping
from typing import get_args

import msgspec

from registrywatch.detector.counting import CountedRule
from registrywatch.detector.newness import Scheme
from registrywatch.events import RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Counting, Newness, Seen, Touch, Trust, Tuning

TOUCHES: tuple[Touch, ...] = get_args(Touch.__value__)

Sightings = Callable[[RegistryEvent, Trust], Seen | None]


class View:
    """What one function sees in a kind of event, for all counts that see the same."""

    def __init__(self, sightings: Sightings) -> None:
        self.sightings = sightings
        self.counted: list[CountedRule] = []
        self.schemes: list[Scheme] = []

    def add(self, rule: CountedRule, counting: Counting) -> None:
        """Adds a count, and what is to be remembered for it."""
        if counting.newness is not None:
            self._scheme(counting.newness).rules.append(rule)
        else:
            self.counted.append(rule)
        if counting.familiar is not None:
            self._scheme(Newness(counting.familiar))
        for newness in counting.also:
            self._scheme(newness)

    def _scheme(self, newness: Newness) -> Scheme:
        for scheme in self.schemes:
            if scheme.newness == newness:
                return scheme
        self.schemes.append(Scheme(newness))
        return self.schemes[-1]


class Readers(msgspec.Struct):
    """The rules that read one kind of event: those that judge it, and those that count it."""

    judged: list[tuple[AnyRule, Tuning]] = []
    views: list[View] = []

    def view(self, sightings: Sightings) -> View:
        """The view of that function."""
        for view in self.views:
            if view.sightings is sightings:
                return view
        self.views.append(View(sightings))
        return self.views[-1]

    def judges(self, rule: AnyRule, tuning: Tuning) -> None:
        """Adds a rule that judges single events."""
        self.judged.append((rule, tuning))


def readers_of(
    rules: Iterable[AnyRule], tunings: Mapping[str, Tuning], trust: Trust
) -> dict[tuple[str, type], Readers]:
    """The rules that are switched on, by the cloud and the kind of event that they read."""
    readers: dict[tuple[str, type], Readers] = {}
    for rule in rules:
        tuning = tunings.get(rule.name, Tuning())
        if not tuning.enabled:
            continue
        counts = (*((rule.counting,) if rule.counting else ()), *rule.further)
        counted = [
            (CountedRule(rule, counting, tuning, trust, number), counting)
            for number, counting in enumerate(counts)
        ]
        for what in rule.reads:
            here = readers.setdefault((rule.cloud, what), Readers())
            if rule.judge is not None:
                here.judges(rule, tuning)
            for each, counting in counted:
                if counting.reads and what not in counting.reads:
                    continue
                here.view(counting.sightings).add(each, counting)
    return readers
