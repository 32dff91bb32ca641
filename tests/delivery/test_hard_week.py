"""A hard week: outages of days, refusals, crashes, skewed clocks, an expiring ledger, redelivery.

Whatever comes together, each alert is sent by itself or counted in exactly one follow-up. Without
crashes nothing is posted twice.
"""

from collections.abc import Callable
from random import Random

import msgspec

from registrywatch.alerts import Alert, alert_id
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.fold import Fold
from registrywatch.delivery.ledger import KEEP_SECONDS, Entry, MemoryLedger
from registrywatch.delivery.message import Message, encode_message
from registrywatch.delivery.redelivery import Letter, afresh
from registrywatch.digests import digest
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each
from tests.delivery.interleaving import Task
from tests.delivery.world import START, TAKEN, World, webhook

FOLD = 60
HOUR, DAY = 3600.0, 86_400.0
DELAYS = (0, 0, 20, 59, 60, 61, 180, 850, 901, 7 * HOUR)


class ExpiringLedger(MemoryLedger):
    """Entries go after KEEP_SECONDS; `ever` has each fold as it was written last."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self._written: dict[str, float] = {}
        self.ever: dict[str, Fold] = {}

    def read(self, key: str) -> Entry | None:
        if self._written.get(key, 0.0) + KEEP_SECONDS < self._world.now:
            self._entries.pop(key, None)
        return super().read(key)

    def write(self, key: str, value: bytes, seen: Entry | None) -> Entry | None:
        written = super().write(key, value, seen)
        if written:
            self._written[key] = self._world.now
            if key[0] in "wk":
                fold = msgspec.msgpack.decode(value, type=Fold)
                self.ever[alert_id("follow-up", fold.id)] = fold
        return written


def timetable(random: Random) -> list[tuple[float, str]]:
    """From when on the destination is up, down or gone; in the end it is up."""
    at, plan = START, []
    for _ in range(random.randrange(5)):
        at += random.choice([60.0, HOUR, 7 * HOUR, 2 * DAY])
        plan.append((at, random.choice(["up", "down", "gone"])))
    return [*plan, (at + HOUR, "up")]


def a_week(seed: int, crashes: int) -> tuple[World, ExpiringLedger, list[Alert]]:
    random = Random(seed)
    plan = timetable(random)

    def behaves(_: Request, __: float) -> Answer:
        state = next((how for at, how in reversed(plan) if at <= world.now), "up")
        if state == "down":
            return Answer("try_again", "answered 503", 503)
        return TAKEN if state == "up" else Answer("refused", "answered 404", 404)

    world = World(webhook(fold_seconds=FOLD), webhook=behaves)
    ledger = ExpiringLedger(world)
    world.ledger = ledger
    alerts = [
        an_alert(number, repository=random.choice("ab")) for number in range(random.randint(1, 12))
    ]
    for alert in alerts:
        world.send(alert)
        body = world.queue.take()
        assert body is not None
        world.queue.put(body, random.choice(DELAYS))
    _run(world, random, crashes)
    while world.queue.dead:
        world.now = max(world.now, plan[-1][0]) + random.choice([60.0, HOUR, DAY, 10 * DAY])
        dead, world.queue.dead = world.queue.dead, []
        for message in dead:
            assert isinstance(message, Message)
            letter = Letter("id", START, "", message)
            for _ in range(1 + (random.random() < 0.2)):
                world.queue.put(afresh(letter, world.now, 10**6))
        _run(world, random, crashes=0)
    return world, ledger, alerts


def _run(world: World, random: Random, crashes: int) -> None:
    """Three couriers at once, whose clocks differ by up to 20 seconds."""
    running: list[Task] = []
    repeats = 5
    while running or len(world.queue):
        move = random.random()
        if (len(running) < 3 and move < 0.3) or not running:
            body = world.queue.take()
            if body is not None:
                running.append(Task(body, world, _skewed(world, random)))
                if repeats and random.random() < 0.2:
                    repeats -= 1
                    world.queue.put(body, random.choice([0, 1, 40, 200, 2 * HOUR]))
                continue
            if not running:
                world.now = world.queue.next_due or world.now
                continue
        if crashes and move > 0.95:
            world.now += random.choice([0.5, 5, 70])
        task = random.choice(running)
        crash = crashes > 0 and random.random() < 0.08
        crashes -= crash
        task.step(crash)
        if task.done:
            running.remove(task)
            if task.failed:
                world.queue.put(task.body, 30)


def _skewed(world: World, random: Random) -> Callable[[], float]:
    skew = random.choice([-10.0, 0.0, 10.0])
    return lambda: world.now + skew


def check(world: World, ledger: ExpiringLedger, alerts: list[Alert]) -> None:
    sent = {alert.id: alert for alert in world.received()}
    follow_ups = {name: alert for name, alert in sent.items() if name in ledger.ever}
    folded = [name for follow_up in follow_ups for name in ledger.ever[follow_up].folded]
    alone = {digest(name) for name in sent.keys() - follow_ups.keys()}
    assert len(folded) == len(set(folded)), "counted twice"
    assert alone.isdisjoint(folded), "sent by itself and counted"
    assert alone | set(folded) == {digest(alert.id) for alert in alerts}, "lost"
    for name, alert in follow_ups.items():
        assert int(alert.summary.split()[0]) == len(ledger.ever[name].folded)


@for_each("seed", range(25))
def test_without_crashes_every_alert_is_delivered_once(seed: int) -> None:
    world, ledger, alerts = a_week(seed, crashes=0)
    check(world, ledger, alerts)
    posted = [alert.id for alert in world.received()]
    assert len(posted) == len(set(posted))


@for_each("seed", range(25))
def test_with_crashes_every_alert_is_sent_or_counted_and_never_both(seed: int) -> None:
    check(*a_week(1000 + seed, crashes=6))


def test_a_dead_letter_comes_back_as_it_was() -> None:
    message = Message(destination="webhook", alert=an_alert(), since=START, waits=9, turn=5.0)
    text = afresh(Letter("id", START, "", message), START + 10, 10**6)
    fresh = msgspec.structs.replace(message, since=START + 10, waits=0, turn=0)
    assert text == encode_message(fresh)
