"""Virtual time: the schedule, the running workers, and the bounds of a run.

One thread does all work. `meanwhile` simulates overlapping workers: in the middle of a call of one
worker, another worker gets a turn, and finishes before the first continues.
"""

import heapq
import itertools
import random
import time
from collections.abc import Callable

import msgspec

from tests.builders.clock import T0

SKEW = 15.0
"""The largest error of a worker's clock, in seconds."""

_NESTED = 2
_SOON = 5.0


class Died(BaseException):
    """A worker was killed, as by kill -9: it makes no further call."""


class Endless(BaseException):
    """The run does not come to an end within its bounds."""


class Unsupported(BaseException):
    """The product makes a call that chaos does not simulate."""


class Bounds(msgspec.Struct, frozen=True):
    """The limits of a run: days of virtual time, actions and calls, seconds of real time."""

    days: float = 30.0
    moves: int = 20_000_000
    seconds: float = 100.0


class Worker:
    """A process that handles invocations; `skew` is the error of its clock."""

    def __init__(self, skew: float) -> None:
        self.skew = skew
        self.busy = False
        self.is_dead = False


class Invocation:
    """One call of a function: how long it has run, and may run, in seconds."""

    def __init__(self, worker: Worker, seconds: float) -> None:
        self.worker = worker
        self.left = seconds
        self.elapsed = 0.0
        self.posted: tuple[str, str] | None = None
        """Destination and alert of a POST that was accepted, until the ledger records it."""


class World:
    """The clock, the schedule, and the running invocations, the innermost last."""

    def __init__(self, seed: int, bounds: Bounds) -> None:
        self.random = random.Random(seed)
        self.moves = 0
        self._now = T0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._running: list[Invocation] = []
        self._bounds = bounds
        self._began = time.monotonic()
        self._depth = 0

    @property
    def now(self) -> float:
        """The true time, in seconds since the epoch."""
        return self._now + (self._running[-1].elapsed if self._running else 0.0)

    @property
    def running(self) -> Invocation | None:
        return self._running[-1] if self._running else None

    def clock(self) -> float:
        """The time on the clock of the running worker."""
        return self.now + (self._running[-1].worker.skew if self._running else 0.0)

    def spend(self, seconds: float) -> None:
        """The invocation waits. It is killed if it exceeds its time limit."""
        if (running := self.running) is not None:
            running.elapsed += seconds
            running.left -= seconds
            if running.left <= 0:
                running.worker.is_dead = True
                raise Died

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Schedule an action at a time, or as soon as possible after it."""
        heapq.heappush(self._due, (when, next(self._numbers), action))

    def worker(self) -> Worker:
        return Worker(self.random.uniform(-SKEW, SKEW))

    def invoke[T](self, worker: Worker, seconds: float, function: Callable[[], T]) -> T:
        """Run a function in a worker. Raises Died, and what the function raises."""
        self._running.append(Invocation(worker, seconds))
        worker.busy = True
        try:
            return function()
        finally:
            self._running.pop()
            worker.busy = False

    def run(self) -> None:
        """Do all that is scheduled, and what follows from it. Raises Endless."""
        while self._due:
            self._next()

    def meanwhile(self) -> None:
        """Give another worker a turn, if something is due."""
        if self._depth < _NESTED and self._due and self._due[0][0] <= self.now + _SOON:
            before, self._now = self._now, self.now
            running, self._running = self._running, []
            self._depth += 1
            try:
                self._next()
            finally:
                self._depth -= 1
                self._running = running
                self._now = before

    def move(self) -> None:
        """Count an action or a call. Raises Endless if there were too many."""
        self.moves += 1
        if self.moves > self._bounds.moves:
            raise Endless(f"more than {self._bounds.moves:,} actions and calls")
        if self.moves % 256 == 0 and time.monotonic() - self._began > self._bounds.seconds:
            raise Endless(f"more than {self._bounds.seconds:.0f} seconds")

    def _next(self) -> None:
        self.move()
        when, _, action = heapq.heappop(self._due)
        self._now = max(self._now, when)
        if self._now - T0 > self._bounds.days * 86_400:
            raise Endless(f"more than {self._bounds.days:.0f} days of virtual time")
        action()
