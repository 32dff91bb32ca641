"""The door of the alert queue: what the host logs of a failure holds no secret."""

import traceback
from types import SimpleNamespace

import pytest

from functions.azure import triggers
from registrywatch.azure.parked_queue import encode as encode_parked
from registrywatch.delivery import encode_message, messages_for
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.errors import StoreError, UnreadableInput
from tests.builders.alerts import an_alert
from tests.delivery.world import START, World, webhook


def test_a_fault_of_our_own_gives_the_message_back_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def faulty(request: Request, now: float) -> Answer:
        raise ValueError(f"cannot use {request.url}")

    world = World(webhook(0), webhook=faulty)
    monkeypatch.setattr(triggers, "app", lambda: SimpleNamespace(courier=world.courier))
    [message] = messages_for(an_alert(), world.destinations, now=START)
    with pytest.raises(StoreError, match=r"^ValueError at test_alerts_door\.py:\d+$") as raised:
        triggers.deliver(encode_message(message))
    assert "example.test" not in "".join(traceback.format_exception(raised.value))


def test_a_parked_record_that_is_put_back_is_handled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[tuple[str, list[bytes]]] = []
    intake = SimpleNamespace(take=lambda source, documents: taken.append((source, documents)))
    monkeypatch.setattr(triggers, "app", lambda: SimpleNamespace(intake=intake))
    record = '{"records":[{"operationName":"Pull","n":"ü"}]}'
    triggers.recheck(encode_parked("event-hub", record.encode(), "the store failed"))
    assert taken == [("event-hub", [record.encode()])]
    with pytest.raises(UnreadableInput, match="only the beginning"):
        triggers.recheck(encode_parked("event-hub", b"x" * 100_000, "too long"))
