"""Many workers at once on a real store, each delivery repeated, with failures anywhere."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from registrywatch.errors import StoreError
from registrywatch.windows import Store, Window
from tests.windows.harness import Scene, Worker, images
from tests.windows.oracle import Seen

WINDOW = Window(5, 600, 600)
BURSTS = 6


class ParallelWorkers:
    """For stores that threads may use: what holds one call after the other holds in parallel."""

    def test_a_crowd_raises_one_alert_a_burst(self, open_store: Callable[[], Store]) -> None:
        scene = Scene(open_store, WINDOW)
        batches = [
            [one]
            for burst in range(BURSTS)
            for one in images(*range(6), at=burst * 13 * 50 + burst, every=9)
        ]
        rng = random.Random(3)
        deliveries = rng.sample(batches * 3, len(batches) * 3)
        with ThreadPoolExecutor(8) as pool:
            for share in [pool.submit(_work, scene, deliveries[n::8], n) for n in range(8)]:
                share.result()
        scene.check()

    def test_all_that_threads_write_at_once_is_stored(
        self, open_store: Callable[[], Store]
    ) -> None:
        shared, group = open_store(), Scene(open_store, WINDOW).group
        window = Window(1000, 600, 600)

        def write(number: int) -> None:
            for n in range(12):
                shared.add(group, window, {7: [number * 100 + n], 8: [number * 100 + n]}, None)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(8)))
        everything = {number * 100 + n for number in range(8) for n in range(12)}
        assert shared.read(group, 7, 8) == {7: everything, 8: everything}


def _work(scene: Scene, deliveries: list[list[Seen]], seed: int) -> None:
    rng = random.Random(seed)

    def sometimes(call: str) -> None:
        if rng.random() < 0.05:
            raise StoreError(call)

    def worker() -> Worker:
        return scene.worker(warm=rng.random() < 0.7, point=sometimes)

    mine, waiting = worker(), list(deliveries)
    while waiting:
        batch = waiting.pop(0)
        try:
            mine.deliver(*batch)
        except StoreError:
            waiting.insert(rng.randint(0, len(waiting)), batch)
            mine = worker() if rng.random() < 0.5 else mine
