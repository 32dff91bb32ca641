"""The traffic function: batches of SQS, counted, with the trouble of each message its own."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from registrywatch.aws.table import Table, TableRows
from registrywatch.aws.window_store import DynamoStore
from registrywatch.checks.arrivals import KIND, Arrivals
from registrywatch.errors import StoreError, UnreadableInput
from tests.aws.conftest import Account, Door, again, batch
from tests.builders import cloudtrail as ct
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json

Doors = Callable[[str], Door]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of the builders lie in the future; the detector takes its clock from here."""
    monkeypatch.setattr("functions.aws.wiring.clock", lambda: T0 + 60)


@pytest.fixture
def traffic(door: Doors, now: None) -> Door:
    return door("traffic")


def pulls(number: int, first: int = 0, **more: Any) -> list[Json]:
    return [ct.eventbridge(ct.pull(f"v{n}", **more)) for n in range(first, first + number)]


def test_a_batch_that_reaches_the_threshold_raises_one_alert(
    traffic: Door, account: Account
) -> None:
    assert again(traffic(batch(*pulls(100)))) == []
    [alert] = account.alerts()
    assert (alert["rule"], alert["count"]) == ("ecr-excessive-image-pull", 100)


def test_the_count_goes_on_over_batches(traffic: Door, account: Account) -> None:
    traffic(batch(*pulls(60)))
    assert account.alerts() == []
    traffic(batch(*pulls(60, first=40)))
    assert len(account.alerts()) == 1


def test_a_batch_delivered_twice_raises_no_second_alert(traffic: Door, account: Account) -> None:
    event = batch(*pulls(100))
    traffic(event)
    traffic(event)
    assert len(account.alerts()) == 1


def test_changes_that_come_this_way_are_judged_too(traffic: Door, account: Account) -> None:
    traffic(batch(ct.eventbridge(ct.delete_repository(force=True))))
    assert [alert["rule"] for alert in account.alerts()] == ["ecr-forced-repository-deletion"]


@pytest.mark.parametrize("body", ["not JSON", "{}", "[1]", '{"detail-type": "x"'])
def test_a_message_that_holds_no_event_is_parked_with_the_reason(
    body: str, traffic: Door, account: Account
) -> None:
    assert again(traffic(batch(body, *pulls(100)))) == []
    [(parked, reason)] = account.parked()
    assert parked == body
    assert reason
    assert len(account.alerts()) == 1


def test_a_record_that_can_not_be_read_is_parked(traffic: Door, account: Account) -> None:
    bad = ct.eventbridge({**ct.pull(), "eventTime": "yesterday"})
    assert again(traffic(batch(bad))) == []
    [(body, reason)] = account.parked()
    assert json.loads(body) == bad
    assert "BatchGetImage" in reason


def test_what_is_too_old_to_be_counted_is_parked(traffic: Door, account: Account) -> None:
    old = ct.eventbridge(ct.pull(at=T0 - 5 * 86_400))
    assert again(traffic(batch(old, *pulls(3)))) == []
    [(body, reason)] = account.parked()
    assert json.loads(body) == old
    assert "no longer kept" in reason


def test_a_group_that_the_store_fails_comes_again_alone(
    traffic: Door, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = DynamoStore.add
    failing: list[str] = []

    def fail_the_first_group(self: DynamoStore, group: str, *rest: Any) -> Any:
        if not failing:
            failing.append(group)
        if group in failing:
            raise StoreError("the table is throttled")
        return add(self, group, *rest)

    dev, ops = pulls(2, by=ct.role("Dev")), pulls(100, by=ct.role("Ops"))
    with monkeypatch.context() as throttled:
        throttled.setattr(DynamoStore, "add", fail_the_first_group)
        assert again(traffic(batch(*dev, *ops))) == ["m0", "m1"]
    assert [alert["actor"]["name"] for alert in account.alerts()] == ["Ops/alice"]
    assert again(traffic(batch(*dev))) == []


def test_what_can_not_be_parked_comes_again(traffic: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        traffic.module.dead_letters, "send_batch", lambda messages: {0: "it does not answer"}
    )
    assert again(traffic(batch("not JSON", *pulls(1)))) == ["m0"]


def test_a_person_may_send_a_bare_record(traffic: Door, account: Account) -> None:
    assert traffic(ct.pull(*map(ct.digest, range(100)))) == {"records": 1, "events": 1}
    assert len(account.alerts()) == 1


def test_anything_else_is_an_error(traffic: Door) -> None:
    with pytest.raises(UnreadableInput, match="expected an event of EventBridge"):
        traffic({"key1": "value1"})


def test_an_event_of_a_megabyte_is_taken(traffic: Door, account: Account) -> None:
    push = ct.push()
    push["requestParameters"]["imageManifest"] = "x" * 1_000_000
    assert again(traffic(batch(ct.eventbridge(push)))) == []
    assert account.parked() == []


def test_what_there_is_no_time_for_comes_again(traffic: Door, account: Account) -> None:
    """Changes need no table; a group that would outlast the invocation fails instead of all."""
    deletion = ct.eventbridge(ct.delete_repository(force=True))
    assert again(traffic(batch(deletion, *pulls(2)), seconds_left=15)) == ["m1", "m2"]
    assert [alert["rule"] for alert in account.alerts()] == ["ecr-forced-repository-deletion"]
    assert again(traffic(batch(*pulls(2)))) == []


def test_the_registry_is_noted_as_heard_and_trouble_with_that_fails_nothing(
    traffic: Door, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Arrivals(TableRows(Table(account.table), KIND), lambda: T0 + 60)
    assert again(traffic(batch(*pulls(3)))) == []
    assert [item.name for item in kept.items()] == ["arrivals 111122223333 eu-west-1"]

    def refuse(*_: object) -> None:
        raise StoreError("throttled")

    monkeypatch.setattr(traffic.module.arrivals, "note", refuse)
    assert again(traffic(batch(*pulls(3, first=3)))) == []
