"""A critical alert does not wait behind a flood of others."""

import statistics
from random import Random

import msgspec
import pytest

from registrywatch.alerts import encode
from registrywatch.delivery.destinations.kind import Request
from registrywatch.delivery.destinations.slack import SLACK
from registrywatch.delivery.health import Pause
from registrywatch.delivery.ledger import MemoryLedger
from registrywatch.delivery.message import Body, messages_for
from registrywatch.delivery.pacing import reserve, wait_seconds
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.delivery.simulation import Bucket, Simulation
from tests.delivery.world import START, World, of_kind, webhook

LOWS = 500
PLAIN = msgspec.structs.replace(
    SLACK, request=lambda out: Request(out.given["WEBHOOK_URL"], encode(out.alert), {})
)
"""Slack's rate and answers; making its bodies would take most of the time of these tests."""


def critical_after(
    seed: int, *buckets: Bucket, repeated: int = 0
) -> tuple[list[float], Simulation]:
    """Five hundred low alerts over a minute, a critical one of another rule in the middle.

    How long the critical one took to each of the receivers, which are all Slack's.
    """
    names = ["slack", *(f"slack/{number}" for number in range(1, len(buckets)))]
    to = [of_kind(PLAIN, f"https://example.test/{name}", name=name) for name in names]
    world = Simulation(list(zip(to, buckets, strict=True)), Random(seed), repeated)
    for number in range(LOWS):
        at = START + 60 * number / LOWS
        world.raise_alert(
            an_alert(number, severity=Severity.LOW, repository=f"prod/{number}"), at=at
        )
    critical = an_alert(
        1, rule="ecr-repository-policy-applied", severity=Severity.CRITICAL, repository="prod/api"
    )
    world.raise_alert(critical, at=START + 30)
    world.run()
    return [bucket.arrived[critical.id] - (START + 30) for bucket in buckets], world


def check_all_arrived_once(world: Simulation, *buckets: Bucket) -> None:
    for bucket in buckets:
        assert len(bucket.arrived) == bucket.posts == LOWS + 1, "nothing lost, nothing doubled"
    assert world.dead == []


@pytest.mark.parametrize("retry_after", [1.0, 30.0])
def test_behind_hundreds_of_lows_at_slack_s_rate_a_critical_arrives_within_seconds(
    retry_after: float,
) -> None:
    bucket = Bucket(retry_after)
    waited, world = critical_after(0, bucket)
    check_all_arrived_once(world, bucket)
    assert max(bucket.arrived.values()) - START < 15 * 60, "8 minutes would be ideal"
    assert bucket.refused < LOWS / 20, "it is paced, not asked again and again"
    assert statistics.median(waited) <= 5
    assert max(waited) <= 30


def test_of_two_destinations_of_a_kind_neither_holds_up_the_other() -> None:
    """Each at its own rate; one message in twenty comes twice."""
    slack, other = Bucket(1.0), Bucket(30.0, rate=0.5)
    (waited, waited_at_other), world = critical_after(1, slack, other, repeated=5)
    check_all_arrived_once(world, slack, other)
    assert waited <= 5
    assert waited_at_other <= 30
    assert max(slack.arrived.values()) - START < 15 * 60


@pytest.mark.parametrize("back_after", [20.0, 120.0])
def test_messages_that_were_put_back_keep_their_place_behind_a_critical_one(
    back_after: float,
) -> None:
    """All fail at first and go back to the queue, while the other destination takes its own."""
    slack, other = Bucket(1.0, down=(0.0, back_after)), Bucket(1.0)
    (waited, waited_at_other), world = critical_after(2, slack, other, repeated=5)
    check_all_arrived_once(world, slack, other)
    assert waited_at_other <= 5
    assert waited <= max(back_after - 30, 0) + 60, "once it is up, within a critical one's wait"
    assert slack.failed < 100, "a destination that is down is not asked again and again"


def test_in_a_batch_the_worst_goes_first_and_of_these_the_oldest() -> None:
    world = World(webhook(0))
    grades = ["low", "critical", "medium", "critical"]
    batch: dict[str, Body] = {}
    for number, grade in enumerate(grades):
        alert = an_alert(number, severity=Severity(grade))
        [batch[str(number)]] = messages_for(alert, world.destinations, now=START - number)
    world.courier.deliver_batch(batch)
    assert [alert.id for alert in world.received()] == [an_alert(n).id for n in (3, 1, 2, 0)]


def test_turns_keep_to_the_rate_and_each_class_of_severity_has_its_own() -> None:
    ledger = MemoryLedger()
    low = [reserve(ledger, "slack", 1.0, Severity.LOW, START) for _ in range(10)]
    assert low[:2] == [START, START]
    assert low[-1] - START == pytest.approx(10.0)
    assert reserve(ledger, "slack", 1.0, Severity.CRITICAL, START) == START
    assert reserve(ledger, "slack", 1.0, Severity.HIGH, START) == START
    assert reserve(ledger, "teams", 1.0, Severity.LOW, START) == START


def test_the_worse_an_alert_the_sooner_it_is_tried_again() -> None:
    longest = {
        severity: max(wait_seconds(waits, None, severity, chance=0) for waits in range(20))
        for severity in Severity
    }
    assert longest[Severity.CRITICAL] == 60
    assert longest[Severity.HIGH] == 300
    assert longest[Severity.MEDIUM] == longest[Severity.LOW] == 900


def test_an_hour_that_was_asked_for_is_never_made_longer() -> None:
    assert wait_seconds(0, 3600, Severity.LOW, chance=1.0) == 3600


def test_a_destination_that_fails_in_a_row_is_left_alone_ever_longer_until_it_answers() -> None:
    pause = Pause()
    lengths = []
    for _ in range(8):
        pause.begin(START, None)
        lengths.append(pause.left(START))
    assert lengths == [5, 10, 20, 40, 80, 160, 320, 600]
    pause.end()
    assert pause.left(START) == 0
    pause.begin(START, 7)
    assert pause.left(START) == 7


def test_a_message_that_was_not_tried_keeps_its_rung() -> None:
    world = World(of_kind(SLACK, "https://example.test/slack"))
    world.send(*(an_alert(number, repository=f"prod/{number}") for number in range(30)))
    outcomes = world.run()
    assert {outcome.result for outcome in outcomes} == {"delivered", "rescheduled"}
    assert len(outcomes) <= 2 * 30 + 2, "each is put back until its turn, and no more"
