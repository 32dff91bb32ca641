"""docs/aws.md says what is so."""

import json
import re
from collections.abc import Callable

from tests.aws.conftest import Account, Door
from tests.aws.templates import FORWARDER, ROOT, load, resources

PAGE = (ROOT / "docs/aws.md").read_text()
RUNBOOK = (ROOT / "docs/runbook.md").read_text()


def test_the_test_event_raises_an_alert(door: Callable[[str], Door], account: Account) -> None:
    [event] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    door("changes")(json.loads(event))
    [alert] = account.alerts()
    assert (alert["rule"], alert["severity"]) == ("ecr-repository-policy-applied", "critical")


def test_every_parameter_is_in_the_table() -> None:
    named = set(re.findall(r"`([A-Za-z…]+)`", PAGE))
    for parameter in load()["Parameters"]:
        suffix = re.sub("^(Pull|Push)", "", parameter)
        spellings = {parameter, suffix, re.sub(".*MinSeverity$", "…MinSeverity", parameter)}
        assert spellings & named, parameter


def test_what_idling_costs_counts_the_alarms_that_there_are() -> None:
    alarms = resources("AWS::CloudWatch::Alarm")
    assert (
        f"{len(alarms)} alarms, of which three count as two" in (ROOT / "docs/costs.md").read_text()
    )
    assert sum("Metrics" in alarm for alarm in alarms.values()) == 3


def test_a_deployment_goes_back_by_alarms_that_there_are() -> None:
    parts = load()["Outputs"]["RollbackConfiguration"]["Value"]["Fn::Join"][1]
    text = "".join(part["Fn::Sub"] if isinstance(part, dict) else part for part in parts)
    assert re.fullmatch(
        r"MonitoringTimeInMinutes=\d+,RollbackTriggers=\[(\{Type=[\w:]+,Arn=[^{},]*"
        r"(\$\{[\w:]+\}[^{},]*)+\},?){1,5}\]",
        text,
    )
    alarms = set(re.findall(r":alarm:\$\{(\w+)\}", text))
    assert alarms < {*resources("AWS::CloudWatch::Alarm")}
    page = (ROOT / "docs/upgrade.md").read_text()
    assert all(f"`{alarm}`" in page for alarm in alarms)


def test_the_runbook_has_every_alarm_and_no_other() -> None:
    alarms = {*resources("AWS::CloudWatch::Alarm"), *resources("AWS::CloudWatch::Alarm", FORWARDER)}
    aws = RUNBOOK.partition("## Azure")[0]
    listed = {
        name
        for row in re.findall(r"^\| (`.*?) \|", aws, re.M)
        for name in re.findall(r"`(\w+Alarm)`", row)
    }
    assert listed == alarms
