"""Sixteen workers in parallel on one store, with repeated and unordered deliveries, and crashes."""

import multiprocessing
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from registrywatch.errors import StoreError
from registrywatch.windows import Counter, SightingCache, Store, Window, group_digest
from tests.windows.harness import PointedStore
from tests.windows.oracle import Seen, violations
from tools.bench._window_traffic import START, Pull, count, image_hash

WORKERS, DELIVERIES, GROUPS, BURSTS_A_GROUP = 16, 3, 40, 25
THRESHOLD = 3
WINDOW = Window(THRESHOLD, 600, 600)
BATCH = 10
CRASHES = 0.005
"""The probability that a worker crashes at each point before and after a store or queue call."""

MakeStore = Callable[[], Store]


class Crowd(NamedTuple):
    """The result of a run."""

    bursts: int
    alerts: int
    sent: int
    crashes: int
    broken: list[str]


def traffic() -> list[Pull]:
    """Bursts shorter than the window and further apart than the quiet period; and quiet groups."""
    rng = random.Random(4)
    pulls = []
    for number in range(GROUPS):
        group, at = _group(number), START + rng.uniform(0, 600)
        for _ in range(BURSTS_A_GROUP):
            length = rng.uniform(1, 590)
            size = rng.randint(THRESHOLD, 2 * THRESHOLD)
            times = [at, at + length, *(at + rng.uniform(0, length) for _ in range(size - 2))]
            pulls += [Pull(time, group, image_hash(f"{n}")) for n, time in enumerate(times)]
            at += length + WINDOW.quiet_seconds + rng.choice([101, 200, 3600])
    for number in range(GROUPS, GROUPS + 20):
        group = _group(number)
        pulls += [
            Pull(
                START + rng.uniform(0, 20_000),
                group,
                image_hash(f"{n % (THRESHOLD - 1)}"),
            )
            for n in range(20)
        ]
    return pulls


def run(make_store: MakeStore) -> Crowd:
    """Run the workers on a store; `make_store` must be picklable."""
    pulls, rng = traffic(), random.Random(5)
    everything = rng.sample(pulls * DELIVERIES, len(pulls) * DELIVERIES)
    context = multiprocessing.get_context("spawn")
    waiting: Any = context.JoinableQueue()
    for first in range(0, len(everything), BATCH):
        waiting.put(everything[first : first + BATCH])
    with tempfile.TemporaryDirectory() as logs:
        workers = [
            context.Process(target=_work, args=(make_store, waiting, Path(logs) / f"{n}", n))
            for n in range(WORKERS)
        ]
        for worker in workers:
            worker.start()
        waiting.join()
        for _ in workers:
            waiting.put(None)
        for worker in workers:
            worker.join()
        lines = [line.split() for path in Path(logs).iterdir() for line in path.open()]
    sent = [(group, int(anchor)) for kind, group, anchor in lines if kind == "sent"]
    crashes = sum(int(crashes) for kind, _, crashes in lines if kind == "crashes")
    alerts, seen = defaultdict[str, set[int]](set), defaultdict[str, list[Seen]](list)
    for group, anchor in sent:
        alerts[group].add(anchor)
    for pull in pulls:
        seen[pull.group].append(Seen(pull.time, pull.image))
    broken = [
        f"{group}: {violation}"
        for group, sightings in seen.items()
        for violation in violations(WINDOW, sightings, alerts[group])
    ]
    return Crowd(GROUPS * BURSTS_A_GROUP, len(set(sent)), len(sent), crashes, broken)


def _work(make_store: MakeStore, waiting: Any, log_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    crashes = 0

    def sometimes(call: str) -> None:
        if rng.random() < CRASHES:
            raise StoreError(f"crashed at {call}")

    with log_path.open("w", buffering=1) as log:

        def hand_over(alert: bytes) -> None:
            sometimes("send")
            group, anchor = alert.split()
            log.write(f"sent {group.decode()} {anchor.decode()}\n")
            sometimes("sent")

        def new_worker() -> Counter:
            store = PointedStore(make_store(), sometimes)
            return Counter(store, lambda: START + 10**7, cache=SightingCache())

        worker = new_worker()
        while (batch := waiting.get()) is not None:
            try:
                count(worker, batch, hand_over, WINDOW)
            except StoreError:
                crashes += 1
                worker = new_worker()  # the memory of the crashed one is lost
                waiting.put(batch)  # another worker gets the batch again
            waiting.task_done()
        log.write(f"crashes - {crashes}\n")


def _group(number: int) -> str:
    return group_digest("crowd", WINDOW, str(number))
