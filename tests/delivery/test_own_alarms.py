"""Alerts about registrywatch's own alarms: they arrive if they can, and ring no alarm themselves.

An alarm rings for a dead letter, for an alert that is late (an outcome with an age), and for a
message that failed. None of these may be a message about an alarm: it would feed itself.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from registrywatch.alerts import Alert
from registrywatch.alerts.alarm import RULE, Alarm, alert_of_alarm
from registrywatch.delivery import read_message
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.ledger import MemoryLedger
from registrywatch.delivery.message import (
    Message,
    Outcome,
    decode_message,
    messages_for,
)
from registrywatch.errors import StoreError
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.delivery.world import START, TAKEN, MemoryQueue, World, all_kinds, webhook

DOWN = Answer("try_again", "answered 503", 503)
REFUSED = Answer("refused", "answered 400", 400)
HOUR = 3600.0


def an_alarm(instance: str = "1", *, over: bool = False) -> Alert:
    return alert_of_alarm(
        Alarm(
            cloud="azure",
            name="registrywatch-late",
            instance=instance,
            description="an alert has not reached its destination",
            severity=Severity.HIGH,
            time="2026-08-01T09:10:12Z",
            reasons=("rows: 3",),
            about=("destination slack",),
            lasts=True,
            over=over,
        )
    )


class Broken:
    """A ledger, or the way onto a queue, that fails so often (1: always)."""

    def __init__(self, whole: Any, rate: float, chance: random.Random) -> None:
        self._whole, self._rate, self._chance = whole, rate, chance

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._whole, name)

        def call(*values: Any) -> Any:
            if self._chance.random() < self._rate:
                raise StoreError("the store does not answer")
            return part(*values)

        return call


def about_alarms(world: World) -> list[Outcome]:
    """Deliver until nothing waits; what became of the messages that are about alarms."""
    return [outcome for rule, outcome in run(world) if rule == RULE]


def run(world: World) -> Iterator[tuple[str, Outcome]]:
    """Deliver until nothing waits, by the door that the functions use: each message's rule too."""
    while True:
        while (body := world.queue.take()) is not None:
            outcome = world.courier.deliver(read_message(body))
            if not outcome.acknowledged:
                world.queue.put(body, 30)
            message = decode_message(body)
            yield (message.alert if isinstance(message, Message) else message).rule, outcome
        if world.queue.next_due is None:
            return
        world.now = world.queue.next_due


@pytest.mark.parametrize("answer", [DOWN, REFUSED])
def test_an_alarm_about_a_destination_reaches_the_others_and_is_no_dead_letter_at_that_one(
    answer: Answer,
) -> None:
    world = World(*all_kinds(), slack=lambda *_: answer)
    world.send(an_alarm())
    outcomes = about_alarms(world)
    assert all(len(world.posts[each]) >= 1 for each in ("pagerduty", "teams", "webhook"))
    assert world.queue.dead == []
    [given_up] = [each for each in outcomes if each.result == "given_up"]
    assert (given_up.destination, given_up.rule) == ("slack", RULE)
    assert all(each.age is None for each in outcomes)


def test_an_ordinary_alert_beside_it_is_late_and_then_a_dead_letter() -> None:
    world = World(webhook(fold_seconds=0), webhook=lambda *_: DOWN)
    world.send(an_alert(), an_alarm())
    ages = [each.age for _, each in run(world) if each.age is not None]
    assert max(ages) >= 6 * HOUR
    [dead] = world.queue.dead
    assert isinstance(dead, Message)
    assert dead.alert.rule == an_alert().rule


def test_the_end_of_an_alarm_resolves_what_its_beginning_opened() -> None:
    world = World(*all_kinds())
    world.send(an_alarm())
    world.run()
    world.send(an_alarm(over=True))
    world.run()
    opened, closed = (body.decode() for body in world.posts["pagerduty"])
    assert '"event_action":"trigger"' in opened.replace(" ", "")
    assert '"event_action":"resolve"' in closed.replace(" ", "")
    assert an_alarm().id in opened
    assert an_alarm().id in closed


def test_two_alarms_are_never_folded_into_one_message() -> None:
    world = World(webhook(fold_seconds=900))
    world.send(an_alarm("1"), an_alarm("2"))
    world.run()
    assert len(world.posts["webhook"]) == 2


def test_a_dead_table_is_reported_without_the_table() -> None:
    world = World(*all_kinds())
    world.courier = world.new_courier(ledger=Broken(MemoryLedger(), 1, random.Random(1)))
    world.send(an_alarm())
    assert [each.result for each in about_alarms(world)] == ["delivered"] * 4
    assert all(len(posts) == 1 for posts in world.posts.values())


def test_a_dead_queue_is_reported_without_the_queue() -> None:
    world = World(*all_kinds(), teams=lambda *_: DOWN)
    world.courier = world.new_courier(queue=Broken(world.queue, 1, random.Random(1)))
    outcome = world.courier.deliver(an_alarm())
    assert outcome.acknowledged
    assert [len(world.posts[name]) for name in ("slack", "pagerduty", "webhook")] == [1, 1, 1]
    assert "teams: given_up" in str(outcome.reason)


def test_an_ordinary_alert_still_fails_where_the_store_does() -> None:
    world = World(webhook())
    world.courier = world.new_courier(ledger=Broken(MemoryLedger(), 1, random.Random(1)))
    [message] = messages_for(an_alert(), world.destinations, world.now)
    assert not world.courier.deliver(message).acknowledged


@pytest.mark.parametrize("seed", range(30))
def test_whatever_fails_an_alarm_ends_and_rings_nothing(seed: int) -> None:
    chance = random.Random(seed)
    rate = chance.choice([0.0, 0.1, 0.5, 1.0])

    def moody(request: Request, now: float) -> Answer:
        if chance.random() < 0.05:
            raise ValueError("a fault of our own")
        return chance.choice([DOWN, DOWN, REFUSED, TAKEN])

    world = World(*all_kinds(), slack=moody, pagerduty=moody, teams=moody, webhook=moody)
    queue = MemoryQueue(lambda: world.now)
    world.queue = queue
    world.courier = world.new_courier(
        ledger=Broken(MemoryLedger(), rate, chance), queue=Broken(queue, rate, chance)
    )
    for number in range(5):
        for over in (False, True):
            for each in messages_for(an_alarm(str(number), over=over), world.destinations, START):
                queue.send(each)
    outcomes = about_alarms(world)
    assert outcomes
    assert all(each.acknowledged for each in outcomes)
    assert all(each.age is None for each in outcomes)
    dead = [each for each in queue.dead if isinstance(each, Message)]
    assert all(each.alert.rule != RULE for each in dead)
