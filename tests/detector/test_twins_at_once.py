"""Two records of one happening, handled by two workers at once: one alert, in every order.

Workers are stepped one call of the shared memory, or one hand-over, at a time. Of two workers that
claim the happening all orders are tried; of two that handle their records whole, 150 of them, and
a crash before every single call.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from registrywatch.alerts import Alert
from registrywatch.detector import Detector
from registrywatch.detector.dedup import TWINS_WITHIN, settled
from registrywatch.detector.memory import InMemory, Memory
from registrywatch.events import RegistryEvent
from registrywatch.rules import CATALOGUE, Trust
from registrywatch.times import DAY
from registrywatch.windows import Counter, MemoryStore
from tests.builders.azure import deleted, hub, logged
from tests.builders.clock import T0
from tests.builders.detecting import events_of
from tests.windows.interleaving import Baton

APART = [0.0, 2.0, TWINS_WITHIN - 1, TWINS_WITHIN]
BEGINS = [T0, T0 + 100, T0 + 299, T0 + 300, T0 + 599]
"""Where spans of time begin and end in different places between the two records."""

Pair = tuple[RegistryEvent, RegistryEvent]


class Script(random.Random):
    """Chooses by a list, then always the first; `sizes` says how many there were to choose from."""

    def __init__(self, choices: list[int]) -> None:
        super().__init__(0)
        self._choices = choices
        self.sizes: list[int] = []

    def choice(self, of: Any) -> Any:
        place = len(self.sizes)
        self.sizes.append(len(of))
        return of[self._choices[place] if place < len(self._choices) else 0]


def every_order() -> Iterator[Script]:
    """One script for each order that the steps can have, depth first."""
    choices: list[int] = []
    while True:
        script = Script(choices)
        yield script
        taken = [*choices, *[0] * (len(script.sizes) - len(choices))]
        while taken and taken[-1] + 1 >= script.sizes[len(taken) - 1]:
            taken.pop()
        if not taken:
            return
        choices = [*taken[:-1], taken[-1] + 1]


class Stepping:
    """A memory that pauses before each call."""

    lasts: float = DAY

    def __init__(self, whole: Memory, pause: Callable[[], None]) -> None:
        self._whole, self._pause = whole, pause

    def get(self, key: str) -> str | None:
        self._pause()
        return self._whole.get(key)

    def keep(self, key: str, value: str, time: float) -> str:
        self._pause()
        return self._whole.keep(key, value, time)


def image(at: float, apart: float) -> Pair:
    """An image's delete, by Event Grid and by the registry's log."""
    [grid] = events_of([deleted("app", at=at)])
    [log] = events_of([hub(logged("Delete", "app", None, status="202", at=at + apart))])
    return grid, log


def repository(at: float, apart: float) -> Pair:
    """A repository's."""
    [grid] = events_of([deleted(image=None, at=at)])
    [log] = events_of([hub(logged("Delete", None, None, status="202", at=at + apart))])
    return log, grid


@pytest.mark.parametrize("apart", APART)
@pytest.mark.parametrize(
    ("pair", "begin"), [*((image, begin) for begin in BEGINS), (repository, T0 + 299)]
)
def test_one_of_two_records_goes_on_in_every_order(
    pair: Callable[[float, float], Pair], begin: float, apart: float
) -> None:
    records = pair(begin, apart)
    assert records[0].twin == records[1].twin
    orders = 0
    for script in every_order():
        memory, passed = InMemory(), []

        def work(event: RegistryEvent) -> Callable[[Callable[[], None]], None]:
            def claim(pause: Callable[[], None]) -> None:
                if settled(event, Stepping(memory, pause), lambda _: True) is not None:  # noqa: B023
                    passed.append(event.source)  # noqa: B023

            return claim

        Baton(script).run(*map(work, records))
        assert len(passed) == 1, script.sizes
        orders += 1
    assert orders >= 6


def test_records_further_apart_are_two_happenings() -> None:
    memory = InMemory()
    for event in image(T0, TWINS_WITHIN + 1):
        assert settled(event, memory, lambda _: True) is not None


class Crash(BaseException):
    """The end of a worker."""


def handled(records: Pair, rng: random.Random, crash_at: int | None = None) -> set[str]:
    """The ids of the alerts that two workers raise; one of them may die, and another takes over."""
    memory, raised = InMemory(), set[str]()
    calls = [0]

    def work(event: RegistryEvent, *, dies: bool) -> Callable[[Callable[[], None]], None]:
        def detect(pause: Callable[[], None]) -> None:
            def paused() -> None:
                pause()
                calls[0] += dies
                if dies and calls[0] == crash_at:
                    raise Crash

            def hand_over(alert: Alert) -> None:
                paused()
                raised.add(alert.id)

            worker = Detector(
                [rule for rule in CATALOGUE if rule.newness is None],
                {},
                Trust(),
                Counter(MemoryStore(), lambda: T0),
                hand_over,
                memory=Stepping(memory, paused),
            )
            try:
                assert not worker.detect([event]).failed
            except Crash:  # its record is delivered again, to another worker
                pause()
                work(event, dies=False)(pause)

        return detect

    first, second = records
    Baton(rng).run(work(first, dies=crash_at is not None), work(second, dies=False))
    return raised


@pytest.mark.parametrize("pair", [image, repository])
def test_two_workers_raise_one_alert(pair: Callable[[float, float], Pair]) -> None:
    for seed in range(150):
        rng = random.Random(seed)
        records = pair(rng.choice(BEGINS), rng.choice(APART))
        assert len(handled(records, rng)) == 1, seed


@pytest.mark.parametrize("pair", [image, repository])
@pytest.mark.parametrize("crash_at", range(1, 13))
def test_a_worker_that_dies_before_any_call_loses_no_alert_and_adds_none(
    pair: Callable[[float, float], Pair], crash_at: int
) -> None:
    for seed in range(25):
        rng = random.Random(seed)
        records = pair(rng.choice(BEGINS), rng.choice(APART))
        for each in (records, records[::-1]):
            assert len(handled((each[0], each[1]), rng, crash_at)) == 1, seed
