"""The protocol that counts exactly over any store: write, read, claim, hand over, settle.

No lock is held anywhere. What makes it exact:

- All sightings of a batch are written before anything is read. Sets only grow, so for every window
  there is one write that made it cross. The worker that made that write reads afterwards and sees
  the crossing. Its batch is acknowledged only when the alert has been handed over, by that worker
  or by another.
- Each group has one claim, which says what is quiet. It changes only by compare-and-swap, so no two
  alerts are anchored too close to each other.
- The claim keeps each alert until it is known to be handed over. Any worker that reads a claim
  hands over its pending alerts, because the worker that made it may have crashed.
- A worker adds to its cache (see cache.py) only after all of this.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol

from registrywatch.windows.cache import SightingCache
from registrywatch.windows.changeover import Changeover, TunedGroup
from registrywatch.windows.claims import Claims, ClaimStore, HandOver
from registrywatch.windows.meaning import (
    STEPS,
    Quiet,
    Window,
    crossing_steps,
    may_cross,
    missing,
    reached_by,
    seen_at,
)

SKEW_SECONDS = 60
"""How far an event may be ahead of the clock of a worker that skips a read (see `Counter`)."""

Body = Callable[[int, AbstractSet[int]], tuple[str, bytes]]
"""Makes the alert anchored at a step, given the sightings seen in its window: its id and its body.

At least one of these sightings is from the batch that makes the alert. The id depends on rule,
group and anchor alone. If several bodies are made for one anchor, workers hand over only the one
that was claimed.
"""


class Store(ClaimStore, Protocol):
    """Where sightings and claims are kept. Each call is about one group and raises StoreError.

    A call that failed may still have taken effect, or may do so later. `until` is the time, in
    seconds since the epoch, up to which what is written must be kept; None: for ever.
    """

    def add(
        self, group: str, window: Window, steps: Mapping[int, Collection[int]], until: int | None
    ) -> Mapping[int, AbstractSet[int]]:
        """Store the sightings of all these steps (1 to `window.cap` each); none is ever removed.

        A step that already holds `window.cap` sightings may refuse more. Returns for each step
        sightings that were stored when this call wrote it: its own and, if known, others.
        """

    def read(self, group: str, first: int, last: int) -> Mapping[int, AbstractSet[int]]:
        """All sightings of the steps `first` to `last`, consistently read."""


class Counter:
    """Counts sightings group by group over a store; may be shared by threads if its store may.

    `clock` gives seconds since the epoch. `cache` is the memory of a warm worker; without one every
    call writes and reads. With one, a read is skipped while all that it could show is quiet; that
    is exact as long as no event's time is ahead of `clock` by more than SKEW_SECONDS.
    `retention_seconds` is how late a delivery may be after its event: older events are refused,
    because what is quiet is forgotten after that time. None: nothing is refused or forgotten.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        *,
        cache: SightingCache | None = None,
        retention_seconds: int | None = None,
    ) -> None:
        self._store = store
        self._claims = Claims(store, clock, retention_seconds)
        self._clock = clock
        self._cache = cache
        self._retention_seconds = retention_seconds

    def count(
        self,
        group: str,
        window: Window,
        sightings: Mapping[int, Collection[int]],
        body: Body,
        hand_over: HandOver,
        changeover: Changeover | None = None,
    ) -> tuple[int, ...]:
        """Count the sightings (64-bit hashes, by step) of one group in one batch.

        Alerts leave through `hand_over`. `changeover` is what a change of settings means for the
        group; None: no change is under way. Returns the steps that were refused because they are
        older than the retention; the caller parks their events. Raises StoreError, or what
        `hand_over` and `body` raise: then nothing was cached, and the events of this group must be
        delivered again.
        """
        refused = self._refused(window, sightings)
        most = window.cap
        if self._cache is not None:
            sightings = self._cache.missing(group, most, sightings)
        sizes = [*map(len, sightings.values())]
        news = sightings
        if refused or (sizes and not 0 < min(sizes) <= max(sizes) <= most):
            news = {
                step: missing(frozenset(), hashes, most)
                for step, hashes in sightings.items()
                if hashes and step not in refused
            }
        if news:
            stored = self._store.add(group, window, news, self._claims.keep_until(window))
            quiet = self._evaluate(group, window, news, body, hand_over, changeover)
            if self._cache is not None:
                self._cache.remember(group, window.cap, stored, quiet)
        return refused

    def _refused(self, window: Window, steps: Iterable[int]) -> tuple[int, ...]:
        if self._retention_seconds is None:
            return ()
        oldest = window.step_of(self._clock() - self._retention_seconds)
        return tuple(step for step in steps if step < oldest)

    def _evaluate(
        self,
        group: str,
        window: Window,
        written: Mapping[int, Collection[int]],
        body: Body,
        hand_over: HandOver,
        changeover: Changeover | None,
    ) -> Quiet | None:
        """Raise alerts for steps that now cross. Returns what is quiet, if that was looked up."""
        if self._cache is None:
            among, spans = self._reads_all(written)
        else:
            among, spans = self._reads_due(window, written, self._cache.quiet(group))
        reads = [self._store.read(group, first - STEPS, last) for first, last in spans]
        sets = reads[0] if len(reads) == 1 else {at: one[at] for one in reads for at in one}
        if not may_cross(window, sets):
            return None
        crossing = crossing_steps(window, sets, reached_by(written) if among is None else among)
        if changeover is not None:
            crossing = changeover.span.judged(window, crossing)
        if not crossing:
            return None
        sets = dict(sets)
        for step, hashes in written.items():  # a full step has refused them; they were seen there
            sets[step] = sets.get(step, frozenset()) | frozenset(hashes)

        def raised(anchors: list[int]) -> dict[str, bytes]:
            return dict(body(anchor, seen_at(sets, anchor)) for anchor in anchors)

        return self._claims.make(TunedGroup(group, window), crossing, raised, hand_over, changeover)

    def _reads_all(self, written: Collection[int]) -> tuple[None, list[tuple[int, int]]]:
        """Without a cache: every step that the written ones reach, and the ranges to read.

        The steps are None: they are listed only if enough was stored to cross.
        """
        first, last = min(written), max(written)
        if last - first <= 4 * STEPS:  # mostly; one range costs no more than several
            return None, [(first, last + STEPS)]
        spans = [(first, last + STEPS) for first, last in _spans(sorted(written), 2 * STEPS)]
        return None, spans

    def _reads_due(
        self, window: Window, written: Collection[int], known: Quiet
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """With a cache: the reached steps that no alert makes quiet, if any is due."""
        reached = [step for step in reached_by(written) if not known.covers(step)]
        if not self._any_due(window, written, reached):
            return [], []
        return reached, [*_spans(reached, STEPS)]

    def _any_due(self, window: Window, written: Collection[int], reached: list[int]) -> bool:
        """Whether one of the `reached` steps can hold something by now.

        Nothing has been written to steps in the future. The worker that writes there checks them.
        """
        if not reached:
            return False
        ahead = window.step_of(self._clock() + SKEW_SECONDS)
        return reached[0] <= ahead or max(written) > ahead


def _spans(steps: list[int], gap: int) -> Iterator[tuple[int, int]]:
    """Sorted steps as ranges to read; steps that are no more than `gap` apart are one range."""
    if not steps:
        return
    first = last = steps[0]
    for step in steps:
        if step - last > gap:
            yield first, last
            first = step
        last = step
    yield first, last
