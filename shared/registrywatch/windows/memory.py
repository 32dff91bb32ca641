"""Windows in memory: the reference for every store, and what `registrywatch replay` counts with."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet

from registrywatch.windows.claims import Claim
from registrywatch.windows.meaning import STEPS, Quiet, Window

_STEP_WEIGHT = 4
_GROUP_WEIGHT = 8


class _Group:
    """A group's sightings by step; `newest` is the latest step that was ever written to."""

    __slots__ = ("newest", "steps", "window")

    def __init__(self, window: Window) -> None:
        self.window = window
        self.steps: dict[int, frozenset[int]] = {}
        self.newest = 0

    def forget_before(self, oldest: int) -> None:
        if min(self.steps) < oldest:
            self.steps = {step: seen for step, seen in self.steps.items() if step >= oldest}

    def weight(self) -> int:
        return _GROUP_WEIGHT + sum(_STEP_WEIGHT + len(step) for step in self.steps.values())


class MemoryStore:
    """Keeps everything in this process; for one thread.

    Counts exactly, whatever the order, as long as its content weighs no more than `budget` (a
    sighting weighs 1, about 70 bytes; a step 4, a group 8). Above that it first drops old steps of
    each group: those that are further behind the group's newest event than the window, the quiet
    period and `late_seconds` together. If that does not suffice, it drops whole groups, least
    recently written first, down to half the budget. A burst whose parts arrive later than that may
    be missed. What is quiet is never dropped: a burst that raised an alert does not raise it again.
    """

    def __init__(self, budget: int = 400_000, late_seconds: int = 3600) -> None:
        self._budget = budget
        self._late_seconds = late_seconds
        self._groups: dict[str, _Group] = {}
        self._claims: dict[str, Claim] = {}
        self._weight = 0
        self._limit = budget

    def add(
        self,
        group: str,
        window: Window,
        steps: Mapping[int, Collection[int]],
        until: int | None,  # noqa: ARG002
    ) -> Mapping[int, AbstractSet[int]]:
        held = self._groups.pop(group, None)
        if held is None:
            held = _Group(window)
            self._weight += _GROUP_WEIGHT
        self._groups[group] = held  # now the most recently written
        kept, most = held.steps, window.cap
        written = dict(zip(steps, map(frozenset, steps.values()), strict=True))
        for step in kept.keys() & written.keys():
            stored = kept[step]
            self._weight -= _STEP_WEIGHT + len(stored)
            written[step] = stored if len(stored) >= most else stored | written[step]
        kept.update(written)
        held.newest = max(held.newest, *steps)
        self._weight += _STEP_WEIGHT * len(written) + sum(map(len, written.values()))
        if self._weight > self._limit:
            self._make_room()
        return written

    def read(self, group: str, first: int, last: int) -> Mapping[int, AbstractSet[int]]:
        held = self._groups.get(group)
        if held is None:
            return {}
        steps = held.steps
        return {step: steps[step] for step in range(first, last + 1) if step in steps}

    def claim(self, group: str) -> Claim:
        return self._claims.get(group, Claim())

    def swap(
        self,
        group: str,
        seen: Claim,
        quiet: Quiet,
        raised: Mapping[str, bytes],
        until: int | None,  # noqa: ARG002
    ) -> Claim:
        now = self.claim(group)
        if now.version == seen.version:
            version = 1 if now.version is None else int(now.version) + 1
            now = self._claims[group] = Claim(version, quiet, {**now.pending, **raised})
        return now

    def settle(
        self,
        group: str,
        claim: Claim,
        until: int | None,  # noqa: ARG002
    ) -> Claim:
        now = self.claim(group)
        left = {one: body for one, body in now.pending.items() if one not in claim.pending}
        if len(left) < len(now.pending):
            self._claims[group] = Claim(now.version, now.quiet, left)
        return Claim(claim.version, claim.quiet)

    def _make_room(self) -> None:
        for held in self._groups.values():
            held.forget_before(held.newest - self._kept_steps(held.window))
        self._weight = sum(held.weight() for held in self._groups.values())
        for group in [*self._groups][:-1]:  # the last one is being counted now
            if self._weight <= self._budget // 2:
                break
            self._weight -= self._groups.pop(group).weight()
        self._limit = max(self._budget, 2 * self._weight)

    def _kept_steps(self, window: Window) -> int:
        kept_seconds = window.seconds + window.quiet_seconds + self._late_seconds
        return kept_seconds * STEPS // window.seconds + 1
