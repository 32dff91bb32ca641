"""What happens in the registries, and when its records are delivered: bursts that each need one
alert, near misses that need none, single changes, and records that can't be handled."""

import json
import random
from collections.abc import Iterator
from typing import Literal

import msgspec

from tests.builders import azure as az
from tests.builders import cloudtrail as ct
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json

THRESHOLD = 10
WINDOW = 600.0  # seconds; the quiet period is as long
HOUR, DAY = 3600.0, 86_400.0
LATE = 8 * HOUR
"""Seconds from the other bursts to the last ones, which happen in the table's outage."""

Cloud = Literal["aws", "azure"]
CLOUDS: tuple[Cloud, ...] = ("aws", "azure")
Door = Literal["traffic", "changes"]

_STEP = WINDOW / 12  # how much longer than the window a count may reach
_APART = 30.0  # seconds from the start of one burst to the next
_SECOND_BURST = 0.2
_PEOPLE = 5  # actors who change something: few, so that their alerts are folded
_OVERDUE = 5 * DAY
_PUBLIC = ct.allow("ecr:BatchGetImage")


class Delivery(msgspec.Struct, frozen=True):
    """A message, the time at which the cloud first delivers it, and the function."""

    due: float
    door: Door
    body: str


class Burst(msgspec.Struct, frozen=True):
    """Pulls by one actor that must raise one alert; the times of the first and last pull."""

    actor: str
    start: float
    end: float


class Change(msgspec.Struct, frozen=True):
    """A single event about a repository that raises an alert."""

    repository: str
    actor: str


class Scenario(msgspec.Struct):
    """A scenario. `lasts` is its duration in seconds; `unprocessable` records can't be handled."""

    lasts: float = 0.0
    deliveries: list[Delivery] = []
    bursts: list[Burst] = []
    near_misses: list[str] = []
    changes: list[Change] = []
    unprocessable: int = 0

    @property
    def actors(self) -> list[str]:
        """The actors that cause alerts, each as often as its alerts."""
        return [each.actor for each in self.bursts] + [each.actor for each in self.changes]


class _Writer:
    """Adds to a scenario what one cloud would deliver."""

    def __init__(self, cloud: Cloud, rng: random.Random) -> None:
        self.scenario = Scenario()
        self._cloud = cloud
        self._rng = rng
        self._ids = 0

    def burst(self, actor: str, start: float) -> None:
        """Pulls of at least `THRESHOLD` images within a window, in parts, each with its delay."""
        spread = self._rng.choice((20.0, 120.0, WINDOW - 10))
        images = range(THRESHOLD + self._rng.choice((0, 0, 1, THRESHOLD)))
        times = sorted(start + spread * self._rng.random() for _ in images)
        self._in_parts(actor, times)
        self.scenario.bursts.append(Burst(actor, times[0], times[-1]))

    def near_miss(self, actor: str, start: float) -> None:
        """Pulls of one image fewer than the threshold, some repeated; perhaps as many later."""
        self.scenario.near_misses.append(actor)
        for round_ in range(self._rng.randint(1, 2)):
            began = start + round_ * (2 * WINDOW + _STEP)
            spread = self._rng.uniform(5, WINDOW - 10)
            times = sorted(began + spread * self._rng.random() for _ in range(THRESHOLD - 1))
            self._in_parts(actor, times, first=round_ * THRESHOLD)
            for at in self._rng.sample(times, 3):
                self._pull(actor, round_ * THRESHOLD + times.index(at), at + 1, self._lag())

    def change(self, name: str, at: float) -> None:
        """A single event that raises an alert."""
        actor = f"person-{self._rng.randrange(_PEOPLE)}"
        self.scenario.changes.append(Change(name, actor))
        for door, body in self._change(name, actor, at):
            self._deliver(door, at + self._lag(), body)

    def unprocessable(self, at: float) -> None:
        """Two records that no retry can handle: one is not JSON, one is days too late."""
        self._deliver("traffic", at, f'{{"broken": "{self._id()}", ')
        too_old = T0 - _OVERDUE
        self._pull("too-old", 0, too_old, at - too_old)
        self.scenario.unprocessable += 2

    def _in_parts(self, actor: str, times: list[float], first: int = 0) -> None:
        parts = self._rng.randint(1, 4)
        lags = [self._lag() for _ in range(parts)]
        for number, at in enumerate(times):
            self._pull(actor, first + number, at, lags[number * parts // len(times)])

    def _lag(self) -> float:
        """A delay: mostly within half a minute, sometimes minutes, rarely hours."""
        longest = self._rng.choices((30.0, 700.0, 4 * HOUR), (80, 17, 3))[0]
        return longest * self._rng.random()

    def _pull(self, actor: str, image: int, at: float, lag: float) -> None:
        self._ids += 1
        due = at + lag + 3 * self._rng.random()
        if self._cloud == "aws":
            made = ct.pull(f"v{image}", by=ct.role(actor), at=at, event_id=self._id())
            self._deliver("traffic", due, json.dumps(ct.eventbridge(made)))
            return
        by = f"{actor}@example.com"
        made = az.logged("Pull", f"app-{image}", f"v{image}", by=by, at=at, correlation=self._id())
        self._deliver("traffic", due, json.dumps(az.hub(made)))

    def _change(self, name: str, actor: str, at: float) -> Iterator[tuple[Door, str]]:
        if self._cloud == "azure":
            by = f"{actor}@example.com"
            gone = az.deleted(None, name, request=self._id(), by=by, at=at, event_id=self._id())
            yield "changes", json.dumps(gone)
            # The registry's log reports it too, at a time some seconds different
            off = at + self._rng.choice((0.0, 1.0, 250.0)) * self._rng.random()
            record = az.logged(
                "Delete", None, None, name, status="202", by=by, at=off, correlation=self._id()
            )
            yield "traffic", json.dumps(az.hub(record))
            return
        common: Json = {"by": ct.role(actor), "at": at, "event_id": self._id()}
        made = self._rng.choice(
            (
                ct.delete_repository(name, force=True, **common),
                ct.set_policy(_PUBLIC, name, **common),
            )
        )
        yield "changes", json.dumps(ct.eventbridge(made))

    def _deliver(self, door: Door, due: float, body: str) -> None:
        """Deliver a document at least once."""
        for _ in range(2 if self._rng.random() < 0.1 else 1):
            self.scenario.deliveries.append(Delivery(due, door, body))
            due += self._rng.choice((1.0, 60.0, HOUR)) * self._rng.random()

    def _id(self) -> str:
        self._ids += 1
        return f"00000000-0000-4000-8000-{self._ids:012d}"


def scenario_of(cloud: Cloud, rng: random.Random, bursts: int) -> Scenario:
    """Bursts one after the other, half as many near misses, and a fifth as many changes."""
    writer = _Writer(cloud, rng)
    lasts = bursts * _APART + HOUR
    for number in range(bursts - int(bursts * _SECOND_BURST) - bursts // 50 - 1):
        start = T0 + (lasts - HOUR) * rng.random()
        writer.burst(f"burst-{number}", start)
        if number < int(bursts * _SECOND_BURST):  # the same actor again, an hour later
            writer.burst(f"burst-{number}", start + HOUR)
    for number in range(bursts // 50 + 1):  # during the table's outage of hours: see `run`
        writer.burst(f"burst-late-{number}", T0 + lasts + LATE + 600 * rng.random())
    for number in range(bursts // 2):
        writer.near_miss(f"near-{number}", T0 + (lasts - HOUR) * rng.random())
    for number in range(bursts // 5 + 1):
        writer.change(f"change-{number}", T0 + (lasts - HOUR) * rng.random())
    for _ in range(3):
        writer.unprocessable(T0 + lasts * rng.random())
    writer.scenario.lasts = lasts
    return writer.scenario
