"""The protocol that counts exactly over any store: write, read, claim, hand over, settle.

No lock is held anywhere. What makes it exact:

- All sightings of a batch are written before anything is read. Sets only grow, so for every window
  there is one write that made it cross, and whoever wrote it, reading afterwards, sees it cross.
  His batch is acknowledged only when the alert has been handed over, by him or by somebody else.
- One claim a group says what is quiet. It changes by compare-and-swap alone, so no two alerts are
  anchored too near to each other.
- The claim keeps each alert until it is known to be handed over. Whoever comes across it hands it
  over: the worker who won it may be dead, and his batch in the hands of one who skips it as known.
- What a worker remembers (see recall.py) it remembers last, when all that is done.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol

import msgspec

from registrywatch.windows.cache import Recall
from registrywatch.windows.meaning import (
    STEPS,
    Quiet,
    Window,
    choose_anchors,
    crossing_steps,
    missing,
    reached_by,
    seen_at,
)

SLACK_SECONDS = 3600
"""How far the clocks of workers and stores may be apart where age decides what is dropped."""

SKEW_SECONDS = 60
"""How far an event may be ahead of the clock of a worker that skips a read (see `Counter`)."""

ALERTS_PER_CLAIM = 5
"""Alerts claimed at once. With bodies up to 64 KiB a claim fits DynamoDB's 400 KB an item."""

HandOver = Callable[[bytes], None]
"""Puts an alert on the alert queue, maybe once more. Raises StoreError if it may have failed."""

Body = Callable[[int, AbstractSet[int]], tuple[str, bytes]]
"""Makes the alert anchored at a step, given the sightings seen in its window: its id and its body.

The batch that makes it has a sighting of its own among those seen. The id depends on rule, group
and anchor alone. Of several bodies made for one anchor, only the one that was claimed is ever
handed over, by whomever.
"""


class Claim(msgspec.Struct, frozen=True):
    """What is quiet in a group, and the alerts (id and body) not yet known to be handed over.

    `version` is the store's own; None: nothing has been stored yet.
    """

    version: int | str | None = None
    quiet: Quiet = Quiet()
    pending: Mapping[str, bytes] = {}


class Store(Protocol):
    """Where sightings and claims are kept. Each call is about one group and raises StoreError.

    A call that failed may still have taken effect, or may do so later. `until` is the time, in
    seconds since the epoch, up to which what is written must be kept; None: for ever.
    """

    def add(
        self, group: str, window: Window, steps: Mapping[int, Collection[int]], until: int | None
    ) -> Mapping[int, AbstractSet[int]]:
        """Store the sightings of all these steps (1 to `threshold` each); none is ever taken away.

        A step that already holds `threshold` sightings may refuse more. Returns for each step
        sightings stored when this call wrote it, or earlier: its own and, where known, others.
        """

    def read(self, group: str, first: int, last: int) -> Mapping[int, AbstractSet[int]]:
        """All sightings of the steps `first` to `last`; none that was stored before is missing."""

    def claim(self, group: str) -> Claim:
        """The claim as it is, consistently read."""

    def swap(
        self, group: str, seen: Claim, quiet: Quiet, raised: Mapping[str, bytes], until: int | None
    ) -> Claim:
        """If nobody changed what is quiet since `seen`: make it `quiet`, and `raised` pending too.

        Returns the claim as it is then, whether this call has changed it or not.
        """

    def settle(self, group: str, claim: Claim, until: int | None) -> Claim:
        """Take the pending alerts of `claim` out of the stored one: they have been handed over.

        Returns the claim without them, fit for a swap; it may have become another meanwhile. No
        error if they, or the whole claim, are gone.
        """


class Counter:
    """Counts sightings group by group over a store; may be shared by threads if its store may.

    `clock` gives seconds since the epoch. `recall` is the memory of a warm worker; without one
    every call writes and reads. With one, a read is skipped while all that it could show is quiet;
    that is exact as long as no event's time is ahead of `clock` by more than SKEW_SECONDS.
    `retention_seconds` is the longest that a delivery may lag behind its event: older ones are
    refused, since what is quiet is forgotten after that. None: nothing is refused or forgotten.
    """

    def __init__(
        self,
        store: Store,
        hand_over: HandOver,
        clock: Callable[[], float],
        *,
        recall: Recall | None = None,
        retention_seconds: int | None = None,
    ) -> None:
        self._store = store
        self._hand_over = hand_over
        self._clock = clock
        self._recall = recall
        self._retention_seconds = retention_seconds

    def count(
        self, group: str, window: Window, sightings: Mapping[int, Collection[int]], body: Body
    ) -> tuple[int, ...]:
        """Count the sightings (64-bit hashes, by step) of one group in one batch.

        Returns the steps refused because they lie further back than the retention; their events
        are the caller's to park. Raises StoreError, or what `hand_over` and `body` raise: nothing
        was remembered then, and the events of this group are to be delivered again.
        """
        refused = self._refused(window, sightings)
        most = window.threshold
        if self._recall is not None:
            sightings = self._recall.missing(group, most, sightings)
        news = {
            step: hashes if len(hashes) <= most else missing(frozenset(), hashes, most)
            for step, hashes in sightings.items()
            if hashes and step not in refused
        }
        if news:
            stored = self._store.add(group, window, news, self._keep_until(window))
            quiet = self._evaluate(group, window, news, body)
            if self._recall is not None:
                self._recall.remember(group, window.threshold, stored, quiet)
        return refused

    def _refused(self, window: Window, steps: Iterable[int]) -> tuple[int, ...]:
        if self._retention_seconds is None:
            return ()
        oldest = window.step_of(self._clock() - self._retention_seconds)
        return tuple(step for step in steps if step < oldest)

    def _keep_until(self, window: Window, times: int = 1) -> int | None:
        if self._retention_seconds is None:
            return None
        kept = times * self._retention_seconds + window.seconds + window.quiet_seconds
        return int(self._clock()) + kept + SLACK_SECONDS

    def _evaluate(
        self, group: str, window: Window, written: Mapping[int, Collection[int]], body: Body
    ) -> Quiet | None:
        """Raise what the written steps made cross. Returns what is quiet, if that was looked up.

        A step that a handed over alert covers needs no look.
        """
        if self._recall is None:
            reached = None  # all that the written steps reach; seldom worth to be spelt out
            spans = [(one, last + STEPS) for one, last in _spans(sorted(written), 2 * STEPS)]
        else:
            known = self._recall.quiet(group)
            reached = [step for step in reached_by(written) if not known.covers(step)]
            if not self._any_due(window, written, reached):
                return None
            spans = [*_spans(reached, STEPS)]
        sets: dict[int, AbstractSet[int]] = {}
        for first, last in spans:
            sets.update(self._store.read(group, first - STEPS, last))
        if sum(map(len, sets.values())) < window.threshold:
            return None
        crossing = crossing_steps(window, sets, reached_by(written) if reached is None else reached)
        if not crossing:
            return None
        for step, hashes in written.items():  # a full step has refused them; they were seen there
            sets[step] = sets.get(step, frozenset()) | frozenset(hashes)
        return self._raise(group, window, sets, crossing, body)

    def _any_due(self, window: Window, written: Collection[int], reached: list[int]) -> bool:
        """Whether one of the `reached` steps can hold something by now.

        Nobody has written to those that lie ahead; who does will look at them himself.
        """
        if not reached:
            return False
        ahead = window.step_of(self._clock() + SKEW_SECONDS)
        return reached[0] <= ahead or max(written) > ahead

    def _raise(
        self,
        group: str,
        window: Window,
        sets: Mapping[int, AbstractSet[int]],
        crossing: list[int],
        body: Body,
    ) -> Quiet:
        """Claim what crosses and is not quiet, and hand over whatever is pending, one's own or not.

        What is pending goes first: while the queue fails, claims do not pile up.
        """
        # a claim outlives the steps that it keeps quiet: else they would cross once more
        until = self._keep_until(window, times=2)
        claim = self._store.claim(group)
        while True:
            while claim.pending:
                for alert in claim.pending.values():
                    self._hand_over(alert)
                claim = self._store.settle(group, claim, until)
            anchors, quiet = choose_anchors(window, crossing, claim.quiet, ALERTS_PER_CLAIM)
            if not anchors:
                return claim.quiet
            raised = dict(body(anchor, seen_at(sets, anchor)) for anchor in anchors)
            if self._retention_seconds is not None:
                kept_since = self._clock() - self._retention_seconds - SLACK_SECONDS
                quiet = quiet.since(window.step_of(kept_since))
            claim = self._store.swap(group, claim, quiet, raised, until)


def _spans(steps: list[int], gap: int) -> Iterator[tuple[int, int]]:
    """Sorted steps as ranges to be read at once; what is no more than `gap` apart is one range."""
    if not steps:
        return
    first = last = steps[0]
    for step in steps:
        if step - last > gap:
            yield first, last
            first = step
        last = step
    yield first, last
