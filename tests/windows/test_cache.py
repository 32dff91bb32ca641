"""What a warm worker saves, and what it must not."""

from collections import Counter as Tally

from registrywatch.windows import MemoryStore, SightingCache, Window
from registrywatch.windows.meaning import Quiet
from tests.windows.harness import START, Scene, images

THREE = Window(3, 600, 600)
STEP = 50


class Calls:
    """The point that counts calls by name."""

    def __init__(self) -> None:
        self.made = Tally[str]()

    def __call__(self, call: str) -> None:
        self.made[call] += 1


def scene() -> Scene:
    store = MemoryStore()
    return Scene(lambda: store, THREE)


def test_a_known_sighting_is_neither_written_nor_looked_up() -> None:
    calls = Calls()
    worker = scene().worker(point=calls)
    for _ in range(5):
        worker.deliver(*images(1, 2, at=0))
    assert calls.made["add"] == calls.made["read"] == 1


def test_without_a_memory_every_delivery_is_written_and_looked_up() -> None:
    calls = Calls()
    worker = scene().worker(point=calls, warm=False)
    for _ in range(5):
        worker.deliver(*images(1, 2, at=0))
    assert calls.made["add"] == calls.made["read"] == 5


def test_what_others_stored_is_known_if_ones_own_write_was_told() -> None:
    calls, there = Calls(), scene()
    there.worker().deliver(*images(1, at=0))
    worker = there.worker(point=calls)
    worker.deliver(*images(2, at=0))
    worker.deliver(*images(1, at=0))
    assert calls.made["add"] == 1


def test_a_full_step_needs_nothing_more() -> None:
    calls = Calls()
    worker = scene().worker(point=calls)
    for first in range(0, 50, 5):
        worker.deliver(*images(*range(first, first + 5), at=0))
    assert calls.made["add"] == calls.made["read"] == calls.made["claim"] == 1


def test_a_step_is_filled_up_to_the_threshold_and_no_further() -> None:
    there = scene()
    worker = there.worker()
    worker.deliver(*images(1, 2, at=0))
    worker.deliver(*images(2, 2, 3, 4, 5, 3, at=0))
    stored = there.open_store().read(there.group, *[THREE.step_of(START)] * 2)
    assert [len(step) for step in stored.values()] == [3]
    assert len(there.queue) == 1


def test_a_storm_costs_a_write_a_step_and_a_read_only_when_it_is_no_longer_quiet() -> None:
    calls, there, now = Calls(), scene(), [0.0]
    worker = there.worker(point=calls, clock=lambda: START + now[0])
    for second in range(0, 1300, 5):
        now[0] = second + 4
        worker.deliver(*images(*range(second, second + 5), at=second, every=0.9))
    steps = 1300 // STEP
    assert calls.made["add"] == steps
    assert len(there.anchors) == 2
    # with a minute for clocks that differ, two steps before the quiet period ends
    assert calls.made["read"] <= 2 * 3
    there.check()


def test_an_event_ahead_of_the_clock_is_looked_at_even_if_nothing_is_due() -> None:
    there = scene()
    worker = there.worker(clock=START)
    worker.deliver(*images(1, 2, 3, at=5_000))
    assert len(there.queue) == 1


def test_it_forgets_what_was_used_longest_ago() -> None:
    cache = SightingCache(most_sightings=30)
    for step in range(10):
        cache.remember("group", 100, {step: {step}}, None)
        assert cache.missing("group", 100, {0: [0]}) == {}  # used all the time
    assert cache.missing("group", 100, {0: [0], 1: [1], 9: [9, 10]}) == {1: [1], 9: [10]}


def test_its_weight_stays_within_its_bounds() -> None:
    cache = SightingCache(most_sightings=1000, most_groups=10)
    for n in range(3000):
        stored = {step: {n * 7 + at for at in range(step)} for step in range(n % 5)}
        cache.remember(f"{n % 70}", 40, stored, Quiet(((n, n + 9),)))
        held = sum(4 + len(known or ()) for known in cache._known.values())
        assert held == cache._held <= 1000
        assert len(cache._quiet) <= 10


def test_a_group_it_has_forgotten_is_not_quiet() -> None:
    cache = SightingCache(most_groups=1)
    cache.remember("one", 3, {}, Quiet(((1, 2),)))
    cache.remember("other", 3, {}, Quiet(((3, 4),)))
    assert cache.quiet("one") == Quiet()
    assert cache.quiet("other") == Quiet(((3, 4),))
