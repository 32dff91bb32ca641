"""One run: a scenario played to one cloud's chain under faults, and the verdict on it."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Any, Protocol
from unittest.mock import patch

import msgspec

from registrywatch.delivery import courier
from tests.builders.clock import T0
from tools.chaos.aws import Aws, environ
from tools.chaos.azure import Azure, simulated
from tools.chaos.dynamodb import DynamoDb
from tools.chaos.faults import Faults, Outage
from tools.chaos.mistakes import NONE, Mistake
from tools.chaos.receivers import Mood, Receivers
from tools.chaos.traffic import HOUR, LATE, THRESHOLD, Cloud, Delivery, Scenario, scenario_of
from tools.chaos.vendors import Tables
from tools.chaos.verdict import FOLDING, PLAIN, Broken, Verdict
from tools.chaos.world import Bounds, Endless, World

DESTINATIONS = {
    "REGISTRYWATCH_WEBHOOK_URL": f"https://chaos.test/{PLAIN}",
    "REGISTRYWATCH_WEBHOOK_FOLD_SECONDS": "0",
    "REGISTRYWATCH_WEBHOOK__OPS__URL": f"https://chaos.test/{FOLDING}",
    "REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD": str(THRESHOLD),
    "REGISTRYWATCH_ACR_EXCESSIVE_IMAGE_PULL_THRESHOLD": str(THRESHOLD),
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}

_ATTEMPTS, _BURSTS = 60, 4
"""The runs that look for a mistake: many short scenarios find one sooner than a few long ones."""

_BRIEF = Bounds(moves=60_000, seconds=30.0)


class Chain(Protocol):
    """A cloud around the functions."""

    def hand_over(self, delivery: Delivery) -> None: ...
    def put_back(self) -> None: ...
    def dead_letters(self) -> list[str]: ...
    def waiting(self) -> int: ...


class Result(msgspec.Struct, frozen=True):
    """The result of a run. `faults` is the number of faults of each kind."""

    cloud: Cloud
    bursts: int
    near_misses: int
    changes: int
    deliveries: int
    posts: int
    dead_letters: int
    dead_events: int
    faults: dict[str, int]
    moves: int
    seconds: float
    broken: list[Broken]


def run(
    cloud: Cloud,
    seed: int,
    bursts: int,
    bounds: Bounds,
    mistake: Mistake = NONE,
    tables: Tables | None = None,
) -> Result:
    """Play the scenario until nothing waits, put dead letters back, and judge the result."""
    began = time.monotonic()
    world = World(seed, bounds)
    faults = Faults(world, mistake.rates)
    receivers = Receivers(world, faults)
    scenario = scenario_of(cloud, world.random, bursts)
    faults.outages, receivers.moods = _trouble(world.random, scenario)
    verdict = Verdict()
    dead = events = 0
    with ExitStack() as stack:
        stack.callback(random.setstate, random.getstate())
        random.seed(seed)
        stack.enter_context(patch.dict("os.environ", environ(DESTINATIONS)))
        stack.enter_context(patch.object(courier, "ThreadPoolExecutor", _OneByOne))
        stack.enter_context(mistake.make())
        chain = stack.enter_context(_chain(cloud, world, faults, receivers, tables))
        try:
            for each in scenario.deliveries:
                world.at(each.due, partial(chain.hand_over, each))
            world.run()
            lying = chain.dead_letters()
            dead = len(lying)
            events = sum('"destination"' not in body for body in lying)
            faults.are_over = True
            world.at(world.now + HOUR, chain.put_back)
            world.run()
        except Endless as endless:
            verdict.note("the chain comes to rest", str(endless))
        left = chain.dead_letters()
        verdict.note("nothing waits in the end", *["a message"] * chain.waiting())
        _judge_the_dead(verdict, scenario, left)
    verdict.judge(scenario, receivers.taken, faults.excused)
    return Result(
        cloud,
        len(scenario.bursts),
        len(scenario.near_misses),
        len(scenario.changes),
        len(scenario.deliveries),
        sum(map(len, receivers.taken.values())),
        dead,
        events,
        dict(faults.counted),
        world.moves,
        time.monotonic() - began,
        verdict.broken(),
    )


def caught(mistake: Mistake, seed: int) -> Result | None:
    """The first of several short runs, with different seeds, whose verdict finds the mistake.

    The same run without the mistake must keep every promise.
    """
    without = msgspec.structs.replace(mistake, make=NONE.make)
    for attempt in range(_ATTEMPTS):
        for cloud in mistake.clouds:
            result = run(cloud, seed + attempt, _BURSTS, _BRIEF, mistake)
            if not result.broken:
                continue
            if not run(cloud, seed + attempt, _BURSTS, _BRIEF, without).broken:
                return result
    return None


def _chain(
    cloud: Cloud, world: World, faults: Faults, receivers: Receivers, tables: Tables | None
) -> AbstractContextManager[Chain]:
    if cloud == "aws":
        return Aws(world, faults, receivers, tables or DynamoDb)
    return Azure(world, faults, receivers, tables or simulated)


def _trouble(rng: random.Random, scenario: Scenario) -> tuple[list[Outage], list[Mood]]:
    """When services and destinations are down: for minutes, and two of them for hours at the end.

    Hours are longer than events wait in their queues, so these events become dead letters.
    """
    outages, moods = [], []
    for service in ("table", "queue"):
        start = T0 + scenario.lasts * rng.random()
        outages.append(Outage(service, start, start + rng.uniform(60, 900)))
    for name in (PLAIN, FOLDING):
        for how in ("429", "500", "hangs", "404"):
            start = T0 + scenario.lasts * rng.random()
            moods.append(Mood(name, how, start, start + rng.uniform(60, 1200)))
    late = T0 + scenario.lasts + LATE
    outages.append(Outage("table", late, late + 7 * HOUR))
    start = T0 + scenario.lasts * 0.9
    moods.append(Mood(PLAIN, "503", start, start + 7 * HOUR))
    return outages, moods


def _judge_the_dead(verdict: Verdict, scenario: Scenario, left: list[str]) -> None:
    lost = scenario.unprocessable - len(set(left))
    verdict.note("what can't be handled is a dead letter", *["a record"] * max(lost, 0))
    verdict.note("what can be handled is no dead letter", *["a message"] * max(-lost, 0))


class _OneByOne:
    """A thread pool that runs everything in this thread, so that the seed decides the order."""

    def __init__(self, max_workers: int) -> None:
        pass

    def __enter__(self) -> "_OneByOne":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, function: Callable[[Any], Any], many: Any) -> list[Any]:
        return [function(each) for each in many]
