"""Settings change while a burst is under way: whatever changes and whoever counts, one alert.

Workers with the old and with the new settings run side by side over one store, stepped one call at
a time in an order that a seed decides; some of the old are never replaced. A call may fail,
before or after it took effect, and deliveries repeat and come late.
"""

import json
import random
from collections.abc import Callable, Mapping

import pytest

from registrywatch.alerts import Alert
from registrywatch.detector import Detector
from registrywatch.detector.history import (
    HEARD_SECONDS,
    LONGEST_BATCH_SECONDS,
    ROLLOUT_SECONDS,
    LiveChanges,
    still_held,
    with_mine,
)
from registrywatch.errors import StoreError
from registrywatch.events import Actor, Pull, RegistryEvent
from registrywatch.rows import MemoryRows, Row, Value
from registrywatch.rules import rule_named
from registrywatch.rules.rule import Trust
from registrywatch.rules.tuning import CountTuning, Tuning
from registrywatch.windows import Counter, MemoryStore, SightingCache
from tests.aws.templates import ROOT, resources
from tests.builders.clock import T0
from tests.windows.harness import Point, PointedStore, nothing
from tests.windows.interleaving import Baton

RULE = rule_named("ecr-excessive-image-pull")
DAY = 86_400
PLAYS = 60
OLD = CountTuning(threshold=5)
CHANGES = {
    "a longer window": (OLD, CountTuning(5, window_seconds=900, quiet_seconds=900)),
    "a shorter window": (CountTuning(5, window_seconds=900, quiet_seconds=900), OLD),
    "another count": (OLD, CountTuning(5, count="calls")),
    "finer groups": (OLD, CountTuning(5, group_by=("actor", "repository"))),
    "coarser groups": (CountTuning(5, group_by=("actor", "repository")), OLD),
    "other groups": (OLD, CountTuning(5, group_by=("ip",))),
    "all at once": (OLD, CountTuning(6, "calls", 700, 800, ("account", "ip"))),
}


def pulled(by: str, image: int, at: float) -> RegistryEvent:
    return RegistryEvent(
        id=f"{by}/{image}",
        key=f"{by}/{image}",
        time=at,
        cloud="aws",
        account="111122223333",
        region="eu-west-1",
        registry="111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        repository="prod/api",
        actor=Actor(id=f"arn:aws:iam::111122223333:role/{by}", name=by, ip=f"10.0.0.{len(by)}"),
        what=Pull((f"v{image}",)),
    )


class PointedRows(MemoryRows):
    """Rows that come to a point before and after each call."""

    def __init__(self, rows: MemoryRows, point: Point) -> None:
        self._rows = rows
        self._point = point

    def get(self, name: str) -> Row | None:
        self._point("get")
        return self._rows.get(name)

    def create(
        self, name: str, values: Mapping[str, Value], until: float | None = None
    ) -> str | None:
        self._point("create")
        made = self._rows.create(name, values, until)
        self._point("created")
        return made

    def replace(
        self, name: str, values: Mapping[str, Value], etag: str, until: float | None = None
    ) -> str | None:
        self._point("replace")
        made = self._rows.replace(name, values, etag, until)
        self._point("replaced")
        return made


class World:
    """A store, the record of settings, a queue, and a clock."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.rows = MemoryRows()
        self.sent: list[Alert] = []
        self.now = T0

    def worker(self, numbers: CountTuning, point: Point = nothing, version: str = "") -> Detector:
        def hand_over(alert: Alert) -> None:
            point("send")
            self.sent.append(alert)
            point("sent")

        clock = lambda: self.now  # noqa: E731
        return Detector(
            [RULE],
            {RULE.name: Tuning(counting=numbers)},
            Trust(),
            Counter(
                PointedStore(self.store, point),
                clock,
                cache=SightingCache(),
                retention_seconds=4 * DAY,
            ),
            hand_over,
            changes=LiveChanges(PointedRows(self.rows, point), clock, 4 * DAY, version),
        )

    @property
    def alerts(self) -> list[str]:
        """Whose burst each distinct alert is about."""
        return sorted({alert.id: alert.actor.name or "" for alert in self.sent}.values())


class Play:
    """A burst around a change, and pulls that are none; made by its seed alone."""

    def __init__(self, seed: int, old: CountTuning, new: CountTuning) -> None:
        self._rng = rng = random.Random(seed)
        self.world = World()
        self._old, self._new = old, new
        self._changed = T0 + 3600
        self._failures = rng.choice([0, 0, 2, 5])
        self._begun: dict[int, float] = {}
        start = self._changed + rng.choice([-600, -200, 0, *range(200, 3000, 100)])
        burst = [pulled("thief", n, start + 40 * n) for n in range(9)]
        noise = [pulled("somebody", n, start + 60 * n) for n in range(4)]
        before = [pulled("early", 0, T0)]
        late = rng.choice([0, 30, 400])
        each = [
            [event] for event in (*burst, *noise, *before) for _ in range(rng.choice([1, 1, 2]))
        ]
        self._to_come = sorted(
            ((batch[0].time + rng.uniform(0, late), batch) for batch in each),
            key=lambda one: one[0],
        )
        self._waiting: list[list[RegistryEvent]] = []

    def run(self) -> None:
        Baton(self._rng).run(*[self._worker(number) for number in range(3)])
        assert self.world.alerts == ["thief"]

    def _worker(self, number: int) -> Callable[[Callable[[], None]], None]:
        return lambda let_others_run: self._work(number, let_others_run)

    def _work(self, number: int, let_others_run: Callable[[], None]) -> None:
        rng, world = self._rng, self.world
        replaced = self._changed + rng.choice([0, 100, 500, 10**9])

        def point(call: str) -> None:
            let_others_run()
            if self._failures and rng.random() < 0.05:
                self._failures -= 1
                raise StoreError(call)

        def made() -> tuple[Detector, bool]:
            new = world.now >= replaced
            return world.worker(self._new if new else self._old, point), new

        worker, is_new = made()
        while self._to_come or self._waiting or self._begun:
            let_others_run()
            if self._to_come and rng.random() < 0.5:
                at = self._to_come[0][0]
                if all(at < begun + 550 for begun in self._begun.values()):
                    world.now = max(world.now, at)
                    self._waiting.append(self._to_come.pop(0)[1])
            if not self._waiting:
                continue
            if world.now >= replaced and not is_new:
                worker, is_new = made()
            some = [
                self._waiting.pop(0) for _ in range(min(len(self._waiting), rng.choice([1, 3])))
            ]
            batch = [event for one in some for event in one]
            self._begun[number] = world.now
            outcome = worker.detect(batch)
            del self._begun[number]
            if outcome.failed:
                self._waiting.append([batch[place] for place in outcome.failed])
                if rng.random() < 0.3:
                    worker, is_new = made()


@pytest.mark.parametrize("change", CHANGES)
def test_a_burst_around_a_change_raises_one_alert(change: str) -> None:
    for seed in range(PLAYS):
        try:
            Play(seed, *CHANGES[change]).run()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error


def test_without_a_record_of_the_change_the_same_bursts_are_missed_or_alerted_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(LiveChanges, "histories", lambda self, _mine: self._known)
    with pytest.raises(AssertionError):
        for seed in range(PLAYS):
            Play(seed, *CHANGES["a longer window"]).run()


def test_while_nothing_changes_the_record_is_read_every_four_minutes_and_no_more() -> None:
    world, calls = World(), list[str]()
    worker = world.worker(OLD, calls.append)
    for second in range(0, 1200, 10):
        world.now = T0 + second
        worker.detect([pulled("somebody", second, world.now)])
    assert calls.count("get") == 5
    assert calls.count("create") == 1
    assert "replace" not in calls


def test_a_record_that_can_not_be_read_fails_what_is_counted_and_loses_nothing() -> None:
    world = World()
    burst = [pulled("thief", n, T0 + n) for n in range(9)]
    world.rows.put("counting", {"eras": "nonsense"})
    outcome = world.worker(OLD).detect(burst)
    assert set(outcome.failed) == set(range(9))
    assert "counting" in outcome.failed[0]
    del world.rows.rows["counting"]
    assert not world.worker(OLD).detect(burst).failed
    assert world.alerts == ["thief"]


def test_after_the_change_the_new_settings_alone_count() -> None:
    world = World()
    world.worker(OLD).detect([pulled("early", 0, T0)])
    new = CountTuning(3, window_seconds=60, quiet_seconds=60)
    worker = world.worker(new)
    worker.detect([pulled("early", 1, T0)])
    for at in (T0 + HEARD_SECONDS, T0 + DAY):
        world.now = at
        worker.detect([pulled(f"at {at}", n, at + n) for n in range(3)])
    assert world.alerts == [f"at {T0 + DAY}"]
    [alert] = {alert.id: alert for alert in world.sent}.values()
    assert (alert.threshold, alert.window_seconds) == (3, 60)


def test_no_function_runs_for_longer_than_a_batch_is_given() -> None:
    timeout = json.loads((ROOT / "host.json").read_text())["functionTimeout"]
    hours, minutes, seconds = map(int, timeout.split(":"))
    assert hours * 3600 + minutes * 60 + seconds <= LONGEST_BATCH_SECONDS
    functions = resources("AWS::Serverless::Function").values()
    assert max(each["Timeout"] for each in functions) <= LONGEST_BATCH_SECONDS


# the history


LONGER = CountTuning(5, window_seconds=900, quiet_seconds=900)
FIRST = with_mine((), OLD, "old", T0)
SECOND = with_mine(FIRST, LONGER, "new", T0 + DAY)


def test_a_change_holds_when_everybody_has_heard_and_the_new_window_is_full() -> None:
    assert [(era.numbers, era.since) for era in SECOND] == [
        (OLD, 0),
        (LONGER, T0 + DAY + HEARD_SECONDS + 900 + 150),
    ]


def test_a_threshold_and_a_quiet_period_hold_at_once() -> None:
    [era] = with_mine(FIRST, CountTuning(50, quiet_seconds=1200), "new", T0 + DAY)
    assert (era.numbers.threshold, era.since) == (50, 0)


def test_an_old_worker_that_starts_anew_changes_nothing_back() -> None:
    assert with_mine(SECOND, OLD, "old", T0 + DAY + ROLLOUT_SECONDS - 1) == SECOND


def test_whoever_goes_back_is_heard_after_an_hour_or_at_once_by_another_version() -> None:
    for version, later in (("old", ROLLOUT_SECONDS), ("old again", 60)):
        *before, latest = with_mine(SECOND, OLD, version, T0 + DAY + later)
        assert tuple(before) == SECOND
        assert latest.numbers == OLD
        assert latest.since > SECOND[-1].since + 900


def test_many_changes_leave_a_short_history_and_what_is_too_old_goes() -> None:
    eras = FIRST
    for n in range(20):
        numbers = CountTuning(5, window_seconds=600 + n, quiet_seconds=700)
        eras = with_mine(eras, numbers, f"v{n}", T0 + n * DAY)
    assert len(eras) == 6
    assert [era.numbers.window_seconds for era in still_held(eras, T0 + 21 * DAY, 2 * DAY)] == [
        618,
        619,
    ]
    assert still_held(eras, T0 + 40 * DAY, 2 * DAY) == eras[-1:]
