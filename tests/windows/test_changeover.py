"""Settings that change while windows are live: nothing is missed and nothing is alerted twice.

Old and new workers run side by side over one store, stepped one call at a time in an order that a
seed decides. Those that have not heard of the change count by the old settings alone; it takes
effect, in event time, when none of these can be left (`registrywatch.detector.history`).
"""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from fractions import Fraction
from typing import Any

import pytest

from registrywatch.errors import StoreError
from registrywatch.windows import Counter, MemoryStore, SightingCache, Window, changeover, claims
from registrywatch.windows.changeover import Changeover, Span, TunedGroup
from registrywatch.windows.meaning import Quiet
from tests.windows.harness import START, Point, PointedStore
from tests.windows.interleaving import Baton
from tests.windows.oracle import Seen, crossing, quiet_distance, step_width

HEARD = 600  # seconds after the announcement; no worker is without the news then
PLAYS = 100
WINDOWS = [
    Window(threshold, seconds, seconds + more)
    for threshold in (2, 3)
    for seconds in (300, 600, 900)
    for more in (0, 0, 45, 300)
]
GROUPS = ("old", "new")

Alerts = set[tuple[int, int]]


class Change:
    """A change from one window to another, announced at START, and what came of it."""

    def __init__(self, old: Window, new: Window) -> None:
        self.windows = old, new
        self.since = START + HEARD + new.seconds * 7 / 6
        near = max(window.quiet_seconds + window.seconds / 6 for window in self.windows)
        self.spans = Span(until=self.since), Span(since=self.since, near=near)
        self.store = MemoryStore()
        self.seen: list[Seen] = []
        self.queue: list[bytes] = []

    @property
    def alerts(self) -> Alerts:
        """Each alert: the number of its settings, and its anchor."""
        return {(int(n), int(anchor)) for n, anchor in map(bytes.split, set(self.queue))}

    def worker(
        self, knows: Callable[[], bool], clock: Callable[[], float], point: Point, *, warm: bool
    ) -> "ChangeWorker":
        counter = Counter(
            PointedStore(self.store, point, read_by_step=True),
            clock,
            cache=SightingCache() if warm else None,
        )
        return ChangeWorker(self, counter, knows, point)

    def violations(self) -> list[str]:
        """How the alerts break G1 to G3, each step judged by the settings that hold for it."""
        old, new = self.windows
        crosses = {
            *((0, n) for n in crossing(old, self.seen) if n * step_width(old) <= self.since),
            *((1, n) for n in crossing(new, self.seen) if (n + 1) * step_width(new) > self.since),
        }
        alerts = sorted(self.alerts, key=self.start)
        return [
            *(
                f"G1: {each} crosses, alerts only at {alerts}"
                for each in sorted(crosses)
                if not any(
                    abs(self.start(each) - self.start(a)) <= self.reach(each, a) for a in alerts
                )
            ),
            *(
                f"G2: alerts at {one} and {other}"
                for one in alerts
                for other in alerts
                if self.start(one) < self.start(other)
                and self.start(other) - self.start(one) < self.apart(one, other)
            ),
            *(f"G3: an alert at {each}, which does not cross" for each in self.alerts - crosses),
            *(
                f"claimed, but never sent: {set(self.store.claim(group).pending) - self.ids}"
                for group in GROUPS
                if not self.ids >= self.store.claim(group).pending.keys()
            ),
        ]

    @property
    def ids(self) -> set[str]:
        return {f"{number}-{anchor}" for number, anchor in self.alerts}

    def start(self, at: tuple[int, int]) -> Fraction:
        return at[1] * step_width(self.windows[at[0]])

    def apart(self, *two: tuple[int, int]) -> Fraction:
        """The least distance of two alerts: of one settings' exactly, else the quiet period."""
        one, other = (self.windows[number] for number, _ in two)
        if one is other:
            return quiet_distance(one) * step_width(one)
        return Fraction(min(one.quiet_seconds, other.quiet_seconds))

    def reach(self, *two: tuple[int, int]) -> Fraction:
        """How far an alert may be away from a step: a step more across the change."""
        windows = [self.windows[number] for number, _ in two]
        far = max(quiet_distance(window) * step_width(window) for window in windows)
        return far if windows[0] is windows[1] else far + max(map(step_width, windows))


class ChangeWorker:
    """Counts by the old settings until it knows of the change, then by both."""

    def __init__(
        self, change: Change, counter: Counter, knows: Callable[[], bool], point: Point
    ) -> None:
        self._change = change
        self._counter = counter
        self._knows = knows
        self._point = point

    def deliver(self, *batch: Seen) -> None:
        """Count one batch. Raises StoreError if the batch has to be delivered once more."""
        self._change.seen += batch
        if not self._knows():
            self._count(0, batch, None)
            return
        groups = [
            TunedGroup(group, w) for group, w in zip(GROUPS, self._change.windows, strict=True)
        ]
        old, new = self._change.spans
        self._count(0, batch, Changeover(old, tuple, lambda: groups[1:]))
        self._count(1, batch, Changeover(new, lambda: groups[:1], tuple))

    def _count(self, number: int, batch: tuple[Seen, ...], changeover: Changeover | None) -> None:
        window = self._change.windows[number]
        steps: defaultdict[int, list[int]] = defaultdict(list)
        for time, what in batch:
            if changeover is None or changeover.span.counts(window, window.step_of(time)):
                steps[window.step_of(time)].append(what)

        def body(anchor: int, _: AbstractSet[int]) -> tuple[str, bytes]:
            return f"{number}-{anchor}", f"{number} {anchor}".encode()

        def hand_over(alert: bytes) -> None:
            self._point("send")
            self._change.queue.append(alert)
            self._point("sent")

        self._counter.count(GROUPS[number], window, steps, body, hand_over, changeover)


class ChangePlay:
    """One scenario around a change, made by its seed alone."""

    def __init__(self, seed: int) -> None:
        self._rng = rng = random.Random(seed)
        self.change = Change(rng.choice(WINDOWS), rng.choice(WINDOWS))
        self._failures = rng.choice([0, 0, 1, 2, 4])
        self._now = float(START)
        self._unaware = 0
        self._outstanding = 0
        batches = [self._batch() for _ in range(rng.choice([2, 3, 3, 4, 6]))]
        repeated = [batch for batch in batches for _ in range(rng.choice([1, 1, 2]))]
        late = rng.choice([0, 100, 10_000])
        self._to_come = sorted(
            (max(one.time for one in batch) + rng.uniform(0, late), batch) for batch in repeated
        )
        self._waiting: list[list[Seen]] = []

    def run(self) -> None:
        Baton(self._rng).run(*[self._work for _ in range(self._rng.choice([2, 2, 3]))])
        assert self.change.violations() == []

    def _batch(self) -> list[Seen]:
        rng, since = self._rng, self.change.since
        around = rng.choice([-1800, -900, -600, -300, -50, 0, 25, 75, 300, 600, 900])
        return [
            Seen(since + around + rng.choice([0, 0, 1, 49, 60, 240, 599]), rng.randrange(4))
            for _ in range(rng.choice([1, 1, 2, 3]))
        ]

    def _move_clock(self, to: float) -> bool:
        """Move it, but not past the time at which every worker has heard, if one has not yet."""
        if self._unaware and to > START + HEARD:
            return False
        self._now = max(self._now, to)
        return True

    def _work(self, let_others_run: Callable[[], None]) -> None:
        rng = self._rng

        def point(call: str) -> None:
            let_others_run()
            if self._failures and rng.random() < 0.1:
                self._failures -= 1
                raise StoreError(call)

        warm = rng.random() < 0.85

        def worker() -> tuple[ChangeWorker, Callable[[], bool]]:
            heard = START + rng.uniform(0, HEARD)

            def knows() -> bool:
                return self._now >= heard

            return self.change.worker(knows, lambda: self._now, point, warm=warm), knows

        mine, knows = worker()
        while self._to_come or self._waiting or self._outstanding:
            let_others_run()
            if (
                self._to_come
                and (rng.random() < 0.3 or not self._waiting)
                and self._move_clock(self._to_come[0][0])
            ):
                self._waiting.append(self._to_come.pop(0)[1])
            if not self._waiting:
                continue
            batch = self._waiting.pop(rng.randrange(len(self._waiting)))
            unaware = not knows()
            self._outstanding += 1
            self._unaware += unaware
            try:
                mine.deliver(*batch)
            except StoreError:
                self._waiting.append(batch)
                if rng.random() < 0.5:
                    mine, knows = worker()
            self._outstanding -= 1
            self._unaware -= unaware


def play(seed: int) -> None:
    try:
        ChangePlay(seed).run()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error


@pytest.mark.parametrize("part", range(4))
def test_every_interleaving_around_a_change_keeps_the_guarantees(part: int) -> None:
    for seed in range(part * PLAYS, (part + 1) * PLAYS):
        play(seed)


Patch = Callable[[pytest.MonkeyPatch], None]


def is_blind_to_the_alerts_before(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Span, "is_near", lambda _self, _window, _crossing: False)


def reads_the_group_before_without_closing_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(claims, "closed", lambda quiet: quiet)
    patch.setattr(claims, "is_closed", lambda _quiet: True)
    make = claims.Claims.make

    def alone(
        self: claims.Claims,
        group: TunedGroup,
        crossing: list[int],
        raised: Any,
        send: Any,
        changeover: Changeover | None,
    ) -> Quiet | None:
        own = None if changeover is None else Changeover(changeover.span, changeover.earlier, tuple)
        return make(self, group, crossing, raised, send, own)

    patch.setattr(claims.Claims, "make", alone)


def drops_what_a_closed_group_would_claim(patch: pytest.MonkeyPatch) -> None:
    make = claims.Claims.make

    def silent(self: claims.Claims, group: TunedGroup, *more: Any) -> Quiet | None:
        return (
            None
            if changeover.is_closed(self._store.claim(group.key).quiet)
            else make(self, group, *more)
        )

    patch.setattr(claims.Claims, "make", silent)


def writes_the_new_group_only_from_the_change_on(patch: pytest.MonkeyPatch) -> None:
    def counts(self: Span, window: Window, step: int) -> bool:
        if self.since is not None and step < window.step_of(self.since):
            return False
        return self.until is None or step <= window.step_of(self.until)

    patch.setattr(Span, "counts", counts)


def leaves_a_gap_between_the_settings(patch: pytest.MonkeyPatch) -> None:
    def judged(self: Span, window: Window, crossing: Iterable[int]) -> list[int]:
        first, last = self.since or 0, self.until or math.inf
        return [
            step
            for step in crossing
            if step * window.seconds >= 12 * first and (step + 1) * window.seconds <= 12 * last
        ]

    patch.setattr(Span, "judged", judged)


def changes_before_everybody_has_heard(patch: pytest.MonkeyPatch) -> None:
    build = Change.__init__

    def early(self: Change, old: Window, new: Window) -> None:
        build(self, old, new)
        self.since = START + new.seconds * 7 / 6
        self.spans = Span(until=self.since), Span(since=self.since, near=self.spans[1].near)

    patch.setattr(Change, "__init__", early)


RIVALS: list[Patch] = [
    is_blind_to_the_alerts_before,
    reads_the_group_before_without_closing_it,
    drops_what_a_closed_group_would_claim,
    writes_the_new_group_only_from_the_change_on,
    leaves_a_gap_between_the_settings,
    changes_before_everybody_has_heard,
]


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.__name__)
def test_a_rival_is_found_out(rival: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    rival(monkeypatch)
    with pytest.raises(AssertionError, match=r"G[123]:"):
        for seed in range(8_000):
            play(seed)
