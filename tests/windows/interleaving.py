"""Workers stepped one store or queue call at a time, in an order that a seed decides.

The real engine runs, in threads that hand over a baton: between any two of their calls (and between
any two steps of a read) another worker may run, one may fail, the clock may move on.
"""

import random
from _thread import LockType
from collections.abc import Callable
from threading import Lock, Thread

from registrywatch.errors import StoreError
from registrywatch.windows import Store, Window
from tests.windows.harness import START, Point, Scene, Worker
from tests.windows.oracle import Seen

STEP = 50
WINDOWS = [
    Window(threshold, 600, quiet, parts)
    for threshold, parts in ((2, False), (2, True), (3, False))
    for quiet in (600, 600, 645, 900)
]
PLACES = [0, 0, 1, 5, 11, 12, 12, 13, 14, 24, 25, 26, 27]
"""Steps that events lie in: where windows and quiet periods of each other begin and end."""


class Baton:
    """Lets one thread run at a time, and chooses which by the seed."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._turns: dict[int, LockType] = {}
        self._over = taken()
        self._error: BaseException | None = None

    def run(self, *tasks: Callable[[Callable[[], None]], None]) -> None:
        """Run the tasks to their ends; each calls its argument to let others run."""
        self._turns = {number: taken() for number in range(len(tasks))}
        for number, task in enumerate(tasks):
            Thread(target=self._thread, args=(number, task), daemon=True).start()
        self._turns[self._next()].release()
        self._over.acquire()
        if self._error is not None:
            raise self._error

    def _next(self) -> int:
        return self._rng.choice(list(self._turns))

    def _thread(self, number: int, task: Callable[[Callable[[], None]], None]) -> None:
        mine = self._turns[number]

        def let_others_run() -> None:
            chosen = self._next()
            if chosen != number:
                self._turns[chosen].release()
                mine.acquire()

        mine.acquire()
        try:
            task(let_others_run)
        except BaseException as error:  # noqa: BLE001 - raised again by `run`
            self._error = error
        del self._turns[number]
        if self._turns and self._error is None:
            self._turns[self._next()].release()
        else:
            self._over.release()


def taken() -> LockType:
    """A lock that one thread waits for and another releases: far cheaper than a semaphore."""
    lock = Lock()
    lock.acquire()
    return lock


class Play:
    """One scenario: what is delivered and when, who fails how often; made by its seed alone."""

    def __init__(self, seed: int, open_store: Callable[[], Store]) -> None:
        self._rng = rng = random.Random(seed)
        self.scene = Scene(open_store, rng.choice(WINDOWS))
        self._failures = rng.choice([0, 0, 1, 1, 2, 4])
        self._likely = rng.choice([0.03, 0.1, 0.25])
        self._images = rng.choice([2, 3, 4])
        self._now = float(START)
        self._outstanding = 0
        batches = [self._batch() for _ in range(rng.choice([2, 3, 3, 4, 6]))]
        repeated = [batch for batch in batches for _ in range(rng.choice([1, 1, 2]))]
        late = rng.choice([0, 100, 10_000])
        self._to_come = sorted(
            (max(one.time for one in batch) + rng.uniform(0, late), batch) for batch in repeated
        )
        self._waiting: list[list[Seen]] = []

    def run(self) -> None:
        """Deliver everything until it is acknowledged, and check every guarantee."""
        workers = self._rng.choice([2, 2, 3])
        Baton(self._rng).run(*[self._work for _ in range(workers)])
        self.scene.check()

    def _batch(self) -> list[Seen]:
        rng = self._rng
        around = rng.choice(PLACES)
        return [
            Seen(START + (rng.choice([around, around, rng.choice(PLACES)]) + within) * STEP, what)
            for within, what in [
                (rng.choice([0, 0.5, 0.98]), rng.randrange(self._images))
                for _ in range(rng.choice([1, 1, 2, 3]))
            ]
        ]

    def _work(self, let_others_run: Callable[[], None]) -> None:
        rng = self._rng

        def point(call: str) -> None:
            let_others_run()
            if self._failures and rng.random() < self._likely:
                self._failures -= 1
                raise StoreError(call)

        warm = rng.random() < 0.85
        worker = self._worker(point, warm=warm)
        while self._to_come or self._waiting or self._outstanding:
            let_others_run()
            if self._to_come and (rng.random() < 0.3 or not self._waiting):
                self._now, batch = self._to_come.pop(0)
                self._waiting.append(batch)
            if not self._waiting:
                continue
            batch = self._waiting.pop(rng.randrange(len(self._waiting)))
            self._outstanding += 1
            try:
                worker.deliver(*batch)
            except StoreError:
                self._waiting.append(batch)
                if rng.random() < 0.5:
                    worker = self._worker(point, warm=warm)
            self._outstanding -= 1

    def _worker(self, point: Point, *, warm: bool) -> Worker:
        return self.scene.worker(warm=warm, clock=lambda: self._now, point=point, read_by_step=True)
