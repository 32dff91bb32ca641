"""Workers that run at once, one step at a time in an order of the test's choosing, and may crash.

A step ends before each effect: a read or write of the ledger, a message sent, a POST. Each worker
is a thread, but only one of them ever runs; `random` decides which goes on, so that a seed is a
schedule. A worker that crashes does so between two effects; its message is delivered again later.
"""

import threading
from collections.abc import Callable
from random import Random
from typing import Any

from registrywatch.delivery import Courier, read_message
from registrywatch.errors import StoreError
from tests.delivery.world import World
from tests.windows.interleaving import taken

VISIBILITY = 30.0


class Crash(BaseException):
    """A worker's end. Nothing in the product may catch it."""


class Task:
    """One delivery of one message, in a thread that runs only inside `step`."""

    def __init__(self, body: str, world: World, clock: Callable[[], float] | None = None) -> None:
        self.body = body
        self.done = False
        self.failed = False
        self._crash = False
        self._go = taken()
        self._paused = taken()
        stepping = world.new_courier(
            ledger=_Stepping(world.ledger, self._pause),
            queue=_Stepping(world.queue, self._pause),
            send=self._before(world.post),
            **({"clock": clock} if clock else {}),
        )
        self._thread = threading.Thread(target=self._run, args=(stepping,), daemon=True)
        self._thread.start()

    def step(self, crash: bool = False) -> None:
        self._crash = crash
        self._go.release()
        self._paused.acquire()

    def _run(self, courier: Courier) -> None:
        self._go.acquire()
        try:
            if not self._crash:
                courier.handle(read_message(self.body))
                self._pause()  # before the acknowledgement
        except (Crash, StoreError):
            self.failed = True
        self.failed = self.failed or self._crash
        self.done = True
        self._paused.release()

    def _pause(self) -> None:
        self._paused.release()
        self._go.acquire()
        if self._crash:
            raise Crash

    def _before(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        def paused(*args: Any) -> Any:
            self._pause()
            return effect(*args)

        return paused


class _Stepping:
    """Passes every call on, after a pause."""

    def __init__(self, real: Any, pause: Callable[[], None]) -> None:
        self._real, self._pause = real, pause

    def __getattr__(self, name: str) -> Any:
        effect = getattr(self._real, name)

        def paused(*args: Any) -> Any:
            self._pause()
            return effect(*args)

        return paused


def run_interleaved(
    world: World, random: Random, workers: int = 3, crashes: int = 0, jumps: bool = False
) -> None:
    """Deliver everything in `world`. With `jumps` the clock moves on while workers are at work."""
    running: list[Task] = []
    repeats = 5
    while running or len(world.queue):
        move = random.random()
        if (len(running) < workers and move < 0.3) or not running:
            body = world.queue.take()
            if body is not None:
                running.append(Task(body, world))
                if repeats and random.random() < 0.2:
                    repeats -= 1
                    world.queue.put(body, random.choice([0, 0, 1, 40, 200]))
                continue
            if not running:
                world.now = world.queue.next_due or world.now
                continue
        if jumps and move > 0.9:
            world.now += random.choice([0.5, 5, 70])
        task = random.choice(running)
        crash = crashes > 0 and random.random() < 0.08
        crashes -= crash
        task.step(crash)
        if task.done:
            running.remove(task)
            if task.failed:
                world.queue.put(task.body, VISIBILITY)
