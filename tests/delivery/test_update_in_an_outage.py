"""What an earlier build of 0.2.0 left in the middle of an outage is understood by this one.

outage_of_0_2_0.json was recorded 40 minutes after the first of three alerts, while Slack answered
503 to each attempt: the messages that waited, each with the second at which it is due, and the
ledger, which the webhook's deliveries and the notice about Slack are in.
"""

from pathlib import Path

import msgspec

from registrywatch.delivery.destinations.slack import SLACK
from registrywatch.delivery.message import Message, read_message
from registrywatch.delivery.outage import RULE
from tests.builders.alerts import an_alert
from tests.delivery.world import START, World, of_kind, webhook

RECORDED_AT = START + 2400


class Recorded(msgspec.Struct):
    waiting: list[tuple[float, str]]
    ledger: dict[str, str]


RECORDED = msgspec.json.decode(
    (Path(__file__).parent / "outage_of_0_2_0.json").read_bytes(), type=Recorded
)
WAITING = [
    message.alert.id
    for message in (read_message(body) for _, body in RECORDED.waiting)
    if isinstance(message, Message)
]
"""The alerts that waited: the first of each rule, and the follow-up about the second."""


def updated() -> World:
    """Slack answers again, and this build goes on."""
    world = World(webhook(0), of_kind(SLACK, "https://example.test/slack", fold_seconds=900))
    for key, value in RECORDED.ledger.items():
        world.ledger.write(key, bytes.fromhex(value), None)
    world.now = RECORDED_AT
    for due, body in RECORDED.waiting:
        world.queue.put(body, START + due - RECORDED_AT)
    return world


def test_each_message_that_waited_is_delivered_once() -> None:
    world = updated()
    outcomes = [outcome for outcome in world.run() if outcome.destination == "slack"]
    delivered = [outcome.alert for outcome in outcomes if outcome.result == "delivered"]
    assert sorted(map(str, delivered)) == sorted(WAITING)
    assert {outcome.result for outcome in outcomes} <= {"delivered", "rescheduled"}
    assert len(world.posts["slack"]) == len(WAITING)
    assert world.queue.dead == []


def test_the_outage_ends_with_one_notice_to_those_that_were_informed() -> None:
    world = updated()
    world.run()
    [notice] = [alert for alert in world.received() if alert.rule == RULE]
    assert notice.title == "Destination Answers Again"
    assert notice.resolved


def test_what_the_webhook_had_taken_is_a_duplicate() -> None:
    world = updated()
    world.send(an_alert(1))
    results = [outcome.result for outcome in world.run() if outcome.destination == "webhook"]
    assert results.count("duplicate") == 1
