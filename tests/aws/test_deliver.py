"""The delivery function: the alert queue's messages, each with its own fate.

How delivery itself behaves is specified in tests/delivery.
"""

import json
from collections.abc import Callable

import pytest

from registrywatch.errors import SettingsError, StoreError
from tests.aws.conftest import Account, Door, again, batch
from tests.aws.test_alarms import OCCURRED
from tests.builders import cloudtrail as ct

Doors = Callable[[str], Door]


@pytest.fixture
def alert(door: Doors, account: Account) -> str:
    """A bare alert, as a person or the first edition sends it."""
    door("changes")(ct.delete_repository(force=True))
    [found] = account.alerts()
    return json.dumps(found)


@pytest.fixture
def deliver(door: Doors) -> Callable[[], Door]:
    """Open the door."""
    return lambda: door("deliver")


def test_an_alert_is_addressed_to_every_destination_that_wants_it(
    alert: str, deliver: Callable[[], Door], account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", "ssm:/registrywatch/slack")
    monkeypatch.setenv("REGISTRYWATCH_PAGERDUTY_ROUTING_KEY", "ssm:/registrywatch/pagerduty")
    monkeypatch.setenv("REGISTRYWATCH_TEAMS_WEBHOOK_URL", "ssm:/registrywatch/teams")
    monkeypatch.setenv("REGISTRYWATCH_TEAMS_MIN_SEVERITY", "critical")
    assert again(deliver()(batch(alert))) == []
    assert sorted(message["destination"] for message in account.addressed()) == [
        "pagerduty",
        "slack",
        "webhook",
    ]


def test_what_is_no_message_is_a_dead_letter_with_the_reason(
    deliver: Callable[[], Door], account: Account
) -> None:
    assert again(deliver()(batch("not JSON"))) == []
    [letter] = account.messages(account.dead_letters)
    assert "not a message of the alert queue" in json.loads(letter["Body"])["reason"]


def test_what_there_is_no_time_for_comes_again(alert: str, deliver: Callable[[], Door]) -> None:
    assert again(deliver()(batch(alert, alert), seconds_left=20)) == ["m0", "m1"]


def test_a_person_may_send_an_alert(
    alert: str, deliver: Callable[[], Door], account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", "ssm:/registrywatch/slack")
    delivery = deliver()
    delivery(json.loads(alert))
    assert [message["destination"] for message in account.addressed()] == ["slack", "webhook"]
    with pytest.raises(StoreError, match="no time"):
        delivery(json.loads(alert), seconds_left=20)


def test_an_alarm_of_the_stack_is_tried_at_once_and_not_by_the_queue(
    deliver: Callable[[], Door],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing may take from the queue: an alarm says just that."""
    monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", "ssm:/registrywatch/missing")
    deliver()(OCCURRED)
    tried = [vars(each) for each in caplog.records if each.message == "delivery"]
    assert [(each["destination"], each["result"]) for each in tried] == [
        ("slack", "rescheduled"),
        ("webhook", "rescheduled"),
    ]
    assert "UndeliveredSeconds" not in capsys.readouterr().out, "it rings nothing itself"


def test_how_old_a_waiting_alert_is_is_a_metric_of_its_destination(
    alert: str,
    deliver: Callable[[], Door],
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_SLACK_WEBHOOK_URL", "ssm:/registrywatch/missing")
    delivery = deliver()
    delivery(batch(alert))
    capsys.readouterr()
    delivery(batch(*(json.dumps(each) for each in account.addressed())))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    ages = [line for line in lines if "UndeliveredSeconds" in line]
    assert {line["destination"] for line in ages if "destination" in line} == {"slack", "webhook"}
    assert [line for line in ages if line.get("service") == "delivery"], "one for all of them"


@pytest.mark.parametrize("name", ["changes", "traffic", "deliver"])
def test_without_any_destination_no_function_starts(
    name: str, door: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REGISTRYWATCH_WEBHOOK_URL")
    with pytest.raises(SettingsError, match="no destination is set: alerts would vanish"):
        door(name)
