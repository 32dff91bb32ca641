"""Workers that count one group over one store, fail on demand, and are checked by the oracle."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet

from registrywatch.errors import StoreError
from registrywatch.windows import Claim, Counter, SightingCache, Store, Window
from registrywatch.windows.claims import HandOver
from registrywatch.windows.meaning import Quiet
from tests.windows.oracle import Seen, measure, violations

START = 1_800_000_000
"""An instant that begins a step, whatever the window's length below an hour used here."""

Point = Callable[[str], None]
"""Called before and after every store and queue call, with its name; may raise, or wait."""


def nothing(_call: str) -> None:
    """The point at which nothing happens."""


class PointedStore:
    """A store that comes to a point before and after every call; a failure after it took effect.

    Reads come to a point between any two steps: no store gives a snapshot of a range.
    """

    def __init__(self, store: Store, point: Point, *, read_by_step: bool = False) -> None:
        self._store = store
        self._point = point
        self._read_by_step = read_by_step

    def add(
        self, group: str, window: Window, steps: Mapping[int, Collection[int]], until: int | None
    ) -> Mapping[int, AbstractSet[int]]:
        self._point("add")
        stored: dict[int, AbstractSet[int]] = {}
        if self._read_by_step:
            for step, hashes in steps.items():
                stored |= self._store.add(group, window, {step: hashes}, until)
                self._point("added")
            return stored
        stored |= self._store.add(group, window, steps, until)
        self._point("added")
        return stored

    def read(self, group: str, first: int, last: int) -> Mapping[int, AbstractSet[int]]:
        self._point("read")
        if not self._read_by_step:
            sets = self._store.read(group, first, last)
            self._point("have read")
            return sets
        shown: dict[int, AbstractSet[int]] = {}
        for step in range(first, last + 1):
            shown |= {at: frozenset(now) for at, now in self._store.read(group, step, step).items()}
            if step in shown or step % 6 == 0:
                self._point("have read")
        return shown

    def claim(self, group: str) -> Claim:
        self._point("claim")
        claim = self._store.claim(group)
        self._point("have the claim")
        return claim

    def swap(
        self,
        group: str,
        seen: Claim,
        quiet: Quiet,
        raised: Mapping[str, bytes],
        until: int | None,
    ) -> Claim:
        self._point("swap")
        claim = self._store.swap(group, seen, quiet, raised, until)
        self._point("swapped")
        return claim

    def settle(self, group: str, claim: Claim, until: int | None) -> Claim:
        self._point("settle")
        settled = self._store.settle(group, claim, until)
        self._point("settled")
        return settled


class FailAt:
    """The point that raises StoreError the `number`th time it is come to, and counts the times."""

    def __init__(self, number: int | None = None) -> None:
        self.number = number
        self.passed = 0

    def __call__(self, call: str) -> None:
        self.passed += 1
        if self.passed - 1 == self.number:
            raise StoreError(f"failed on purpose at point {self.number}: {call}")


class Scene:
    """One group of its own, a queue, and all that was ever delivered to any of its workers."""

    def __init__(self, open_store: Callable[[], Store], window: Window) -> None:
        self.open_store = open_store
        self.window = window
        self.group = uuid.uuid4().hex
        self.queue: list[bytes] = []
        self.seen: list[Seen] = []

    def worker(
        self,
        *,
        warm: bool = True,
        clock: float | Callable[[], float] = START + 10**7,
        point: Point = nothing,
        read_by_step: bool = False,
        retention_seconds: int | None = None,
    ) -> "Worker":
        """A worker with nothing in its memory; without `warm` it never remembers anything.

        Its clock is so far ahead that it never skips a read because of it, unless told otherwise.
        """

        def hand_over(alert: bytes) -> None:
            point("send")
            self.queue.append(alert)
            point("sent")

        counter = Counter(
            PointedStore(self.open_store(), point, read_by_step=read_by_step),
            clock if callable(clock) else lambda: clock,
            cache=SightingCache() if warm else None,
            retention_seconds=retention_seconds,
        )
        return Worker(self, counter, hand_over)

    @property
    def anchors(self) -> list[int]:
        """The anchors of the distinct alerts handed over, earliest first."""
        return sorted({int(alert) for alert in self.queue})

    def check(self) -> None:
        """Every guarantee holds for what was delivered, and no claimed alert stays unsent."""
        assert violations(self.window, self.seen, self.anchors) == []
        unsent = self.open_store().claim(self.group).pending.keys() - {
            f"alert-{anchor}" for anchor in self.anchors
        }
        assert not unsent, f"claimed, but never sent: {unsent}"


class Worker:
    """Takes batches."""

    def __init__(self, scene: Scene, counter: Counter, hand_over: HandOver) -> None:
        self._scene = scene
        self._counter = counter
        self._hand_over = hand_over

    def deliver(self, *batch: Seen) -> tuple[int, ...]:
        """Count one batch. Raises StoreError if the batch has to be delivered once more.

        Returns the steps that were refused.
        """
        scene = self._scene
        scene.seen += batch
        steps: defaultdict[int, list[int]] = defaultdict(list)
        for time, what in batch:
            steps[scene.window.step_of(time)].append(what)

        def body(anchor: int, seen: AbstractSet[int]) -> tuple[str, bytes]:
            assert measure(scene.window, seen) >= scene.window.threshold
            assert not seen.isdisjoint(one.what for one in batch)
            return f"alert-{anchor}", str(anchor).encode()

        return self._counter.count(scene.group, scene.window, steps, body, self._hand_over)


def images(*numbers: int, at: float, every: float = 0.0) -> list[Seen]:
    """Sightings of these images, the first `at` seconds after START, each `every` seconds later."""
    return [Seen(START + at + every * n, 2**63 + number) for n, number in enumerate(numbers)]


def singly(batch: Iterable[Seen]) -> list[list[Seen]]:
    """Each sighting as a batch of its own."""
    return [[one] for one in batch]
