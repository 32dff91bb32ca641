"""Stores of acquaintances keep the contract and their bounds; a warm worker reads if needed."""

from collections import Counter
from typing import Any

import pytest

from registrywatch.errors import StoreError
from registrywatch.rows import MemoryRows
from registrywatch.times import DAY
from registrywatch.windows.acquaintance_stores import MemoryAcquaintances, RowAcquaintances
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.newness import (
    LATEST,
    MOST,
    PERIOD_SECONDS,
    FirstTouches,
    first_touches,
    is_full,
    is_known,
    lacking,
    merged,
    reach,
    second_of,
)
from tests.windows.acquaintance_contract import NOW, AcquaintanceContract, OpenAcquaintances, P

HOUR = 3600


class TestMemory(AcquaintanceContract):
    @pytest.fixture
    def open_acquaintances(self) -> OpenAcquaintances:
        store = MemoryAcquaintances()
        return lambda: store


class TestRows(AcquaintanceContract):
    @pytest.fixture
    def open_acquaintances(self) -> OpenAcquaintances:
        rows = MemoryRows()
        return lambda: RowAcquaintances(rows, lambda: NOW)


# Meaning


def test_in_its_own_window_nothing_is_known_yet() -> None:
    met = {P: {1: P * PERIOD_SECONDS + 100}}
    for later, known in ((0, False), (HOUR - 1, False), (HOUR, True), (10 * DAY, True)):
        at = P * PERIOD_SECONDS + 100 + later
        assert is_known(met, 1, at, at - HOUR, 2) == known
        assert not is_known(met, 2, at, at - HOUR, 2)


def test_the_memory_is_no_shorter_than_its_setting_and_at_most_a_period_longer() -> None:
    for days in (2, 15, 16, 30, 31, 90):
        for offset in range(0, PERIOD_SECONDS, 7 * HOUR):
            touched = P * PERIOD_SECONDS + offset
            met = {P: {1: touched}}
            after = [day for day in range(1, 200) if knows(met, touched + day * DAY, days)]
            assert days <= after[-1] + 1
            assert after[-1] <= days + 2 * 15
            assert after == [*range(1, after[-1] + 1)]


def knows(met: FirstTouches, at: float, days: int) -> bool:
    return is_known(met, 1, at, at - HOUR, reach(days * DAY))


def test_a_full_period_knows_everything_while_it_is_within_the_memory() -> None:
    met = {P: dict.fromkeys(range(MOST), NOW)}
    for period, known in ((P - 1, False), (P, True), (P + 2, True), (P + 3, False)):
        at = period * PERIOD_SECONDS + 5
        assert is_known(met, 10**9, at, at - HOUR, 2) == known
        assert is_full(met, at, 2) == known


def test_the_earliest_touch_within_the_memory_is_the_first() -> None:
    met = {P - 3: {1: 1}, P - 1: {1: 20, 2: 7}, P: {1: 30}, P + 1: {3: 1}}
    assert first_touches(met, P * PERIOD_SECONDS, 2) == {1: 20, 2: 7}


def test_what_is_lacking_and_what_is_merged() -> None:
    met = {P: {1: 10}}
    assert lacking(met, {P: {1: 10, 2: 5}, P + 1: {1: 9}}) == {P: {2: 5}, P + 1: {1: 9}}
    assert lacking(met, {P: {1: 9}}) == {P: {1: 9}}
    assert merged(met, {P: {1: 9, 2: 5}}) == {P: {1: 9, 2: 5}}
    assert met == {P: {1: 10}}


def test_a_time_that_no_store_can_hold_is_the_latest_it_can() -> None:
    assert (second_of(1.9), second_of(1e11)) == (1, LATEST)
    rows = RowAcquaintances(MemoryRows(), lambda: LATEST)
    last = LATEST // PERIOD_SECONDS
    assert rows.add("g", {last: {1: LATEST}}) == rows.read("g") == {last: {1: LATEST}}


# Bounds


def test_in_memory_groups_used_longest_ago_are_forgotten_as_a_whole_and_counted() -> None:
    store = MemoryAcquaintances(budget=100)
    for number in range(20):
        store.add(f"g{number}", {P: dict.fromkeys(range(10), NOW), P - 1: {1: NOW}})
        store.read("g0")  # used all the time
        assert store._weight <= 100
    assert store.forgotten == 15
    kept = [number for number in range(20) if store.read(f"g{number}")]
    assert kept == [0, *range(16, 20)]
    assert all(len(store.read(f"g{number}")[P]) == 10 for number in kept)


def test_rows_are_kept_for_twice_the_memory_and_drop_periods_that_are_older() -> None:
    rows, now = MemoryRows(), float(NOW)
    store = RowAcquaintances(rows, lambda: now, memory_days=30)
    store.add("g", {P: {1: NOW}})
    assert rows.until["g"] == NOW + 60 * DAY
    now += 90 * DAY
    assert store.add("g", {P + 6: {2: NOW}}) == {P + 6: {2: NOW}}
    assert rows.until["g"] == now + 60 * DAY


class Busy(MemoryRows):
    """Rows that another worker always writes first."""

    def replace(self, *_: Any, **__: Any) -> str | None:
        return None

    def create(self, *_: Any, **__: Any) -> str | None:
        return None


def test_workers_that_are_always_faster_are_an_error_in_the_end() -> None:
    store = RowAcquaintances(Busy(), lambda: NOW)
    with pytest.raises(StoreError, match="other workers wrote first"):
        store.add("g", {P: {1: NOW}})
    with pytest.raises(StoreError, match="other workers wrote first"):
        store.first_seen("111122223333", NOW)


# What a warm worker reads and writes


class Counting(MemoryAcquaintances):
    """Counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def read(self, group: str) -> FirstTouches:
        self.calls["read"] += 1
        return {period: dict(held) for period, held in super().read(group).items()}

    def add(self, group: str, firsts: FirstTouches) -> FirstTouches:
        self.calls["add"] += 1
        super().add(group, firsts)
        return {period: dict(held) for period, held in super().read(group).items()}


def touch(worker: Acquaintances, *repositories: int, at: float) -> None:
    firsts = {int(at) // PERIOD_SECONDS: dict.fromkeys(repositories, int(at))}
    met = worker.look_up("g", firsts, HOUR)
    if met is not None:
        worker.add("g", firsts, met)


def test_familiar_touches_are_neither_written_nor_read_once_a_worker_is_warm() -> None:
    store = Counting()
    worker = Acquaintances(store)
    start = P * PERIOD_SECONDS
    touch(worker, *range(126), at=start)
    assert store.calls == {"read": 1, "add": 1}
    for hour in range(1, 300):
        touch(worker, *range(126), at=start + hour * HOUR)
    assert store.calls == {"read": 1, "add": 1}


def test_a_cold_worker_reads_a_group_once_and_a_period_adds_each_repository_once() -> None:
    store = Counting()
    start = P * PERIOD_SECONDS
    touch(Acquaintances(store), *range(126), at=start)
    crew = [Acquaintances(store) for _ in range(5)]
    store.calls.clear()
    for day in range(1, 15):
        for worker in crew:
            touch(worker, *range(126), at=start + day * DAY)
    assert store.calls == {"read": 5}
    for worker in crew:
        touch(worker, *range(126), at=start + 15 * DAY)
    assert store.calls == {"read": 10, "add": 1}


def test_what_the_cache_lacks_is_read_and_not_taken_for_new() -> None:
    store = Counting()
    one, other = Acquaintances(store), Acquaintances(store)
    touch(one, 1, at=NOW)
    touch(other, 2, at=NOW)
    met = one.look_up("g", {P: {2: NOW + 2 * HOUR}}, HOUR)
    assert met is not None
    assert is_known(met, 2, NOW + 2 * HOUR, NOW + HOUR, one.reach)


def test_the_cache_is_bounded_and_forgets_what_was_used_longest_ago() -> None:
    store = Counting()
    worker = Acquaintances(store, most_cached=60)
    for number in range(30):
        worker.add(f"g{number}", {P: dict.fromkeys(range(10), NOW)}, {})
        worker.look_up("g0", {}, HOUR)
        assert worker._held <= 60
    assert "g0" in worker._cache
    assert worker._held == sum(4 + sum(map(len, met.values())) for met in worker._cache.values())


def test_an_account_is_learnt_for_the_learning_days_after_it_was_first_seen() -> None:
    for most_cached in (0, 100):
        worker = Acquaintances(MemoryAcquaintances(), learning_days=7, most_cached=most_cached)
        worker.see_account("111122223333", NOW)
        worker.see_account("111122223333", NOW + DAY)
        assert worker.is_learning("111122223333", NOW + 7 * DAY - 1)
        assert not worker.is_learning("111122223333", NOW + 7 * DAY)
        assert worker.is_learning("222233334444", NOW + 7 * DAY)
