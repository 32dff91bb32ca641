"""`registrywatch check`: item by item what is right, and what to type to fix the rest."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from registrywatch.aws.table import Table, TableRows
from registrywatch.checks.arrivals import KIND, Arrivals
from registrywatch.checks.silence import HOUR
from registrywatch.cli import main
from registrywatch.cli.deployed import aws as on_aws
from registrywatch.cli.send_test import send_test
from registrywatch.delivery.ledger import DeliveryStatus, RowLedger, status_cell
from tests.aws.deployed import STACK, Deployed, deployed
from tests.builders import cloudtrail as ct
from tests.builders.clock import T0
from tests.builders.cloudtrail import REGION
from tests.builders.detecting import alerts, events_of
from tests.builders.moto import aws_in_memory

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with aws_in_memory(), deployed(monkeypatch) as stack:
        yield stack


def stop(stack: Deployed) -> None:
    stack.client("cloudtrail").stop_logging(Name="main")


def test_a_good_deployment_is_status_0(stack: Deployed, capsys: Captured) -> None:
    assert main(["check", "aws"]) == 0
    printed = capsys.readouterr().out
    assert "trail: main records the management events of eu-west-1, reads included" in printed
    assert "fix:" not in printed
    assert printed.endswith(" parts, all right.\n")


def test_what_is_wrong_is_status_1_and_says_what_to_type(stack: Deployed, capsys: Captured) -> None:
    stop(stack)
    assert main(["check", "aws"]) == 1
    printed = capsys.readouterr().out
    assert "trail: no trail of eu-west-1 is logging" in printed
    assert "fix: aws cloudtrail start-logging --name main\n" in printed
    assert printed.endswith(" parts, 1 not right.\n")


def test_json_is_an_object_a_line(stack: Deployed, capsys: Captured) -> None:
    stop(stack)
    assert main(["check", "aws", "--json", "--stack", STACK, "--region", REGION]) == 1
    items = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [item["name"] for item in items if item["standing"] != "right"] == ["trail"]
    assert items[0].keys() == {"name", "standing", "found", "fix", "minor", "refused"}


def test_a_silent_registry_is_an_item(stack: Deployed, capsys: Captured) -> None:
    noted = time.time() - 60 * HOUR
    rows = TableRows(Table(stack.physical["Table"]), KIND)
    [pull] = events_of([ct.pull("v1")])
    for hour in range(200, -1, -10):
        Arrivals(rows, lambda hour=hour: noted - hour * HOUR).note([pull])  # type: ignore[misc]
    assert main(["check", "aws"]) == 1
    printed = capsys.readouterr().out
    assert "arrivals 111122223333 eu-west-1: no event has arrived for " in printed
    assert printed.endswith(" parts, 1 not right.\n")


def test_a_bad_setting_and_a_lost_table_hide_no_item(stack: Deployed, capsys: Captured) -> None:
    configured(stack, REGISTRYWATCH_NO_SUCH_SETTING="1")
    stack.client("dynamodb").delete_table(TableName=stack.physical["Table"])
    assert main(["check", "aws"]) == 1
    printed = capsys.readouterr().out
    assert "table: the table is gone" in printed
    assert "arrivals of registries: could not be read" in printed
    assert "trail: main records" in printed


def test_another_stack_is_not_there(stack: Deployed, capsys: Captured) -> None:
    assert main(["check", "aws", "--stack", "other"]) == 1
    assert "there is no stack other" in capsys.readouterr().out


def test_azure_without_its_settings_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.delenv("REGISTRYWATCH_AZURE_REGISTRIES", raising=False)
    assert main(["check", "azure"]) == 2
    assert "REGISTRYWATCH_AZURE_REGISTRIES is not set" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["check"], ["check", "gcp"]])
def test_a_cloud_must_be_named(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2


# --send-test


WEBHOOK = {"REGISTRYWATCH_WEBHOOK_URL": "https://hooks.example.com/x"}


class Chain:
    """The deployed functions: `delivers` says whether what they get reaches the destination."""

    def __init__(self, stack: Deployed, *, delivers: bool) -> None:
        self.events: list[bytes] = []
        self.delivers = delivers
        self.now = T0
        self._answer, stack.answer = stack.answer, self.answer  # type: ignore[method-assign]
        self._table = stack.physical["Table"]

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any] | None:
        if operation != "Invoke":
            return self._answer(operation, request)
        self.events.append(request["Payload"])
        raised = alerts(json.loads(request["Payload"]))
        ledger = RowLedger(TableRows(Table(self._table), "delivery"))
        if self.delivers:
            cell = status_cell(ledger, raised[0].id, "webhook")
            cell.read()
            assert cell.swap(DeliveryStatus(state="delivered"))
        return {"StatusCode": 202}

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def configured(stack: Deployed, **variables: str) -> None:
    stack.client("lambda").update_function_configuration(
        FunctionName=stack.physical["ChangesFunction"], Environment={"Variables": variables}
    )


def sent(stack: Deployed, chain: Chain) -> list[tuple[str, str]]:
    items = send_test(on_aws.deployed(STACK), lambda: chain.now, chain.sleep)
    return [(item.name, item.standing) for item in items]


def test_a_marked_event_is_waited_for_until_it_is_delivered(stack: Deployed) -> None:
    configured(stack, **WEBHOOK)
    chain = Chain(stack, delivers=True)
    assert sent(stack, chain) == [("send test webhook", "right")]
    [event] = chain.events
    assert b"registrywatch-send-test" in event


def test_what_does_not_arrive_is_wrong_after_two_minutes(stack: Deployed) -> None:
    configured(stack, **WEBHOOK)
    chain = Chain(stack, delivers=False)
    assert sent(stack, chain) == [("send test webhook", "wrong")]
    assert 120 < chain.now - T0 < 130


def test_a_destination_that_takes_other_alerts_is_not_waited_for(stack: Deployed) -> None:
    configured(stack, **WEBHOOK, REGISTRYWATCH_WEBHOOK_MIN_SEVERITY="critical")
    chain = Chain(stack, delivers=False)
    assert sent(stack, chain) == [("send test webhook", "right")]
    assert chain.now == T0


def test_a_rule_that_is_off_is_said(stack: Deployed) -> None:
    configured(stack, **WEBHOOK, REGISTRYWATCH_ECR_MONITORING_REMOVED_ENABLED="false")
    chain = Chain(stack, delivers=False)
    assert sent(stack, chain) == [("send test", "wrong")]
    assert chain.events == []


def test_the_marked_event_says_what_it_is(stack: Deployed) -> None:
    configured(stack, **WEBHOOK)
    [alert] = alerts(json.loads(on_aws.deployed(STACK).marked(T0)))
    assert alert.rule == "ecr-monitoring-removed"
    assert "registrywatch check --send-test disabled the EventBridge rule" in alert.summary
