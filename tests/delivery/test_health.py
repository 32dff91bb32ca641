"""A destination that does not answer is noticed; the others are informed, also of the end."""

import itertools
from collections.abc import Callable

import msgspec
import pytest

from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.message import read_message
from registrywatch.delivery.outage import RULE, SILENT_SECONDS
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.delivery.world import START, TAKEN, World, all_kinds

DOWN = Answer("try_again", "answered 503", 503)


def down_until(seconds: float, answer: Answer = DOWN) -> Callable[[Request, float], Answer]:
    return lambda _, now: answer if now < START + seconds else TAKEN


def notices(world: World, name: str = "webhook") -> list[str]:
    return [alert.summary for alert in world.received(name) if alert.rule == RULE]


def test_after_half_an_hour_the_others_are_informed_once_and_again_when_it_is_well() -> None:
    world = World(*all_kinds(), slack=down_until(7200))
    world.send(*(an_alert(number) for number in range(37)))
    world.run(until=START + SILENT_SECONDS - 1)
    assert notices(world) == []
    world.run()
    assert notices(world) == [
        "Slack has not accepted any alert since 09:10 UTC; about 37 alerts wait",
        "Slack accepts alerts again, for the first time since 09:10 UTC",
    ]
    assert len(world.posts["slack"]) == 37, "the destination itself is not informed"


def test_pagerduty_gets_an_incident_and_its_end() -> None:
    world = World(*all_kinds(), slack=down_until(7200))
    world.send(an_alert(1))
    world.run()
    events = [msgspec.json.decode(body) for body in world.posts["pagerduty"]]
    _, silent, well = events
    assert (silent["event_action"], well["event_action"]) == ("trigger", "resolve")
    assert silent["payload"]["severity"] == "error"
    assert silent["dedup_key"] == well["dedup_key"]


def test_a_short_outage_is_reported_to_no_one() -> None:
    world = World(*all_kinds(), slack=down_until(SILENT_SECONDS / 2))
    world.send(an_alert(1), an_alert(2))
    world.run()
    assert notices(world) == []
    assert len(world.posts["slack"]) == 2


def test_a_second_outage_is_reported_again() -> None:
    def twice(_: Request, now: float) -> Answer:
        down = now < START + 3600 or START + 20_000 <= now < START + 23_600
        return DOWN if down else TAKEN

    world = World(*all_kinds(), slack=twice)
    world.send(an_alert(1))
    world.run(until=START + 20_000)
    world.send(an_alert(2))
    world.run()
    assert len(notices(world)) == 4


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_a_destination_that_refuses_its_key_is_noticed_too(status: int) -> None:
    """PagerDuty answers 400 to a key that was withdrawn, Slack 410 to a hook that is gone."""
    refusal = Answer("refused", f"answered {status}", status)
    world = World(*all_kinds(), slack=down_until(3600, refusal))
    for hours in (0, 0.6, 2):
        world.now = START + 3600 * hours
        world.send(an_alert(int(10 * hours)))
        world.run()
    assert notices(world) == [
        "Slack has not accepted any alert since 09:10 UTC; about 2 of 2 alerts are dead letters",
        "Slack accepts alerts again, for the first time since 09:10 UTC",
    ]


def test_a_success_of_another_worker_ends_an_outage_at_once() -> None:
    """A failure hours later is the first of another outage."""
    moments = {START + 10, START + 9000}
    world = World(*all_kinds(), slack=lambda _, now: DOWN if now in moments else TAKEN)
    others = world.new_courier()
    for at, courier in ((0, world.courier), (10, others), (30, world.courier), (9000, others)):
        world.now = START + at
        world.send(an_alert(at))
        while (body := world.queue.take()) is not None:
            courier.handle(read_message(body))
    assert notices(world) == []


def test_several_workers_tell_it_once() -> None:
    world = World(*all_kinds(), slack=down_until(7200))
    world.send(*(an_alert(number) for number in range(5)))
    couriers = [world.new_courier() for _ in range(3)]
    turn = 0
    while len(world.queue):
        while (body := world.queue.take()) is not None:
            couriers[turn % 3].handle(read_message(body))
            turn += 1
        world.now = world.queue.next_due or world.now
    assert len(notices(world)) == 2


def test_a_lone_destination_has_no_other_to_inform() -> None:
    slack, *_ = all_kinds()
    world = World(slack, slack=down_until(7200))
    world.send(an_alert(1))
    assert world.run()[-1].result == "delivered"


def test_every_outcome_says_how_old_the_alert_is() -> None:
    world = World(*all_kinds(), slack=down_until(3600))
    world.send(an_alert(1, severity=Severity.LOW))
    outcomes = [outcome for outcome in world.run() if outcome.destination == "slack"]
    ages = [outcome.age or 0.0 for outcome in outcomes]
    assert ages == sorted(ages)
    assert ages[-1] >= 3600
    assert {outcome.since for outcome in outcomes} == {START}
    longest = max(later - sooner for sooner, later in itertools.pairwise(ages))
    assert longest <= 900, "so an alarm on the age rings within half an hour"
