"""From the alert queue to a destination: once, patiently, or into the dead-letter queue."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from registrywatch.alerts import encode
from registrywatch.delivery import SecretStore, encode_message, messages_for
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.lane import LEASE_SECONDS
from registrywatch.delivery.message import Message, Unreadable, read_message
from registrywatch.delivery.pacing import GIVE_UP_SECONDS, wait_seconds
from registrywatch.errors import StoreError
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each
from tests.delivery.interleaving import Task
from tests.delivery.world import START, TAKEN, World, all_kinds, webhook

DOWN = Answer("try_again", "answered 503", 503)
REFUSED = Answer("refused", "answered 400: invalid_payload", 400)


def busy(after: float) -> Answer:
    return Answer("try_again", "answered 429", 429, after)


def in_turn(*answers: Answer) -> Callable[[Request, float], Answer]:
    """One answer after the other; then everything is taken."""
    left = list(answers)
    return lambda *_: left.pop(0) if left else TAKEN


def test_there_is_one_message_for_each_destination_whose_least_severity_is_reached() -> None:
    slack, pagerduty, teams, _ = all_kinds()
    strict = msgspec.structs.replace(pagerduty, min_severity=Severity.HIGH)
    messages = messages_for(an_alert(severity=Severity.MEDIUM), (slack, strict, teams), START)
    assert [message.destination for message in messages] == ["slack", "teams"]
    worst = messages_for(an_alert(severity=Severity.CRITICAL), (slack, strict, teams), START)
    assert [message.destination for message in worst] == ["slack", "pagerduty", "teams"]


def test_an_alert_reaches_every_destination() -> None:
    world = World(*all_kinds())
    world.send(an_alert())
    assert {outcome.result for outcome in world.run()} == {"delivered"}
    assert [len(posts) for posts in world.posts.values()] == [1, 1, 1, 1]


def test_a_bare_alert_on_the_queue_is_addressed_first() -> None:
    world = World(*all_kinds())
    world.queue.put(encode(an_alert()).decode())
    assert [outcome.result for outcome in world.run()] == ["addressed", *["delivered"] * 4]


def test_a_message_that_is_delivered_again_is_posted_once() -> None:
    world = World(webhook(fold_seconds=0))
    world.send(an_alert())
    world.send(an_alert())
    assert [outcome.result for outcome in world.run()] == ["delivered", "duplicate"]
    assert len(world.received()) == 1


def test_two_copies_that_are_delivered_at_once_make_one_post() -> None:
    world = World(webhook(fold_seconds=0))
    [message] = messages_for(an_alert(), world.destinations, START)
    first, second = (Task(encode_message(message), world) for _ in range(2))
    while not world.tries["webhook"]:
        first.step()
    while not second.done:
        second.step()
    while not first.done:
        first.step()
    outcomes = world.run()
    assert world.tries["webhook"] == 1
    assert [outcome.result for outcome in outcomes] == ["duplicate"]


def test_a_crash_between_the_claim_and_the_post_delays_the_alert_and_does_not_lose_it() -> None:
    world = World(webhook(fold_seconds=0))
    world.send(an_alert())
    body = world.queue.take()
    assert body is not None
    task = Task(body, world)
    for _ in range(3):  # begin, read the mark, write the claim
        task.step()
    task.step(crash=True)
    world.queue.put(body, 30)
    world.run()
    assert len(world.received()) == 1
    assert world.now - START == pytest.approx(LEASE_SECONDS, abs=1)


def test_a_destination_that_is_down_for_an_hour_gets_the_alert_when_it_is_back() -> None:
    world = World(
        webhook(fold_seconds=0), webhook=lambda _, now: DOWN if now < START + 3600 else TAKEN
    )
    world.send(an_alert())
    outcomes = world.run()
    assert len(world.received()) == 1
    assert 3600 <= world.now - START < 3600 + 900
    assert world.tries["webhook"] < 20
    delays = [outcome.seconds or 0 for outcome in outcomes[:-1]]
    assert delays[0] <= 2
    assert max(delays) <= 900


def test_a_destination_that_stays_down_ends_in_the_dead_letter_queue_with_the_reason() -> None:
    world = World(webhook(fold_seconds=0), webhook=lambda *_: DOWN)
    world.send(an_alert())
    *_, last = world.run()
    assert last.result == "dead_lettered"
    [dead] = world.queue.dead
    assert dead.reason == "given up after 6 hours: webhook: answered 503"
    assert isinstance(dead, Message)
    assert dead.alert == an_alert()
    assert GIVE_UP_SECONDS <= world.now - START < GIVE_UP_SECONDS + 2 * 900


def test_what_can_not_heal_goes_to_the_dead_letter_queue_at_once() -> None:
    world = World(webhook(fold_seconds=0), webhook=in_turn(REFUSED))
    world.send(an_alert())
    assert [outcome.result for outcome in world.run()] == ["dead_lettered"]
    assert world.queue.dead[0].reason == "webhook: answered 400: invalid_payload"


def test_retry_after_is_honoured() -> None:
    world = World(webhook(fold_seconds=0), webhook=in_turn(busy(120)))
    world.send(an_alert())
    world.run()
    assert 120 <= world.now - START <= 181


def test_a_retry_after_longer_than_a_queue_can_delay_is_honoured_too() -> None:
    world = World(webhook(fold_seconds=0), webhook=in_turn(busy(3600)))
    world.send(an_alert())
    world.run()
    assert world.now - START >= 3600
    assert world.tries["webhook"] == 2


def test_a_destination_that_asked_to_wait_is_left_alone_by_other_alerts_too() -> None:
    world = World(webhook(fold_seconds=0), webhook=in_turn(busy(60)))
    world.send(*(an_alert(number) for number in range(10)))
    world.run(until=START + 59)
    assert world.tries["webhook"] == 1
    world.run()
    assert len(world.received()) == 10


def test_a_failing_destination_does_not_delay_or_repeat_another() -> None:
    world = World(*all_kinds(), slack=lambda *_: DOWN)
    world.send(*(an_alert(number) for number in range(20)))
    world.run(until=START)
    assert [len(world.posts[name]) for name in ("slack", "pagerduty", "teams", "webhook")] == [
        0,
        20,
        20,
        20,
    ]
    world.run()
    notice = 1  # Slack does not answer: the others are informed
    assert [len(posts) - notice for posts in world.posts.values()] == [-1, 20, 20, 20]
    assert len(world.queue.dead) == 20


def test_a_queue_of_waiting_messages_is_not_churned() -> None:
    """Put back ever longer: a slow destination must not run up the queue's bill."""
    taken = 0

    def slow(request: Request, now: float) -> Answer:
        nonlocal taken
        taken += 1
        return TAKEN if taken % 2 else busy(1)

    world = World(webhook(fold_seconds=0), webhook=slow)
    world.send(*(an_alert(number) for number in range(300)))
    outcomes = world.run()
    assert len(world.received()) == 300
    assert len(outcomes) < 300 * 15


def test_a_body_that_is_no_message_is_a_dead_letter_as_it_is() -> None:
    world = World(webhook())
    outcome = world.courier.handle(read_message(b'{"not": "a message\xff"'))
    assert outcome.result == "dead_lettered"
    [dead] = world.queue.dead
    assert isinstance(dead, Unreadable)
    assert dead.unreadable.startswith('{"not": "a message')
    assert dead.reason.startswith("not a message of the alert queue")


def test_a_message_for_a_destination_that_is_gone_is_a_dead_letter() -> None:
    world = World(webhook())
    [message] = messages_for(an_alert(), all_kinds()[:1], START)
    outcome = world.courier.handle(message)
    assert outcome.result == "dead_lettered"
    assert outcome.reason == "no destination slack is configured"


@for_each("status", [400, 401, 403, 404, 410, 422])
def test_a_secret_that_was_changed_is_looked_up_again(status: int) -> None:
    stored = ["https://example.test/old", "https://example.test/new"]
    asked: list[str] = []

    class Ssm:
        def get_parameter(self, **asked_for: Any) -> Any:
            asked.append(asked_for["Name"])
            return {"Parameter": {"Value": stored[len(asked) - 1]}}

    def changed(request: Request, now: float) -> Answer:
        return TAKEN if request.url.endswith("new") else Answer("refused", "gone", status)

    to = webhook(0, url="ssm:/registrywatch/webhook")
    world = World(to)
    courier = world.new_courier(secrets=SecretStore(lambda _: Ssm()), send=changed)
    [message] = messages_for(an_alert(), (to,), START)
    assert courier.handle(message).result == "delivered"
    assert asked == ["/registrywatch/webhook"] * 2


def test_a_secret_that_was_not_changed_is_tried_once() -> None:
    world = World(webhook(0), webhook=lambda *_: Answer("refused", "answered 403", 403))
    world.send(an_alert())
    assert [outcome.result for outcome in world.run()] == ["dead_lettered"]
    assert world.tries["webhook"] == 1


def test_a_secret_that_can_not_be_looked_up_is_waited_for() -> None:
    to = webhook(0, url="ssm:/missing")
    world = World(to)

    class Down:
        def get_parameter(self, **_: Any) -> Any:
            from botocore.exceptions import EndpointConnectionError

            raise EndpointConnectionError(endpoint_url="https://ssm")

    courier = world.new_courier(secrets=SecretStore(lambda _: Down()))
    [message] = messages_for(an_alert(), (to,), START)
    outcome = courier.handle(message)
    assert outcome.result == "rescheduled"
    assert "ssm:/missing can't be read" in (outcome.reason or "")


def test_a_store_that_does_not_answer_is_the_queues_business() -> None:
    class Broken:
        def read(self, key: str) -> None:
            raise StoreError("table t: an entry can't be read: timeout")

        write = read

    world = World(webhook())
    courier = world.new_courier(ledger=Broken())
    [message] = messages_for(an_alert(), world.destinations, START)
    with pytest.raises(StoreError):
        courier.handle(message)
    assert world.tries["webhook"] == 0


def test_waits_grow_from_seconds_to_a_quarter_of_an_hour() -> None:
    waits = [wait_seconds(number, None, Severity.LOW, chance=0) for number in range(12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == 900
    assert wait_seconds(10_000, None, Severity.LOW, chance=1) == pytest.approx(600)


def test_waits_are_never_shorter_than_what_was_asked_for() -> None:
    assert wait_seconds(0, 100, Severity.LOW, chance=0) == 100
    assert wait_seconds(0, 100, Severity.LOW, chance=1) == pytest.approx(150)
    assert wait_seconds(20, 1, Severity.LOW, chance=0) == 900
