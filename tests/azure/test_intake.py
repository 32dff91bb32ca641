"""What comes in: one record's trouble is its own, and nothing is lost silently."""

import json
import logging
from collections.abc import Sequence

import msgspec
import pytest

from functions.azure.intake import Intake
from registrywatch.azure.parked_queue import Parked, Parking, decode
from registrywatch.checks.arrivals import Arrivals
from registrywatch.detector import Outcome
from registrywatch.errors import StoreError
from registrywatch.events import RegistryEvent
from registrywatch.rows import MemoryRows
from tests.azure.given import QueueInMemory, Scene
from tests.builders.azure import deleted, event_grid, hub, logged, plan_changed
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json

FORCED = "acr-forced-repository-deletion"


class Door:
    """An intake; `parked` is what it put aside."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.queue = QueueInMemory()
        self._intake = Intake(self._detect, Parking(self.queue), Arrivals(MemoryRows(), lambda: T0))

    def _detect(self, events: Sequence[RegistryEvent]) -> Outcome:
        return self.scene.watcher.handle(events)

    def take(self, *documents: Json | bytes, last_try: bool = False) -> None:
        bodies = [
            each if isinstance(each, bytes) else msgspec.json.encode(each) for each in documents
        ]
        self._intake.take("event-hub", bodies, last_try=last_try)

    @property
    def parked(self) -> list[Parked]:
        return [decode(text) for text, _ in self.queue.messages]


@pytest.fixture
def door(scene: Scene) -> Door:
    return Door(scene)


def gone(repository: str = "orders-api") -> Json:
    return logged("Delete", image=None, tag=None, status="202", repository=repository)


def test_a_broken_record_is_parked_with_its_reason_and_harms_no_other(door: Door) -> None:
    broken = {**gone(), "time": "yesterday"}
    door.take(hub(gone(repository="one"), broken, gone(repository="two")), hub(gone()))
    assert door.scene.rules() == [FORCED] * 3
    [parked] = door.parked
    assert "'yesterday' is not ISO 8601" in parked.reason
    assert parked.source == "event-hub"
    assert json.loads(parked.record) == {"records": [broken]}


@pytest.mark.parametrize("garbage", [b"", b"\xff\xfe", b"{", b'{"records":[{]}', b"[" * 50_000])
def test_a_message_that_is_no_json_is_parked_whole(door: Door, garbage: bytes) -> None:
    door.take(garbage, hub(gone()))
    assert door.scene.rules() == [FORCED]
    assert len(door.parked) == 1


def test_a_line_of_the_log_says_what_kinds_of_events_came(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "registrywatch"):
        door.take(hub(gone(), logged("Pull"), logged("Pull", "other"), logged("Untag")), b"{")
    *_, line, pulls = (json.loads(record.message) for record in caplog.records)
    assert (pulls["event"], pulls["pulls"]) == ("pulls", 2)
    assert line["event"] == "handled"
    assert line["what"] == "Pull 2, RepositoryDeleted 1"
    assert (line["records"], line["events"], line["parked"]) == (4, 3, 1)


def test_what_no_rule_reads_is_skipped(door: Door) -> None:
    other = event_grid("Microsoft.Storage.BlobCreated", {"api": "PutBlob"})
    door.take(hub(logged("Untag"), logged("Login")), other, hub())
    assert door.parked == []


@pytest.mark.parametrize("strange", [{"something": "else"}, hub({}), {"Records": [{}, {"a": 1}]}])
def test_what_is_not_understood_is_set_aside_and_never_taken_for_handled(
    door: Door, strange: Json
) -> None:
    door.take(strange, hub(gone()))
    assert door.scene.rules() == [FORCED]
    assert all("not understood" in parked.reason for parked in door.parked)
    assert door.parked


def test_a_store_that_fails_hands_the_whole_batch_back(door: Door) -> None:
    door.scene.fail_to_hand_over = True
    with pytest.raises(StoreError, match="1 of 2 documents failed: queue alerts: out of order"):
        door.take(hub(gone()), b"garbage")
    assert door.parked == [], "what is handed in again would be parked again"
    door.scene.fail_to_hand_over = False
    door.take(hub(gone()), b"garbage")
    assert door.scene.rules() == [FORCED]
    assert len(door.parked) == 1


def test_what_fails_to_the_last_is_parked_by_record(door: Door) -> None:
    door.scene.fail_to_hand_over = True
    door.take(hub(logged("Pull"), gone(repository="one")), last_try=True)
    [parked] = door.parked
    assert parked.reason == "queue alerts: out of order"
    assert "one" in parked.record
    assert "Pull" not in parked.record


def test_a_look_that_can_not_be_queued_fails_one_event_and_is_parked_in_the_end(
    door: Door,
) -> None:
    door.scene.queue.fails = True
    with pytest.raises(StoreError, match="1 of 2 documents failed: queue in-memory"):
        door.take(plan_changed(), hub(gone()))
    assert door.scene.rules() == [FORCED]
    door.take(plan_changed(), hub(gone()), last_try=True)
    assert any("pricings" in each.record for each in door.parked)


def test_event_grid_s_function_never_asks_resource_manager(door: Door) -> None:
    door.take(plan_changed())
    assert door.scene.azure.asked == []
    [(_, delay)] = door.scene.queue.messages
    assert delay == 0


def test_a_parking_queue_that_fails_too_leaves_the_batch_to_its_deliverer(door: Door) -> None:
    door.queue.fails = True
    with pytest.raises(StoreError):
        door.take(b"garbage")


def test_events_too_old_to_be_counted_are_parked(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = door.scene.watcher.handle

    def refusing(events: object) -> object:
        outcome = handle(events)  # type: ignore[arg-type]
        outcome.too_old.append(0)
        return outcome

    monkeypatch.setattr(door.scene.watcher, "handle", refusing)
    door.take(hub(logged("Pull")))
    assert "the counts of that time are no longer kept" in door.parked[0].reason


@pytest.mark.parametrize("text", ["x", "ü", "\U0001f600", "\x00", "\\"])
def test_a_record_of_any_size_fits_into_the_queue(door: Door, text: str) -> None:
    huge = {**deleted(), "eventTime": text * 100_000}
    door.take(huge)
    [message] = [text for text, _ in door.queue.messages]
    assert message.isascii()
    assert len(message) <= 48 * 1024
    assert not door.parked[0].whole
    assert door.parked[0].record.startswith('{"id":')
