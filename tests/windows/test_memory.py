"""The memory store keeps the contract, and its bounds."""

import random

import pytest

from registrywatch.windows import MemoryStore, Window
from tests.windows.contract import OpenStore, StoreContract
from tests.windows.harness import START, Scene, images


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        store = MemoryStore()
        return lambda: store


THREE = Window(3, 600, 600)
HOUR = 3600


def held(store: MemoryStore) -> int:
    """What the store weighs, added up anew."""
    groups = store._groups.values()
    return sum(8 + sum(4 + len(step) for step in group.steps.values()) for group in groups)


class TestPressure:
    def test_under_its_budget_it_counts_however_late_something_comes(self) -> None:
        store = MemoryStore()
        scene = Scene(lambda: store, THREE)
        worker = scene.worker(warm=False)
        batches = [images(1, 2, 3, at=n * 2000) for n in range(2000)]
        for batch in random.Random(1).sample(batches, len(batches)):
            worker.deliver(batch[0])
        for batch in reversed(batches):
            worker.deliver(*batch[1:])
        assert len(scene.anchors) == 2000

    def test_past_its_budget_it_drops_what_lies_far_behind_a_groups_newest_event(self) -> None:
        store = MemoryStore(budget=2_000)
        scene = Scene(lambda: store, THREE)
        worker = scene.worker(warm=False)
        for n in range(2_000):
            worker.deliver(*images(n, at=n * 700))
            assert store._weight == held(store) <= 2_000
        newest = 1_999 * 700
        worker.deliver(*images(1, 2, at=newest - HOUR))  # with the one that was counted there
        assert len(scene.queue) == 1

    def test_a_group_that_ended_years_before_another_is_counted_as_well(self) -> None:
        store = MemoryStore(budget=2_000)
        later, earlier = Scene(lambda: store, THREE), Scene(lambda: store, THREE)
        for scene, first in [(later, 10**8), (earlier, 0)]:  # files of another region, say
            worker = scene.worker(warm=False)
            for n in range(1_000):
                worker.deliver(*images(n, at=first + n * 700))
            worker.deliver(*images(1, 2, at=first + 1_000 * 700))
            worker.deliver(*images(3, at=first + 1_000 * 700))
        assert len(later.queue) == len(earlier.queue) == 1

    def test_many_groups_leave_in_the_order_in_which_they_fell_silent(self) -> None:
        store = MemoryStore(budget=2_000)
        busy = Scene(lambda: store, THREE)
        busy.worker().deliver(*images(1, 2, at=0))
        silent = Scene(lambda: store, THREE)
        silent.worker().deliver(*images(1, 2, at=0))
        for n in range(1_000):
            Scene(lambda: store, THREE).worker().deliver(*images(n, at=0))
            busy.worker().deliver(*images(1, at=0))
            assert store._weight == held(store) <= 2_000
        for scene in (busy, silent):
            scene.worker().deliver(*images(3, at=0))
        assert (len(busy.queue), len(silent.queue)) == (1, 0)

    def test_what_is_quiet_is_never_dropped(self) -> None:
        store = MemoryStore(budget=500)
        scene = Scene(lambda: store, THREE)
        scene.worker().deliver(*images(1, 2, 3, at=0))
        for n in range(500):
            Scene(lambda: store, THREE).worker().deliver(*images(n, at=0))
        scene.worker().deliver(*images(1, 2, 3, at=0))
        assert len(scene.queue) == 1

    def test_one_live_window_may_be_larger_than_the_budget(self) -> None:
        store = MemoryStore(budget=500)
        scene = Scene(lambda: store, Window(3_000, 600, 600))
        for n in range(3_000):
            scene.worker().deliver(*images(n, at=0))
        assert len(scene.queue) == 1
        assert THREE.step_of(START) in store._groups[scene.group].steps
