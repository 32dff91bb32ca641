"""What every store must keep: one suite, run over each of them.

A subclass named Test… gives the fixture `open_store`: it opens one more handle on one and the same
storage, as another worker would. The storage may be shared by tests: each has a group of its own.
"""

import random
import uuid
from collections.abc import Callable, Sequence
from itertools import count

import pytest

from registrywatch.errors import StoreError
from registrywatch.windows import Claim, Counter, Store, Window
from registrywatch.windows.changeover import closed, is_closed, opened
from registrywatch.windows.claims import MOST_BODY_BYTES
from registrywatch.windows.meaning import Quiet
from tests.windows.harness import START, FailAt, Scene, Worker, images, nothing, singly
from tests.windows.oracle import Seen

OpenStore = Callable[[], Store]

THREE = Window(threshold=3, seconds=600, quiet_seconds=600)
"""Three in ten minutes; steps of 50 seconds, alerts 13 steps apart."""

PARTS = Window(threshold=3, seconds=600, quiet_seconds=600, parts=True)
"""The same of images, whose sightings may be parts of them."""

STEP = 50
UNTIL = START + 10**8


def deliver(worker: Worker, batches: Sequence[Sequence[Seen]]) -> None:
    for batch in batches:
        worker.deliver(*batch)


class Thoroughness:
    """How much of what can be varied is tried; a slow store tries less."""

    every = 1
    """Of all variants, every how manyth is tried."""

    most = 8000
    """How many sightings there are in the largest set tried."""


class MeaningOverAStore(Thoroughness):
    """What a counted rule means, delivery by delivery."""

    def test_threshold_sightings_in_a_window_raise_one_alert(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        deliver(scene.worker(), singly(images(1, 2, 3, at=0, every=200)))
        assert scene.anchors == [THREE.step_of(START + 400)]
        scene.check()

    def test_one_batch_with_all_of_it_raises_one_alert(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        scene.worker().deliver(*images(1, 2, 3, at=0))
        assert len(scene.queue) == 1
        scene.check()

    def test_fewer_sightings_raise_none(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        deliver(scene.worker(), singly(images(1, 2, at=0, every=100)))
        assert scene.queue == []
        scene.check()

    def test_the_same_image_again_is_no_further_sighting(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        for worker in (scene.worker(), scene.worker(), scene.worker(warm=False)):
            deliver(worker, singly(images(1, 2, 1, 2, 1, 2, 1, 2, at=0, every=70)))
        assert scene.queue == []
        scene.check()

    def test_a_threshold_of_one_alerts_on_the_first(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, Window(1, 600, 600))
        deliver(scene.worker(), singly(images(1, 1, 2, at=0, every=400)))
        assert len(scene.anchors) == 2
        scene.check()

    def test_a_burst_exactly_as_long_as_the_window_is_seen(self, open_store: OpenStore) -> None:
        for offset in (0, 0.5, 17, STEP - 0.5):  # from wherever in its step it begins
            scene = Scene(open_store, THREE)
            deliver(scene.worker(), singly(images(1, 2, 3, at=offset, every=300)))
            assert len(scene.anchors) == 1
            scene.check()

    def test_what_is_older_than_the_window_and_a_step_does_not_count(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        deliver(scene.worker(), singly(images(1, 2, at=STEP - 1) + images(3, at=600 + STEP)))
        assert scene.queue == []
        scene.check()

    def test_of_parts_two_are_an_image_and_exact_ones_one_each(self, open_store: OpenStore) -> None:
        parts, exact = (1, 3, 5, 7), (2, 4)  # odd hashes are parts
        scene = Scene(open_store, PARTS)
        deliver(scene.worker(), singly(images(*parts, *exact, at=0, every=10)))
        assert scene.queue == []  # two images and two more at most: the larger number is two
        scene.worker().deliver(*images(9, at=60))
        assert len(scene.queue) == 1
        scene.check()

    def test_tag_index_and_platform_of_each_image_are_one(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, PARTS)
        records = images(0, 1, 3, 2, 5, 7, 4, 9, 11, at=0, every=20)
        deliver(scene.worker(), singly(records[:6]))
        assert scene.queue == []
        deliver(scene.worker(), singly(records[6:]))
        assert len(scene.queue) == 1
        scene.check()

    def test_a_step_full_of_parts_crosses_by_itself(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, PARTS)
        worker = scene.worker()
        for first in range(0, 60, 6):
            worker.deliver(*images(*range(first, first + 6), at=1))
        stored = open_store().read(scene.group, *[PARTS.step_of(START)] * 2)
        assert len(stored[PARTS.step_of(START)]) < 2 * PARTS.cap
        assert len(scene.queue) == 1
        scene.check()

    def test_a_window_whose_steps_are_no_whole_seconds(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, Window(3, 100, 150))
        deliver(scene.worker(), singly(images(*range(20), at=0.25, every=49.75)))
        assert scene.queue
        scene.check()

    def test_a_step_without_sightings_is_skipped(self, open_store: OpenStore) -> None:
        counter = Counter(open_store(), lambda: START)
        deliveries: list[dict[int, list[int]]] = [{}, {7: []}, {7: [], 8: [1]}]
        group = Scene(open_store, THREE).group
        for sightings in deliveries:
            assert counter.count(group, THREE, sightings, _no_alert, _nothing_sent) == ()

    def test_groups_do_not_count_together(self, open_store: OpenStore) -> None:
        scenes = [Scene(open_store, THREE) for _ in range(2)]
        for scene in scenes:
            scene.worker().deliver(*images(1, 2, at=0))
        scenes[0].worker().deliver(*images(3, at=1))
        assert [len(scene.queue) for scene in scenes] == [1, 0]

    def test_a_burst_just_shorter_than_the_quiet_period_is_one(self, open_store: OpenStore) -> None:
        for offset in (0, 1, STEP - 1):
            scene = Scene(open_store, THREE)
            burst = images(1, 2, 3, at=offset) + images(4, 5, 6, at=offset + 599)
            for batches in (singly(burst), singly(reversed(burst)), [burst]):
                deliver(scene.worker(), batches)
            assert len(scene.anchors) == 1
            scene.check()

    def test_a_storm_raises_about_one_alert_a_quiet_period(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker()
        for at in range(0, 2000, STEP):
            worker.deliver(*images(*range(at, at + 4), at=at, every=10))
        assert scene.anchors == [THREE.step_of(START) + 13 * n for n in range(4)]
        scene.check()

    def test_a_burst_delivered_after_a_later_one_raises_its_own(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker()
        worker.deliver(*images(1, 2, 3, at=20_000))
        worker.deliver(*images(1, 2, 3, at=0))
        worker.deliver(*images(1, 2, 3, at=10_000))
        assert len(scene.anchors) == 3
        scene.check()

    def test_a_burst_near_an_alert_is_quiet_on_either_side(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker()
        for at in (10_000, 10_000 - 12 * STEP, 10_000 + 12 * STEP):
            worker.deliver(*images(1, 2, 3, at=at))
        assert len(scene.queue) == 1
        worker.deliver(*images(1, 2, 3, at=10_000 + 13 * STEP))
        worker.deliver(*images(1, 2, 3, at=10_000 - 13 * STEP))
        assert len(scene.anchors) == 3
        scene.check()

    def test_order_and_partition_do_not_matter(self, open_store: OpenStore) -> None:
        burst = images(*range(9), at=0, every=STEP)
        orders = [burst, burst[::-1], random.Random(7).sample(burst, len(burst))]
        for order in orders[:: self.every]:
            for workers in (1, 3):
                for warm in (True, False):
                    scene = Scene(open_store, THREE)
                    crew = [scene.worker(warm=warm) for _ in range(workers)]
                    for number, one in enumerate(order):
                        crew[number % workers].deliver(one)
                    assert len(scene.anchors) == 1
                    scene.check()

    def test_everything_delivered_once_more_raises_nothing_more(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        batches = singly(images(*range(6), at=0, every=110))
        warm = scene.worker()
        deliver(warm, batches)
        sent = len(scene.queue)
        for worker in (warm, scene.worker(), scene.worker(warm=False)):
            deliver(worker, batches)
        assert len(scene.queue) == sent
        scene.check()

    def test_many_alerts_out_of_one_batch(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        burst = [one for n in range(13) for one in images(1, 2, 3, at=n * 2000)]
        scene.worker().deliver(*burst)
        assert len(scene.queue) == len(scene.anchors) == 13
        scene.check()

    def test_more_sightings_than_the_threshold_in_one_step(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker()
        for first in range(0, 100, 10):
            worker.deliver(*images(*range(first, first + 10), at=1))
        stored = open_store().read(scene.group, *[THREE.step_of(START)] * 2)
        assert 3 <= len(stored[THREE.step_of(START)]) <= 5
        assert len(scene.queue) == 1
        scene.check()

    def test_an_alert_is_made_of_a_sighting_that_a_full_step_refused(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        with pytest.raises(StoreError):
            scene.worker(point=FailAt(2)).deliver(*images(1, 2, 3, at=0))  # written, not read
        scene.worker().deliver(*images(4, at=1))  # refused; Worker asserts that 4 is among the seen
        assert len(scene.queue) == 1


class CounterExamples(Thoroughness):
    """Thirteen ways of counting that look right and are not, each with what it gets wrong."""

    def test_a_read_is_due_even_if_the_write_brought_nothing_new(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        with pytest.raises(StoreError):
            scene.worker(point=FailAt(2)).deliver(*images(1, 2, 3, at=0))  # written, not read
        scene.worker().deliver(*images(1, 2, 3, at=0))
        assert len(scene.queue) == 1

    def test_nothing_is_remembered_of_a_batch_that_failed(self, open_store: OpenStore) -> None:
        for number in range(4):
            scene = Scene(open_store, THREE)
            worker = scene.worker(point=FailAt(number))
            with pytest.raises(StoreError):
                worker.deliver(*images(1, 2, 3, at=0))
            worker.deliver(*images(1, 2, 3, at=0))
            assert len(scene.queue) == 1

    def test_what_a_read_has_shown_is_not_known(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        dying, reader = scene.worker(point=FailAt(2)), scene.worker()
        last = images(3, at=12 * STEP)
        reader.deliver(*images(1, 2, at=0))
        with pytest.raises(StoreError):
            dying.deliver(*last)  # written; that its window crosses nobody has seen
        reader.deliver(*images(1, at=13 * STEP))  # reads it, but looks at a later window
        assert scene.queue == []
        reader.deliver(*last)
        assert len(scene.queue) == 1
        scene.check()

    def test_the_end_of_a_burst_delivered_before_its_start(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker()
        worker.deliver(*images(4, 5, 6, at=500))
        worker.deliver(*images(1, 2, 3, at=0))
        assert scene.anchors == [THREE.step_of(START + 500)]
        scene.check()

    def test_an_earlier_burst_delivered_later_is_not_taken_for_the_last_one(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker(warm=False)
        for at in (5_000, 0, 5_000, 0):
            worker.deliver(*images(1, 2, 3, at=at))
        assert len(scene.queue) == 2
        scene.check()

    def test_a_burst_across_a_border_of_fixed_buckets_is_one(self, open_store: OpenStore) -> None:
        for border in range(-650, 1300, 650 // 2):
            scene = Scene(open_store, THREE)
            deliver(scene.worker(), singly(images(*range(9), at=border - 200, every=50)))
            assert len(scene.anchors) == 1

    def test_an_empty_step_is_no_anchor(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker()
        worker.deliver(*images(1, 2, 3, at=0))
        worker.deliver(*images(4, 5, 6, at=5 * STEP))  # windows cross up to step 17, steps to 5
        assert scene.anchors == [THREE.step_of(START)]
        scene.check()

    def test_a_late_sighting_completes_a_window_that_ends_after_it(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker()
        worker.deliver(*images(2, 3, at=600))
        worker.deliver(*images(1, at=0))
        assert scene.anchors == [THREE.step_of(START + 600)]
        scene.check()

    def test_an_alert_claimed_but_not_sent_is_sent_by_the_next(self, open_store: OpenStore) -> None:
        for number in range(0, 20, min(self.every, 5)):
            scene = Scene(open_store, THREE)
            try:
                scene.worker(point=FailAt(number)).deliver(*images(1, 2, 3, at=0))
            except StoreError:
                scene.worker().deliver(*images(1, 2, 3, at=0))
            scene.check()
            assert len(scene.anchors) == 1

    def test_the_claimer_dies_and_his_batch_is_known_to_another(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        other = scene.worker()
        dying = scene.worker(point=_FailAtCall("send"))
        other.deliver(*images(1, 2, at=0))
        with pytest.raises(StoreError):
            dying.deliver(*images(3, at=0))
        assert scene.queue == []
        other.deliver(*images(4, at=0))  # crosses too, finds the claim of the dead, and sends it
        other.deliver(*images(3, at=0))
        assert len(scene.anchors) == 1
        scene.check()

    def test_a_burst_across_the_end_of_the_quiet_period_is_seen(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        now = [0.0]
        worker = scene.worker(clock=lambda: START + now[0])
        for batch in (
            images(1, 2, 3, at=0),
            images(4, at=599),  # quiet, but counts for what comes after it
            images(5, 6, at=650),
        ):
            now[0] = batch[-1].time - START
            worker.deliver(*batch)
        assert scene.anchors == [THREE.step_of(START), THREE.step_of(START + 650)]
        scene.check()

    def test_a_quiet_read_is_not_skipped_for_a_window_that_ends_after_it(
        self, open_store: OpenStore
    ) -> None:
        scene = Scene(open_store, THREE)
        worker = scene.worker(clock=START + 700)
        worker.deliver(*images(1, 2, 3, at=0))
        worker.deliver(*images(5, 6, at=690))
        worker.deliver(*images(4, at=300))  # quiet itself; completes the window that ends at 690
        assert len(scene.anchors) == 2
        scene.check()

    def test_two_sightings_a_second_less_than_the_quiet_period_apart(
        self, open_store: OpenStore
    ) -> None:
        one = Window(1, 600, 600)
        scene = Scene(open_store, one)
        deliver(scene.worker(), singly(images(1, 2, at=STEP - 1, every=599)))
        assert one.step_of(START + STEP + 598) - one.step_of(START + STEP - 1) == 12
        assert len(scene.anchors) == 1
        scene.check()

    def test_what_was_written_before_is_read(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, Window(40, 600, 600))
        writers = [scene.worker() for _ in range(4)]
        for number, one in enumerate(images(*range(40), at=0, every=15)):
            writers[number % 4].deliver(one)
        assert len(scene.queue) == 1


class Failures(Thoroughness):
    """Every store and queue call may fail, before or after it took effect."""

    @pytest.mark.parametrize("crash", [True, False], ids=["crash", "error"])
    @pytest.mark.parametrize("elsewhere", [True, False], ids=["other worker", "same worker"])
    def test_a_failure_anywhere_loses_nothing(
        self, open_store: OpenStore, crash: bool, elsewhere: bool
    ) -> None:
        for number in count(0, self.every):
            scene = Scene(open_store, THREE)
            failing = FailAt(number)
            worker, other = scene.worker(point=failing), scene.worker()
            for number_of_batch, batch in enumerate(_STORY):
                if number_of_batch % 3 == 2:
                    other.deliver(*batch)
                    continue
                try:
                    worker.deliver(*batch)
                except StoreError:
                    if crash:
                        worker = scene.worker(point=failing)
                    (other if elsewhere else worker).deliver(*batch)
            scene.check()
            assert len(scene.anchors) == 3
            if failing.passed <= number:
                break

    def test_random_failures_under_random_order_and_repetition(self, open_store: OpenStore) -> None:
        for seed in range(0, 40, self.every):
            rng = random.Random(seed)
            scene = Scene(open_store, THREE)

            def sometimes(call: str, rng: random.Random = rng) -> None:
                if rng.random() < 0.07:
                    raise StoreError(call)

            crew = [scene.worker(warm=rng.random() < 0.7, point=sometimes) for _ in range(3)]
            waiting = [batch for batch in _STORY for _ in range(2)]
            while waiting:
                batch = waiting.pop(rng.randrange(len(waiting)))
                number = rng.randrange(len(crew))
                try:
                    crew[number].deliver(*batch)
                except StoreError:
                    waiting.append(batch)
                    if rng.random() < 0.5:
                        crew[number] = scene.worker(warm=rng.random() < 0.7, point=sometimes)
            scene.check()
            assert len(scene.anchors) == 3

    def test_while_the_queue_fails_claims_do_not_pile_up(self, open_store: OpenStore) -> None:
        scene = Scene(open_store, THREE)
        bursts = [images(1, 2, 3, at=n * 2000) for n in range(12)]
        for burst in bursts:
            with pytest.raises(StoreError):
                scene.worker(point=_FailAtCall("send")).deliver(*burst)
        assert len(open_store().claim(scene.group).pending) == 1
        deliver(scene.worker(), bursts)
        assert len(scene.anchors) == 12
        scene.check()


class StoreCalls(Thoroughness):
    """What the calls of a store promise one by one."""

    def test_a_group_that_was_never_seen_is_empty(self, open_store: OpenStore) -> None:
        store, group = open_store(), Scene(open_store, THREE).group
        assert store.read(group, 0, 10**9) == {}
        assert store.claim(group) == Claim(None, Quiet(), {})

    def test_add_returns_what_is_stored_its_own_at_least(self, open_store: OpenStore) -> None:
        store, group = open_store(), Scene(open_store, THREE).group
        assert store.add(group, THREE, {5: [1], 6: [2**64 - 1, 0]}, UNTIL) == {
            5: {1},
            6: {2**64 - 1, 0},
        }
        assert store.add(group, THREE, {5: [2]}, UNTIL)[5] >= {2}
        assert store.read(group, 5, 6) == {5: {1, 2}, 6: {0, 2**64 - 1}}

    def test_a_read_has_both_ends_and_nothing_else(self, open_store: OpenStore) -> None:
        store, group = open_store(), Scene(open_store, THREE).group
        store.add(group, THREE, {step: [step] for step in range(35_999_990, 36_000_010)}, UNTIL)
        shown = store.read(group, 35_999_995, 36_000_003)
        assert shown == {step: {step} for step in range(35_999_995, 36_000_004)}

    def test_more_steps_than_one_call_to_the_service_can_write(self, open_store: OpenStore) -> None:
        store, group = open_store(), Scene(open_store, THREE).group
        steps = {step: [step, step + 1] for step in range(1000, 1000 + self.most // 50)}
        stored = store.add(group, THREE, steps, UNTIL)
        assert all(stored[step] >= {step, step + 1} for step in steps)
        assert store.read(group, 0, 2000) == {step: set(steps[step]) for step in steps}

    def test_the_highest_threshold_fits_into_a_step(self, open_store: OpenStore) -> None:
        for parts in (False, True):
            store, group = open_store(), Scene(open_store, THREE).group
            window = Window(self.most, 600, 600, parts)
            store.add(group, window, {7: range(10**18, 10**18 + window.cap - 1)}, UNTIL)
            store.add(group, window, {7: range(window.cap)}, UNTIL)
            stored = store.read(group, 7, 7)[7]
            assert len(stored) >= window.cap
            assert window.measure(stored) >= self.most

    def test_of_two_who_swap_the_same_claim_one_wins(self, open_store: OpenStore) -> None:
        one, other, group = open_store(), open_store(), Scene(open_store, THREE).group
        for before, quiet in [(Quiet(), Quiet(((5, 9),))), (Quiet(((5, 9),)), Quiet(((5, 30),)))]:
            seen = one.claim(group)
            assert seen.quiet == before
            won = one.swap(group, seen, quiet, {"first": b"\x00one"}, UNTIL)
            lost = other.swap(group, seen, Quiet(((70, 80),)), {"second": b"two"}, UNTIL)
            for claim in (won, lost, one.claim(group), other.claim(group)):
                assert claim.quiet == quiet
                assert claim.pending == {"first": b"\x00one"}
            one.settle(group, won, UNTIL)

    def test_a_claim_keeps_the_pending_alerts_of_others(self, open_store: OpenStore) -> None:
        store, group = open_store(), Scene(open_store, THREE).group
        first = store.swap(group, store.claim(group), Quiet(((1, 2),)), {"a": b"A"}, UNTIL)
        second = store.swap(group, first, Quiet(((1, 2), (8, 9))), {"b": b"B"}, UNTIL)
        assert second.pending == {"a": b"A", "b": b"B"}
        assert store.claim(group).pending == second.pending

    def test_settling_takes_out_the_handed_over_alerts_alone(self, open_store: OpenStore) -> None:
        one, other, group = open_store(), open_store(), Scene(open_store, THREE).group
        first = one.swap(group, one.claim(group), Quiet(((1, 2),)), {"a": b"A"}, UNTIL)
        other.swap(group, other.claim(group), Quiet(((1, 2), (8, 9))), {"b": b"B"}, UNTIL)
        one.settle(group, first, UNTIL)
        assert other.claim(group).pending == {"b": b"B"}
        assert other.claim(group).quiet == Quiet(((1, 2), (8, 9)))

    def test_after_settling_the_claim_can_be_swapped_at_once(self, open_store: OpenStore) -> None:
        store, group = open_store(), Scene(open_store, THREE).group
        first = store.swap(group, store.claim(group), Quiet(((1, 2),)), {"a": b"A"}, UNTIL)
        settled = store.settle(group, first, UNTIL)
        assert settled.pending == {}
        second = store.swap(group, settled, Quiet(((1, 9),)), {"b": b"B"}, UNTIL)
        assert second.quiet == Quiet(((1, 9),))
        assert second.pending == {"b": b"B"}

    def test_a_claim_stays_closed_and_keeps_what_was_quiet(self, open_store: OpenStore) -> None:
        one, other, group = open_store(), open_store(), uuid.uuid4().hex
        first = one.swap(group, one.claim(group), Quiet(((36_000_000, 36_000_009),)), {}, UNTIL)
        shut = one.swap(group, first, closed(first.quiet), {}, UNTIL)
        for claim in (shut, one.claim(group), other.claim(group)):
            assert is_closed(claim.quiet)
            assert opened(claim.quiet) == first.quiet
        late = other.swap(group, first, Quiet(((36_000_000, 36_000_020),)), {"a": b"A"}, UNTIL)
        assert (late.version, late.quiet) == (shut.version, shut.quiet)

    def test_what_was_never_claimed_can_be_closed(self, open_store: OpenStore) -> None:
        store, group = open_store(), uuid.uuid4().hex
        store.swap(group, store.claim(group), closed(Quiet()), {}, UNTIL)
        assert is_closed(store.claim(group).quiet)
        assert opened(store.claim(group).quiet) == Quiet()

    def test_settling_what_is_gone_is_no_error(self, open_store: OpenStore) -> None:
        store, group = open_store(), Scene(open_store, THREE).group
        claim = store.swap(group, store.claim(group), Quiet(((1, 2),)), {"a": b"A"}, UNTIL)
        never_seen = Scene(open_store, THREE).group
        for where in (group, group, never_seen):
            store.settle(where, claim, UNTIL)
        assert store.claim(group).pending == {}
        assert store.claim(never_seen) == Claim(None, Quiet(), {})

    def test_a_long_history_of_separate_bursts_fits_into_a_claim(
        self, open_store: OpenStore
    ) -> None:
        store, group = open_store(), Scene(open_store, THREE).group
        quiet = Quiet(
            tuple((36_000_000 + 50 * n, 36_000_024 + 50 * n) for n in range(self.most // 4))
        )
        bodies = {f"{n:032x}": bytes([n]) * MOST_BODY_BYTES for n in range(5)}
        store.swap(group, store.claim(group), quiet, bodies, UNTIL)
        assert store.claim(group).quiet == quiet
        assert store.claim(group).pending == bodies


class StoreContract(MeaningOverAStore, CounterExamples, Failures, StoreCalls):
    """All of it."""


def _no_alert(anchor: int, seen: object) -> tuple[str, bytes]:
    raise AssertionError(f"an alert at {anchor} of {seen}")


def _nothing_sent(body: bytes) -> None:
    raise AssertionError(f"sent: {body!r}")


class _FailAtCall:
    def __init__(self, call: str) -> None:
        self._call = call

    def __call__(self, call: str) -> None:
        nothing(call)
        if call == self._call:
            raise StoreError(f"failed on purpose: {call}")


_STORY = [
    images(1, 2, at=0),
    images(3, at=590),
    images(4, 5, at=640),
    images(1, 2, 3, at=20_000),
    images(6, at=645),
    images(7, 8, 9, at=-5_000),
    images(7, at=-4_990),
]
"""Three bursts in parts, out of order."""
