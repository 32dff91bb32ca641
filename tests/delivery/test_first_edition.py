"""What the first edition left on a queue and in the ledger is understood during an update.

first_edition.json was recorded from version 0.1.0: bodies as its worker wrote them, and the ledger
as it was after three alerts, of which two had been folded.
"""

from pathlib import Path

import msgspec
import pytest

from registrywatch.delivery.message import Message, Unreadable, read_message
from tests.builders.alerts import an_alert
from tests.delivery.world import START, World, webhook

MORE = "more alerts “Images Within a Repository Deleted”"


class Recorded(msgspec.Struct):
    bodies: dict[str, str]
    ledger: dict[str, str]


RECORDED = msgspec.json.decode(
    (Path(__file__).parent / "first_edition.json").read_bytes(), type=Recorded
)


def a_world() -> World:
    """Fifteen minutes after those alerts, with the ledger that the first edition left."""
    world = World(webhook())
    for key, value in RECORDED.ledger.items():
        world.ledger.write(key, bytes.fromhex(value), None)
    world.now = START + 900
    return world


def test_a_bare_alert_is_addressed() -> None:
    world = World(webhook())
    world.queue.put(RECORDED.bodies["bare alert"])
    assert [outcome.result for outcome in world.run()] == ["addressed", "delivered"]
    assert world.received() == [an_alert(1)]


@pytest.mark.parametrize("name", ["message", "put back", "dead letter"])
def test_a_message_is_delivered(name: str) -> None:
    world = World(webhook())
    world.queue.put(RECORDED.bodies[name])
    assert world.run()[-1].result == "delivered"
    assert world.received() == [an_alert(1)]


def test_an_alert_that_was_delivered_then_is_a_duplicate_now() -> None:
    world = a_world()
    world.queue.put(RECORDED.bodies["message"])
    assert [outcome.result for outcome in world.run()] == ["duplicate"]


def test_a_window_that_ends_after_the_update_has_its_follow_up() -> None:
    world = a_world()
    world.queue.put(RECORDED.bodies["window end"])
    assert [outcome.result for outcome in world.run()] == ["follow_up_sent", "delivered"]
    [got] = world.received()
    assert got.summary == f"2 {MORE} in prod/api by Dev/alice within 15 minutes"


def test_alerts_join_a_window_that_was_opened_before_the_update() -> None:
    world = a_world()
    world.now = START + 60
    world.send(an_alert(4))
    assert [outcome.result for outcome in world.run()] == ["folded"]
    world.now = START + 900
    world.queue.put(RECORDED.bodies["window end"])
    world.run()
    assert world.received()[-1].summary.startswith(f"3 {MORE}")


def test_a_follow_up_keeps_the_incident_that_it_was_given() -> None:
    message = read_message(RECORDED.bodies["follow up"])
    assert isinstance(message, Message)
    assert message.kind == "follow_up"
    assert message.incident is not None
    world = a_world()
    world.queue.put(RECORDED.bodies["follow up"])
    assert [outcome.result for outcome in world.run()] == ["delivered"]


def test_an_unreadable_letter_stays_unreadable() -> None:
    assert isinstance(read_message(RECORDED.bodies["unreadable"]), Unreadable)
