"""The chain on Azure: Event Grid, an Event Hub and the Functions host around the triggers."""

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from functions.azure import parts, triggers, wiring
from registrywatch.azure import log_lines, names
from registrywatch.azure.queue import Queue
from registrywatch.azure.window_store import TableStore
from registrywatch.delivery import Courier
from registrywatch.delivery.redelivery import move, redeliver
from registrywatch.errors import RegistrywatchError
from tools.chaos.faults import Faults
from tools.chaos.queues import Held, Messages, Poller
from tools.chaos.receivers import Receivers
from tools.chaos.storage import QueueClient, TableClient
from tools.chaos.traffic import Delivery
from tools.chaos.vendors import Tables
from tools.chaos.world import Died, Worker, World

_HOST = json.loads((Path(wiring.__file__).parents[2] / "host.json").read_text())
_QUEUES, _HUB = _HOST["extensions"]["queues"], _HOST["extensions"]["eventHubs"]

_EVENT_GRID = (10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0)
"""Seconds before each retry of Event Grid; the last one repeats for a day."""

_MOST_ATTEMPTS = 30
_FIRST_RETRY, _LONGEST_RETRY = 5.0, 600.0  # of a batch of the hub, in seconds: see function_app.py
_TIMEOUT = 600.0
_ABANDONED = 600.0  # seconds until the message of a dead host becomes visible
_LOST_CHECKPOINTS = 0.005
_PARTITIONS = 2
_WORKERS = 3


def simulated(faults: Faults) -> dict[str, TableClient]:
    """Tables in memory, by name."""
    return {name: TableClient(name, faults) for name in names.TABLES}


class Process(Worker):
    """A worker process of the Functions host, with its app."""

    def __init__(self, skew: float, clock: Callable[[], float]) -> None:
        super().__init__(skew)
        self.app = wiring.build(os.environ, clock)


class Azure:
    """The subscription, with the function app in it."""

    def __init__(
        self, world: World, faults: Faults, receivers: Receivers, tables: Tables = simulated
    ) -> None:
        self._world = world
        self._receivers = receivers
        self._processes: list[Process] = []
        self._now: list[Process] = []
        self._patches = ExitStack()
        self._undelivered: list[str] = []
        most, hidden = int(_QUEUES["maxDequeueCount"]), _seconds(_QUEUES["visibilityTimeout"])
        self.queues = {name: Messages(world, name) for name in names.DEAD_LETTERS}
        for name in (names.ALERTS, names.RECHECKS):
            dead = self.queues[f"{name}-poison"]
            self.queues[name] = Messages(world, name, _ABANDONED, dead, most)
        self._again = hidden
        self._storage = SimpleNamespace(
            queue=lambda name: QueueClient(self.queues[name], faults),
            table=tables(faults).__getitem__,
        )
        self._partitions = [Partition(world, self._invoke) for _ in range(_PARTITIONS)]

    def __enter__(self) -> "Azure":
        """Replace the clients and the clock of this process."""
        for target, name, value in (
            (parts, "storage", lambda _: self._storage),
            (
                parts,
                "TableStore",
                partial(TableStore, sleep=self._world.spend),
            ),
            (parts, "Courier", partial(Courier, send=self._receivers.post)),
            (triggers, "app", lambda: self._now[-1].app),
            (log_lines, "_logger", SimpleNamespace(log=lambda *_, **__: None)),
        ):
            self._patches.enter_context(patch.object(target, name, value))
        for name, trigger in ((names.ALERTS, triggers.deliver), (names.RECHECKS, triggers.recheck)):
            handle = partial(self._one_by_one, self.queues[name], trigger)
            Poller(self._world, self.queues[name], int(_QUEUES["batchSize"]), 0.5, handle)
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()

    def hand_over(self, delivery: Delivery) -> None:
        """What Event Grid and the diagnostic setting do with an event."""
        if delivery.door == "changes":
            self._attempt(delivery.body, 0)
        else:
            self._world.random.choice(self._partitions).send(delivery.body)

    def put_back(self) -> None:
        """What an operator does: `registrywatch redeliver`, for each dead-letter queue."""
        made = {name: Queue(self._storage.queue(name)) for name in names.QUEUES}
        clock = self._world.clock
        redeliver(made[names.ALERTS_POISON], made[names.ALERTS], clock, lambda _: None)
        for name in (names.RECHECKS_POISON, names.PARKED):
            for _ in move(made[name], made[names.RECHECKS], clock):
                pass

    def dead_letters(self) -> list[str]:
        """The contents of dead-letter queues; for parked records, the record itself."""
        held = [
            each.body for name in names.DEAD_LETTERS for each in self.queues[name].held.values()
        ]
        return [*self._undelivered, *(str(json.loads(body).get("record", body)) for body in held)]

    def waiting(self) -> int:
        """How many messages wait to be handled."""
        queued = sum(len(self.queues[name].held) for name in (names.ALERTS, names.RECHECKS))
        return queued + sum(len(each.waiting) for each in self._partitions)

    def _attempt(self, body: str, attempt: int) -> None:
        """Event Grid's attempt to deliver an event; it schedules the next one if this fails."""
        event = _event(json.loads(body))
        try:
            self._invoke(lambda: triggers.event_grid(event))
        except (Died, RegistrywatchError):
            if attempt + 1 == _MOST_ATTEMPTS:
                self._undelivered.append(body)
                return
            due = self._world.now + _EVENT_GRID[min(attempt, len(_EVENT_GRID) - 1)]
            self._world.at(due, lambda: self._attempt(body, attempt + 1))

    def _one_by_one(
        self, queue: Messages, trigger: Callable[[str], None], messages: list[Held]
    ) -> None:
        for message in messages:
            try:
                self._invoke(partial(trigger, message.body))
            except Died:
                continue
            except RegistrywatchError:  # the message becomes visible again
                queue.hide(message.id, self._again)
                continue
            queue.delete(message.id)

    def _invoke(self, function: Callable[[], None]) -> None:
        """Run a trigger in a free process, or in a new one if all are busy."""
        free = [each for each in self._processes if not each.busy]
        if len(self._processes) < _WORKERS or not free:
            free = [Process(self._world.worker().skew, self._world.clock)]
            self._processes += free
        process = self._world.random.choice(free)
        self._now.append(process)
        try:
            self._world.invoke(process, _TIMEOUT, function)
        finally:
            self._now.pop()
            if process.is_dead:
                self._processes.remove(process)


class Partition:
    """A partition of the event hub: batches in order, each retried until it succeeds."""

    def __init__(self, world: World, invoke: Callable[[Callable[[], None]], None]) -> None:
        self.waiting: list[str] = []
        self._world = world
        self._invoke = invoke
        self._is_due = False

    def send(self, body: str) -> None:
        self.waiting.append(body)
        self._soon(_seconds(_HUB["maxWaitTime"]))

    def _soon(self, seconds: float) -> None:
        if not self._is_due:
            self._is_due = True
            self._world.at(self._world.now + seconds, self._take)

    def _take(self) -> None:
        most = self._world.random.randint(1, int(_HUB["maxEventBatchSize"]))
        self._attempt(self.waiting[:most], 0)

    def _attempt(self, batch: list[str], retries: int) -> None:
        """Handle a batch; the host retries it without end, and reads it again after a crash."""
        messages = [SimpleNamespace(get_body=body.encode) for body in batch]
        retry = SimpleNamespace(retry_count=retries) if retries else None
        context = SimpleNamespace(retry_context=retry)
        try:
            self._invoke(lambda: triggers.event_hub(messages, context))
        except Died:
            self._world.at(self._world.now + 30.0, self._take)
            return
        except RegistrywatchError:
            wait = min(_FIRST_RETRY * 2.0**retries, _LONGEST_RETRY)
            self._world.at(self._world.now + wait, lambda: self._attempt(batch, retries + 1))
            return
        if self._world.random.random() > _LOST_CHECKPOINTS:
            del self.waiting[: len(batch)]
        self._is_due = False
        if self.waiting:
            self._soon(0.0)


def _event(event: dict[str, Any]) -> Any:
    """An event as the worker gives it to the trigger: a func.EventGridEvent."""
    return SimpleNamespace(
        id=event["id"],
        topic=event["topic"],
        subject=event["subject"],
        event_type=event["eventType"],
        event_time=datetime.fromisoformat(event["eventTime"]),
        get_json=lambda: event["data"],
        data_version=event["dataVersion"],
    )


def _seconds(text: str) -> float:
    hours, minutes, seconds = map(int, text.split(":"))
    return float(hours * 3600 + minutes * 60 + seconds)
