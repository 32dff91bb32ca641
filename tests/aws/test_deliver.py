"""The delivery function: the alert queue's messages, each with its own fate.

How delivery itself behaves is specified in tests/delivery.
"""

import json
from collections.abc import Callable

import pytest

from registrywatch.errors import StoreError
from tests.aws.conftest import Account, Door, again, batch
from tests.builders import cloudtrail as ct

Doors = Callable[[str], Door]


@pytest.fixture
def alert(door: Doors, account: Account) -> str:
    """An alert as it lies on the queue."""
    door("changes")(ct.delete_repository(force=True))
    [found] = account.alerts()
    return json.dumps(found)


@pytest.fixture
def deliver(door: Doors) -> Callable[[], Door]:
    """Opens the door."""
    return lambda: door("deliver")


def test_an_alert_is_addressed_to_every_destination_that_wants_it(
    alert: str, deliver: Callable[[], Door], account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", "ssm:/registrywatch/slack")
    monkeypatch.setenv("REGISTRYWATCH_PAGERDUTY_ROUTING_KEY", "ssm:/registrywatch/pagerduty")
    monkeypatch.setenv("REGISTRYWATCH_TEAMS_WEBHOOK_URL", "ssm:/registrywatch/teams")
    monkeypatch.setenv("REGISTRYWATCH_TEAMS_MIN_SEVERITY", "critical")
    assert again(deliver()(batch(alert))) == []
    assert sorted(message["destination"] for message in account.alerts()) == ["pagerduty", "slack"]


def test_what_is_no_message_is_buried_with_the_reason(
    deliver: Callable[[], Door], account: Account
) -> None:
    assert again(deliver()(batch("not JSON"))) == []
    [buried] = account.messages(account.dead_letters)
    assert "not a message of the alert queue" in json.loads(buried["Body"])["reason"]


def test_what_there_is_no_time_for_comes_again(alert: str, deliver: Callable[[], Door]) -> None:
    assert again(deliver()(batch(alert, alert), seconds_left=20)) == ["m0", "m1"]


def test_a_person_may_send_an_alert(
    alert: str, deliver: Callable[[], Door], account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", "ssm:/registrywatch/slack")
    delivery = deliver()
    delivery(json.loads(alert))
    assert [message["destination"] for message in account.alerts()] == ["slack"]
    with pytest.raises(StoreError, match="no time"):
        delivery(json.loads(alert), seconds_left=20)
