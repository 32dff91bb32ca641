"""docs/aws.md says what is so."""

import json
import re
from collections.abc import Callable

import botocore.session
import jmespath  # type: ignore[import-untyped]
from botocore.validate import ParamValidator

from tests.aws.conftest import Account, Door
from tests.aws.templates import FORWARDER, ROOT, load, resources
from tests.test_commands_in_docs import PAGES, found

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


def test_a_template_with_a_transform_is_updated_with_the_right_to_expand_it() -> None:
    """CloudFormation refuses it otherwise; SAM itself deploys by change sets, which need none."""
    assert "Transform" in load()
    updates = [
        command
        for page in PAGES
        for command in found(page)
        if command[1:3] == ("cloudformation", "update-stack")
    ]
    assert updates
    assert all("CAPABILITY_AUTO_EXPAND" in command for command in updates)


def test_the_update_that_sets_the_alarms_changes_one_parameter_and_keeps_the_others() -> None:
    page = (ROOT / "docs/upgrade.md").read_text()
    [text] = re.findall(r'--query "(\[Stacks.*)"\)"$', page, re.MULTILINE)
    query = text.replace("\\`", "`")  # within double quotes of a shell
    there = [{"ParameterKey": n, "ParameterValue": "x"} for n in ("AlarmEmail", "SettingsVersion")]
    parameters = jmespath.search(query, {"Stacks": [{"Parameters": there}]})
    assert parameters == [
        {"ParameterKey": "AlarmEmail", "UsePreviousValue": True},
        {"ParameterKey": "SettingsVersion", "ParameterValue": "with alarms"},
    ]
    model = botocore.session.Session().get_service_model("cloudformation")
    shape = model.operation_model("UpdateStack").input_shape
    report = ParamValidator().validate({"StackName": "s", "Parameters": parameters}, shape)
    assert not report.has_errors()


def test_the_runbook_has_every_alarm_and_no_other() -> None:
    alarms = {*resources("AWS::CloudWatch::Alarm"), *resources("AWS::CloudWatch::Alarm", FORWARDER)}
    aws = RUNBOOK.partition("## Azure")[0]
    listed = {
        name
        for row in re.findall(r"^\| (`.*?) \|", aws, re.M)
        for name in re.findall(r"`(\w+Alarm)`", row)
    }
    assert listed == alarms
