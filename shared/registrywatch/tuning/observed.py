"""What the counted rules counted in a log: each group's sightings, batch by batch.

Stored packed: 8 bytes a sighting, 16 more for each step of a batch, 8 more for each batch.
"""

from array import array
from collections import Counter as Multiset
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from registrywatch.detector import Batch
from registrywatch.events import RegistryEvent
from registrywatch.windows.meaning import STEPS, Window

_END = (1 << 64) - 1  # ends a batch; no step is that far in the future


class Where(msgspec.Struct, frozen=True):
    """What describes a group to people, from its first event.

    `repository` and `address` are None if the group's events name several.
    """

    account: str | None
    region: str | None
    registry: str | None
    repository: str | None
    actor: str | None
    address: str | None


class Group(msgspec.Struct):
    """One group of a count: its sightings by batch and step."""

    where: Where
    packed: "array[int]" = msgspec.field(default_factory=lambda: array("Q"))

    def add(self, steps: Mapping[int, Iterable[int]]) -> None:
        """Add the sightings of one batch, by step."""
        for step, sightings in steps.items():
            held = [*sightings]
            self.packed.extend((step, len(held)))
            self.packed.extend(held)
        self.packed.append(_END)

    def batches(self) -> Iterator[dict[int, set[int]]]:
        """The batches, in the order in which they were added."""
        at, packed = 0, self.packed
        batch: dict[int, set[int]] = {}
        while at < len(packed):
            if packed[at] == _END:
                yield batch
                batch, at = {}, at + 1
                continue
            step, size = packed[at], packed[at + 1]
            batch[step] = set(packed[at + 2 : at + 2 + size])
            at += 2 + size

    def held(self, window: Window) -> "Held":
        """What each window held after each batch that may have changed it.

        The alerts at a threshold depend on this alone. The final counts do not suffice: if a burst
        is delivered in parts, the first parts decide where its alert is anchored.
        """
        steps: dict[int, set[int]] = {}
        found = Held()
        for batch in self.batches():
            for step, sightings in batch.items():
                steps.setdefault(step, set()).update(sightings)
            first, last = min(batch, default=0), max(batch, default=-1)
            near = range(first - STEPS, last + STEPS + 1)
            near_steps = {step: steps[step] for step in near if step in steps}
            for step, number in _windows(window, near_steps):
                if step >= first:
                    found.steps.append(step)
                    found.numbers.append(number)
        return found


class Held(msgspec.Struct):
    """Steps, and what the window that ends with each held, in the order of counting."""

    steps: "array[int]" = msgspec.field(default_factory=lambda: array("q"))
    numbers: "array[int]" = msgspec.field(default_factory=lambda: array("I"))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Step and number."""
        return zip(self.steps, self.numbers, strict=True)

    def in_the_end(self) -> dict[int, int]:
        """What each step's window held after the last batch, by step."""
        return dict(sorted(dict(self.pairs()).items()))


def _windows(window: Window, steps: Mapping[int, Collection[int]]) -> list[tuple[int, int]]:
    """For each step, in order: how much the window that ends with it holds."""
    held: Multiset[int] = Multiset()
    inside: deque[int] = deque()
    found = []
    for step in sorted(steps):
        while inside and inside[0] < step - STEPS:
            for sighting in steps[inside.popleft()]:
                held[sighting] -= 1
                if not held[sighting]:
                    del held[sighting]
        inside.append(step)
        held.update(steps[step])
        found.append((step, window.measure(held)))
    return found


class Count(msgspec.Struct):
    """One count of a rule: its present window, what fires (in words), its groups by digest."""

    rule: str
    number: int
    window: Window
    fires: str
    groups: dict[str, Group] = {}


class Observed:
    """Collects what is counted. `counts` are by rule and the count's number."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, int], Count] = {}
        self.first: float | None = None
        self.last: float | None = None

    def note(self, batch: Batch) -> None:
        """Add a batch that was counted."""
        self._note_times(batch.events)
        for tally in batch.tallies.values():
            rule = tally.rule
            key = (rule.rule.name, rule.number)
            count = self.counts.get(key)
            if count is None:
                count = self.counts[key] = Count(*key, rule.window, rule.fires)
            group = count.groups.get(tally.digest)
            if group is None:
                first = batch.events[tally.places[0]]
                group = count.groups[tally.digest] = Group(_where(first))
            group.where = _still(group.where, [batch.events[place] for place in tally.places])
            group.add(tally.steps)

    def _note_times(self, events: Sequence[RegistryEvent]) -> None:
        if events:
            first = min(event.time for event in events)
            last = max(event.time for event in events)
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)


def _still(where: Where, events: Sequence[RegistryEvent]) -> Where:
    """`where`, without what differs in these events."""
    if where.repository is not None and any(each.repository != where.repository for each in events):
        where = msgspec.structs.replace(where, repository=None)
    if where.address is not None and any(each.actor.ip != where.address for each in events):
        where = msgspec.structs.replace(where, address=None)
    return where


def _where(event: RegistryEvent) -> Where:
    return Where(
        event.account,
        event.region,
        event.registry,
        event.repository,
        event.actor.id or event.actor.name,
        event.actor.ip,
    )
