"""The protocol of newness under interleavings, crashes, repetition and disorder; and its rivals.

The real detector runs, with the real stores, in threads that hand over a baton: between any two
calls of a store another worker may run, and any call may fail, before or after it took effect.

Checked when everything was acknowledged:
COMPLETE  every truly new touch was counted
HONEST    in an undisturbed run exactly the truly new touches were
LATE      what was counted without being new was delivered before what makes it old had been
          acknowledged
"""

import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

import pytest

from registrywatch.detector import Detector
from registrywatch.detector.newness import Touched, Touches
from registrywatch.errors import StoreError
from registrywatch.events import Actor, Pull, RegistryEvent
from registrywatch.rules import rule_named
from registrywatch.rules.rule import Trust
from registrywatch.rules.tuning import CountTuning, Tuning
from registrywatch.windows import Counter, MemoryStore, SightingCache, Window
from registrywatch.windows.acquaintance_stores import MemoryAcquaintances
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.newness import FirstTouches
from registrywatch.windows.sightings import of_repository, repository_hash
from tests.builders.clock import T0
from tests.windows.harness import Point, PointedStore
from tests.windows.interleaving import Baton

RULE = rule_named("ecr-unfamiliar-pull")
HOUR = 3600
WINDOW = Window(1000, 6 * HOUR, 6 * HOUR)
REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
PLAYS = 150
RIVAL_PLAYS = 1_500

Touch = tuple[int, int]
"""A repository, and an hour."""


def event(repository: int, hour: int) -> RegistryEvent:
    return RegistryEvent(
        id=f"{repository}-{hour}",
        key=f"{repository}-{hour}",
        time=T0 + hour * HOUR,
        cloud="aws",
        account="111122223333",
        region="eu-west-1",
        registry=REGISTRY,
        repository=f"r{repository}",
        actor=Actor(id="arn:aws:iam::111122223333:role/Dev"),
        what=Pull((f"v{hour}",)),
    )


SIGHTINGS = {of_repository(repository_hash(REGISTRY, f"r{n}")): n for n in range(5)}


class NotingStore(MemoryStore):
    """Notes which repositories were counted in which step."""

    def __init__(self, note: Callable[[int, int], None]) -> None:
        super().__init__()
        self._note = note

    def add(
        self, group: str, window: Window, steps: Mapping[int, Collection[int]], until: int | None
    ) -> Mapping[int, AbstractSet[int]]:
        for step, sightings in steps.items():
            for sighting in sightings:
                self._note(SIGHTINGS[sighting], step)
        return super().add(group, window, steps, until)


class PointedAcquaintances:
    """A store of acquaintances that comes to a point before and after every call."""

    def __init__(self, store: MemoryAcquaintances, point: Point) -> None:
        self._store = store
        self._point = point

    def read(self, group: str) -> FirstTouches:
        self._point("read")
        met = {period: dict(held) for period, held in self._store.read(group).items()}
        self._point("have met")
        return met

    def add(self, group: str, firsts: FirstTouches) -> FirstTouches:
        self._point("add")
        met = {period: dict(held) for period, held in self._store.add(group, firsts).items()}
        self._point("have added")
        return met

    def first_seen(self, account: str, time: int) -> int:
        return self._store.first_seen(account, time)


class Play:
    """One scenario, made by its seed alone; `calm`: in order, one worker, no failure."""

    def __init__(self, seed: int, calm: bool) -> None:
        self._rng = rng = random.Random(seed)
        self._calm = calm
        touches = [(rng.randrange(4), rng.randrange(30)) for _ in range(rng.randrange(3, 12))]
        touches.sort(key=lambda touch: touch[1] if calm else rng.random())
        self.touches: list[Touch] = touches
        self._waiting: list[list[Touch]] = []
        left = touches[:]
        while left:
            size = rng.randrange(1, 4)
            batch, left = left[:size], left[size:]
            self._waiting += [batch] * (1 if calm else rng.randrange(1, 3))
        if not calm:
            rng.shuffle(self._waiting)
        self._failures = 0 if calm else rng.choice([0, 1, 2, 4])
        self._outstanding = 0
        self._clock = 0
        self._acknowledged: dict[Touch, int] = {}
        self._delivered = 0
        self.counted: dict[Touch, int] = {}
        self._steps = NotingStore(self._note)
        self._acquaintances = MemoryAcquaintances()

    def run(self) -> None:
        workers = 1 if self._calm else self._rng.choice([1, 2, 3])
        Baton(self._rng).run(*[self._work for _ in range(workers)])
        self._check()

    def _check(self) -> None:
        first: dict[int, int] = {}
        for repository, hour in self.touches:
            first[repository] = min(hour, first.get(repository, hour))
        new = {(r, hour) for r, hour in self.touches if hour - first[r] < 6}
        wanted = {(r, WINDOW.step_of(T0 + hour * HOUR)) for r, hour in new}
        counted = {(r, step) for r, step in self.counted}
        assert wanted <= counted, f"COMPLETE: {wanted - counted} not counted"
        if self._calm:
            assert wanted == counted, f"HONEST: {counted - wanted} counted"
        for repository, hour in self.touches:
            here = (repository, WINDOW.step_of(T0 + hour * HOUR))
            if here not in counted - wanted:
                continue
            old = [each for each in self.touches if each[0] == repository and each[1] <= hour - 6]
            begun = self.counted[here]
            assert not any(self._acknowledged[each] < begun for each in old), "LATE"

    def _note(self, repository: int, step: int) -> None:
        self.counted.setdefault((repository, step), self._delivered)

    def _work(self, let_others_run: Callable[[], None]) -> None:
        rng = self._rng
        began = 0

        def point(call: str) -> None:
            let_others_run()
            self._clock += 1
            self._delivered = began
            if self._failures and rng.random() < 0.08:
                self._failures -= 1
                raise StoreError(call)

        worker = self._worker(point)
        while self._waiting or self._outstanding:
            let_others_run()
            if not self._waiting:
                continue
            batch = self._waiting.pop(0)
            self._outstanding += 1
            self._clock += 1
            began = self._clock
            outcome = worker.detect([event(*touch) for touch in batch])
            self._clock += 1
            failed = [batch[place] for place in outcome.failed]
            for place, touch in enumerate(batch):
                if place not in outcome.failed:
                    self._acknowledged.setdefault(touch, self._clock)
            if failed:
                self._waiting.insert(rng.randrange(len(self._waiting) + 1), failed)
                if rng.random() < 0.5:
                    worker = self._worker(point)
            self._outstanding -= 1

    def _worker(self, point: Point) -> Detector:
        tuning = Tuning(
            counting=CountTuning(
                threshold=WINDOW.threshold,
                count="repositories",
                window_seconds=WINDOW.seconds,
                quiet_seconds=WINDOW.quiet_seconds,
            )
        )
        return Detector(
            [RULE],
            {RULE.name: tuning},
            Trust(),
            Counter(PointedStore(self._steps, point), lambda: T0 + 10**7, cache=SightingCache()),
            nothing_sent,
            acquaintances=Acquaintances(PointedAcquaintances(self._acquaintances, point)),
        )


def nothing_sent(alert: object) -> None:
    raise AssertionError(f"sent: {alert}")


@pytest.mark.parametrize("calm", [False, True], ids=["disturbed", "calm"])
def test_every_interleaving_keeps_the_guarantees(calm: bool) -> None:
    for seed in range(PLAYS):
        try:
            Play(seed, calm).run()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


Patch = Callable[[pytest.MonkeyPatch], None]


def knows_by_mere_presence(patch: pytest.MonkeyPatch) -> None:
    def present(self: Touches, touched: Touched, repository: int, period: int) -> float:
        met = (touched.stored or {}).values()
        return -math.inf if any(repository in held for held in met) else math.inf

    patch.setattr(Touches, "_known_since", present)


def adds_acquaintances_before_the_steps(patch: pytest.MonkeyPatch) -> None:
    """And knows by presence; compared by time, nothing truly new is ever known in any order."""
    knows_by_mere_presence(patch)
    add_new = Touches.add_new

    def hastily(self: Touches, touched: Touched, trust: Trust, tallies: dict[str, object]) -> None:
        add_new(self, touched, trust, tallies)  # type: ignore[arg-type]
        self.remember(touched, frozenset())

    patch.setattr(Touches, "add_new", hastily)


def trusts_the_cache_for_what_it_lacks(patch: pytest.MonkeyPatch) -> None:
    look = Acquaintances.look_up

    def blindly(
        self: Acquaintances, group: str, firsts: FirstTouches, window_seconds: int
    ) -> FirstTouches | None:
        cached = self._cached(group)
        return look(self, group, firsts, window_seconds) if cached is None else cached

    patch.setattr(Acquaintances, "look_up", blindly)


def reads_what_was_stored_a_moment_ago(patch: pytest.MonkeyPatch) -> None:
    before: dict[tuple[int, str], FirstTouches] = {}
    read = PointedAcquaintances.read

    def stale(self: PointedAcquaintances, group: str) -> FirstTouches:
        key = (id(self._store), group)
        shown, before[key] = before.get(key, {}), read(self, group)
        return shown

    patch.setattr(PointedAcquaintances, "read", stale)


RIVALS: Sequence[Patch] = [
    adds_acquaintances_before_the_steps,
    knows_by_mere_presence,
    trusts_the_cache_for_what_it_lacks,
    reads_what_was_stored_a_moment_ago,
]


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.__name__)
def test_a_rival_is_found_out(rival: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    rival(monkeypatch)
    with pytest.raises(AssertionError, match=r"COMPLETE|HONEST|LATE"):
        for seed in range(RIVAL_PLAYS):
            for calm in (False, True):
                Play(seed, calm).run()
