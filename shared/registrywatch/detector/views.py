"""Which rules read which events, arranged so that each event is examined as rarely as possible."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, get_args

import msgspec

from registrywatch.clouds import CLOUDS
from registrywatch.detector.counting import CountedRule
from registrywatch.detector.grouping import Key, who_and_where
from registrywatch.detector.outcome import reason_of
from registrywatch.detector.scheme import Scheme, Share
from registrywatch.detector.tally import GroupTally
from registrywatch.events import Cloud, RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Counting, Newness, Seen, Touch, Trust
from registrywatch.rules.tuning import Tuning

if TYPE_CHECKING:
    from registrywatch.detector.batch import Batch

TOUCHES: tuple[Touch, ...] = get_args(Touch.__value__)

_NEVER = math.inf
_TOUCHED: Seen = ("",), False
"""What a view sees if only the touch matters."""

type Shares = dict["View", dict[Key, Share]]
type Tallies = dict[str, GroupTally]
Sightings = Callable[[RegistryEvent, Trust], Seen | None]


class View:
    """What one function sees in a kind of event, for all counts that see the same."""

    def __init__(self, sightings: Sightings) -> None:
        self.sightings = sightings
        self.plain: list[CountedRule] = []
        self.others: list[CountedRule] = []
        self.schemes: list[Scheme] = []

    def add(self, rule: CountedRule, counting: Counting) -> None:
        """Add a count, and what to remember for it."""
        if counting.newness is not None:
            self._scheme(counting.newness).rules.append(rule)
        else:
            (self.plain if rule.is_plain else self.others).append(rule)
        if counting.familiar is not None:
            self._scheme(Newness(counting.familiar))
        for newness in counting.also:
            self._scheme(newness)

    def take(self, groups: Iterable[Sequence[int]], batch: "Batch", trust: Trust) -> None:
        """Add what the batch's events show to all counts, and to the touches.

        `groups` are the places of events that are alike: see `Batch.alike`. A group that fails
        affects no other.
        """
        events, shares, tallies = batch.events, batch.shares, batch.tallies
        sightings, others = self.sightings, self.others
        mine = shares.get(self, {})
        different = list[tuple[int]]()
        for places in groups:
            event = events[places[0]]
            try:
                seen = sightings(event, trust)
                if seen is None or not seen[0]:
                    continue
                if len(places) > 1 and event.key in seen[0]:
                    different += [(place,) for place in places]  # each shows its own key
                    continue
                default = who_and_where(event)
                share = mine.get(default)
                if share is None:
                    share = mine[default] = self._share(default, event, tallies)
                    shares[self] = mine
                share.places += places
                times = [events[place].time for place in places]
                first, repository, firsts = min(times), event.repository, share.firsts
                if first < firsts.get(repository, _NEVER):
                    firsts[repository] = first
                if share.tallies:
                    shown = (default[2], repository, seen)
                    for tally in share.tallies:
                        tally.see(event, shown, times)
                for rule in others:
                    for place in places:
                        rule.add(place, events[place], seen, default, tallies)
            except Exception as error:  # noqa: BLE001 - the caller hands them in again
                batch.outcome.failed |= dict.fromkeys(places, reason_of(error))
        if different:
            self.take(different, batch, trust)

    def _share(self, default: Key, event: RegistryEvent, tallies: Tallies) -> Share:
        share = Share(default, event)
        for rule in self.plain:
            tally = rule.tally(default, tallies)
            tally.shares.append(share.places)
            share.tallies.append(tally)
        return share

    def _scheme(self, newness: Newness) -> Scheme:
        for scheme in self.schemes:
            if scheme.newness == newness:
                return scheme
        self.schemes.append(Scheme(newness))
        return self.schemes[-1]


class Readers(msgspec.Struct, eq=False):
    """The rules that read one kind of event: those that judge it, and those that count it.

    `views` see every caller, `foreign` only callers of foreign accounts.
    """

    judged: list[tuple[AnyRule, Tuning]] = []
    views: list[View] = []
    foreign: list[View] = []

    def view(self, counting: Counting) -> View:
        """The view of what is counted."""
        views = self.foreign if counting.foreign else self.views
        for view in views:
            if view.sightings is counting.sightings:
                return view
        views.append(View(counting.sightings))
        return views[-1]

    def views_of(self, event: RegistryEvent, trust: Trust) -> list[View]:
        """All views that see the event's caller."""
        return self.views + self.foreign if trust.is_foreign(event) else self.views

    def judges(self, rule: AnyRule, tuning: Tuning) -> None:
        """Add a rule that judges single events."""
        self.judged.append((rule, tuning))


type AllReaders = dict[Cloud, dict[type, Readers]]
"""By the cloud and the kind of event that they read."""

Counted = Callable[[AnyRule, Counting, Tuning, int], Iterable[CountedRule]]
"""The counts to apply for a rule's count, which is given by its number."""


def readers_of(
    rules: Iterable[AnyRule],
    tunings: Mapping[str, Tuning],
    trust: Trust,
    counted_as: Counted | None = None,
) -> AllReaders:
    """The rules that are enabled; without `counted_as` each counts by its own settings."""

    def as_tuned(
        rule: AnyRule, counting: Counting, tuning: Tuning, number: int
    ) -> Iterable[CountedRule]:
        return [CountedRule(rule, counting, tuning, trust, number)]

    counted_as = counted_as or as_tuned
    readers: AllReaders = {cloud: {} for cloud in CLOUDS}
    for rule in rules:
        tuning = tunings.get(rule.name, Tuning())
        if not tuning.enabled:
            continue
        counts = (*((rule.counting,) if rule.counting else ()), *rule.further)
        counted = [
            (each, counting)
            for number, counting in enumerate(counts)
            for each in counted_as(rule, counting, tuning, number)
        ]
        for what in rule.reads:
            found = readers[rule.cloud].setdefault(what, Readers())
            if rule.judge is not None:
                found.judges(rule, tuning)
            for each, counting in counted:
                if counting.reads and what not in counting.reads:
                    continue
                found.view(counting).add(each, counting)
    return readers


def view_of_touch(touch: Touch) -> View:
    """A view without counts: it only remembers who touched what in this way."""
    view = View(lambda _event, _trust: _TOUCHED)
    view.schemes.append(Scheme(Newness(touch)))
    return view
