"""A batch of events on its way through the detector, and what became of it."""

import math
from collections import defaultdict
from collections.abc import Collection, Hashable

import msgspec

from registrywatch.detector.outcome import Outcome
from registrywatch.detector.tally import GroupTally
from registrywatch.detector.views import AllReaders, Readers, Shares, View
from registrywatch.events import RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Finding, Trust
from registrywatch.rules.tuning import Tuning

type Alike = tuple[Hashable, ...]
"""Everything that sightings and groups can see of an event, except its key, time and address."""


class Found(msgspec.Struct):
    """A finding whose severity depends on what is familiar, and the place of its event."""

    place: int
    rule: AnyRule
    tuning: Tuning
    finding: Finding

    @property
    def places(self) -> tuple[int]:
        """The place as a sequence of one."""
        return (self.place,)


class Batch(msgspec.Struct):
    """Events that are counted together: those gathered so far, and what became of them.

    `readers` are the readers with which they were gathered. `alike` has the places of the events
    that are only counted, by what is the same in them; they are examined together, in `take_alike`.
    """

    readers: AllReaders = {}
    events: list[RegistryEvent] = []
    tallies: dict[str, GroupTally] = {}
    alike: dict[Readers, dict[Alike, list[int]]] = msgspec.field(
        default_factory=lambda: defaultdict(dict)
    )
    shares: Shares = {}
    found: list[Found] = []
    outcome: Outcome = msgspec.field(default_factory=Outcome)

    def take_alike(self, trust: Trust) -> None:
        """Add the events that are only counted to their counts, those that are alike together.

        `places` are then in order again.
        """
        events = self.events
        for readers, alike in self.alike.items():
            for view in readers.views:
                view.take(alike.values(), self, trust)
            if readers.foreign:
                foreign = [each for each in alike.values() if trust.is_foreign(events[each[0]])]
                for view in readers.foreign:
                    view.take(foreign, self, trust)
        self.alike.clear()
        for shares in self.shares.values():
            for share in shares.values():
                share.places.sort()

    @property
    def earliest(self) -> float:
        """The earliest time of an event that a view has seen."""
        shares = (share for of in self.shares.values() for share in of.values())
        return min((min(share.firsts.values()) for share in shares), default=math.inf)

    def counted(self, judged: Collection[View]) -> list[int]:
        """The places of events that a view has seen, except the views in `judged`."""
        shares = (
            share for view, of in self.shares.items() if view not in judged for share in of.values()
        )
        return sorted({place for share in shares for place in share.places})

    def in_order(self) -> None:
        """Order the tallies, and the views' touches, by their first events.

        Events are gathered kind by kind; alerts are raised in the order of events.
        """
        self.tallies = dict(sorted(self.tallies.items(), key=lambda item: item[1].first))
        firsts = {view: next(iter(of.values())).places[0] for view, of in self.shares.items()}
        self.shares = {view: self.shares[view] for view in sorted(firsts, key=firsts.__getitem__)}

    def is_heard(self, event: RegistryEvent) -> bool:
        """False if every rule that judges such events ignores this one."""
        readers = self.readers[event.cloud].get(type(event.what))
        if readers is None or not readers.judged:
            return True
        return any(not tuning.ignores(event) for _, tuning in readers.judged)

    def gather_anew(self, readers: AllReaders, judged: Collection[View], trust: Trust) -> None:
        """Add the counted events to the counts of these readers, in place of the present ones."""
        places = self.counted(judged)
        self.readers = readers
        self.tallies.clear()
        self.shares = {view: shares for view, shares in self.shares.items() if view in judged}
        for place in places:
            event = self.events[place]
            of = readers.get(event.cloud, {}).get(type(event.what))
            for view in of.views_of(event, trust) if of else ():
                view.take([(place,)], self, trust)
