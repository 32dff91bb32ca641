"""A batch: no message and no destination harms another."""

import threading

import msgspec

from registrywatch.delivery import messages_for, read_message
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.message import Body
from tests.builders.alerts import an_alert
from tests.delivery.world import START, TAKEN, World, all_kinds, webhook


def batch_of(world: World, *numbers: int) -> dict[str, Body]:
    return {
        f"{message.destination}-{number}": message
        for number in numbers
        for message in messages_for(an_alert(number), world.destinations, START)
    }


def test_every_message_has_its_outcome() -> None:
    world = World(*all_kinds())
    batch = batch_of(world, 1, 2) | {"bad": read_message("no JSON")}
    outcomes = world.courier.deliver_batch(batch)
    assert list(outcomes) == list(batch)
    assert outcomes["bad"].result == "dead_lettered"
    assert {outcomes[name].result for name in batch if name != "bad"} == {"delivered"}
    assert all(outcome.acknowledged for outcome in outcomes.values())


def test_a_slow_destination_does_not_hold_up_the_others() -> None:
    others_done = threading.Semaphore(0)

    def slow(request: Request, now: float) -> Answer:
        for _ in range(3):
            assert others_done.acquire(timeout=10)
        return TAKEN

    def quick(request: Request, now: float) -> Answer:
        others_done.release()
        return TAKEN

    world = World(*all_kinds(), slack=slow, pagerduty=quick, teams=quick, webhook=quick)
    outcomes = world.courier.deliver_batch(batch_of(world, 1))
    assert {outcome.result for outcome in outcomes.values()} == {"delivered"}


def test_a_fault_of_our_own_fails_its_message_alone_and_shows_no_secret() -> None:
    def faulty(request: Request, now: float) -> Answer:
        raise ValueError(f"cannot use {request.url}")

    world = World(*all_kinds(), slack=faulty)
    outcomes = world.courier.deliver_batch(batch_of(world, 1))
    assert outcomes["slack-1"].result == "failed"
    assert not outcomes["slack-1"].acknowledged
    assert (outcomes["slack-1"].reason or "").startswith("ValueError at test_batch.py:")
    assert outcomes["teams-1"].result == "delivered"


def test_what_there_is_no_time_for_goes_back() -> None:
    world = World(webhook(0))
    left = iter([100.0, 20.0])
    outcomes = world.courier.deliver_batch(batch_of(world, 1, 2), seconds_left=lambda: next(left))
    assert [outcome.result for outcome in outcomes.values()] == ["delivered", "failed"]


def test_outcomes_can_be_logged() -> None:
    world = World(*all_kinds())
    for outcome in world.courier.deliver_batch(batch_of(world, 1)).values():
        text = repr(outcome) + msgspec.json.encode(outcome).decode()
        assert "example.test" not in text
        assert "k" * 32 not in text
