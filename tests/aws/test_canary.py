"""With `Canary` events go to aliases of published versions; every change reaches a new version."""

import re
from typing import Any

import pytest

from tests.aws.evaluated import Evaluated
from tests.aws.templates import Json, load, resources

PARAMETERS: Json = load()["Parameters"]
CANARIES = [each for each in PARAMETERS["Canary"]["AllowedValues"] if each != "off"]
SHIFTED = ("Changes", "Traffic", "Delivery")
OF_CODEDEPLOY = {"AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"}

GIVEN = {
    "SlackWebhookUrl": "ssm:/registrywatch/slack",
    "AlarmEmail": "you@example.com",
    "SecretsKmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1",
    "KmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/2",
    "AlarmTopicArn": "arn:aws:sns:eu-west-1:111122223333:alarms",
}
ON = {**GIVEN, "Canary": CANARIES[0]}


def another(parameter: str) -> str:
    """A value that the parameter does not have."""
    declared = PARAMETERS[parameter]
    given = ON.get(parameter, str(declared["Default"]))
    if values := declared.get("AllowedValues"):
        return next(str(each) for each in values if str(each) not in ("", given))
    return given + "9" if given else "another"


def configuration(stack: Evaluated, function: str) -> Json:
    """What a version of a function keeps, without the fingerprint."""
    found = stack.resource(f"{function}Function")
    variables = dict(found["Environment"]["Variables"])
    del variables["DEPLOYMENT"]
    return {**found, "Environment": {"Variables": variables}}


def test_a_parameter_that_changes_a_function_publishes_a_new_version() -> None:
    """A version is replaced, and published anew, when its description changes."""
    before = Evaluated(**ON)
    changing = set()
    for parameter in PARAMETERS.keys() - {"Canary"}:
        after = Evaluated(**{**ON, parameter: another(parameter)})
        for function in SHIFTED:
            if configuration(after, function) == configuration(before, function):
                continue
            changing.add(parameter)
            old, new = (each.resource(f"{function}Version") for each in (before, after))
            assert old["Description"] != new["Description"], parameter
    assert {"PullThreshold", "SettingsVersion", "SlackWebhookUrl", "Architecture"} <= changing
    assert len(changing) > 40


def test_what_publishes_a_version_is_in_the_environment_and_what_returns_keeps_the_old_one() -> (
    None
):
    """Lambda publishes nothing that equals the version before. A rollback is such a return."""
    before, after = Evaluated(**ON), Evaluated(**{**ON, "PullThreshold": "7"})
    for function in SHIFTED:
        for stack in (before, after, Evaluated(**ON)):
            variables = stack.resource(f"{function}Function")["Environment"]["Variables"]
            description = stack.resource(f"{function}Version")["Description"]
            assert variables["DEPLOYMENT"] == description == stack.fingerprint
    assert before.fingerprint == Evaluated(**ON).fingerprint != after.fingerprint


def sources(stack: Evaluated) -> dict[str, Any]:
    """Where each event source sends events: to queues too."""
    found: dict[str, Any] = {}
    for name in stack.names("AWS::Lambda::EventSourceMapping"):
        found[name] = stack.resource(name)["FunctionName"]
    for name in stack.names("AWS::Events::Rule") - {"TrafficRule"}:
        [target] = stack.resource(name)["Targets"]
        found[name] = target["Arn"]
    return found


def test_by_default_events_go_to_the_functions_and_nothing_of_it_exists() -> None:
    stack = Evaluated(**GIVEN)
    for source, function in sources(stack).items():
        assert source.startswith(function.strip("<>").removesuffix(">.Arn")), source
    for name in stack.names("AWS::Lambda::EventInvokeConfig"):
        assert stack.resource(name)["Qualifier"] == "$LATEST"
    for kind in (*OF_CODEDEPLOY, "AWS::Lambda::Alias", "AWS::Lambda::Version"):
        assert stack.names(kind) == set()
    assert not stack.exists("CanaryRole")
    for function in SHIFTED:
        variables = stack.resource(f"{function}Function")["Environment"]["Variables"]
        assert "DEPLOYMENT" not in variables


def test_with_canary_every_event_goes_to_an_alias_and_so_do_rights_and_retries() -> None:
    stack = Evaluated(**ON)
    aliases = {source: alias.split(":")[-2] for source, alias in sources(stack).items()}
    assert aliases == {
        source: f"{source.partition('Function')[0]}Alias" for source in sources(stack)
    }
    for name in stack.names("AWS::Lambda::EventInvokeConfig"):
        assert stack.resource(name)["Qualifier"] == "live"
    allowed = {
        (permission["FunctionName"], permission["SourceArn"])
        for permission in map(stack.resource, stack.names("AWS::Lambda::Permission"))
    }
    for source, alias in sources(stack).items():
        if source in stack.names("AWS::Events::Rule"):
            assert (alias, f"<{source}>.Arn") in allowed


def test_a_rule_turns_to_what_has_its_retries_already() -> None:
    for name in resources("AWS::Events::Rule").keys() - {"TrafficRule"}:
        function = name.partition("Function")[0]
        assert load()["Resources"][name]["DependsOn"] == f"{function}FunctionEventInvokeConfig"


def test_each_alias_is_shifted_by_a_group_of_its_own_and_goes_to_its_version() -> None:
    for function in SHIFTED:
        alias = load()["Resources"][f"{function}Alias"]
        update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        assert update["DeploymentGroupName"] == {"Ref": f"{function}DeploymentGroup"}
        assert update["ApplicationName"] == {"Ref": "CanaryApplication"}
        properties = alias["Properties"]
        assert properties["FunctionVersion"] == {"Fn::GetAtt": [f"{function}Version", "Version"]}
        version = resources("AWS::Lambda::Version")[f"{function}Version"]
        assert (
            properties["FunctionName"] == version["FunctionName"] == {"Ref": f"{function}Function"}
        )


def seconds(canary: str) -> int:
    """How long a deployment takes until all events go to the new version."""
    found = re.fullmatch(r"(Canary|Linear)(\d+)Percent(?:Every)?(\d+)Minutes?", canary)
    assert found
    steps = 1 if found[1] == "Canary" else 100 // int(found[2]) - 1
    return steps * int(found[3]) * 60


DELAY = 120
"""Seconds until CloudWatch has a metric of Lambda, and until it looks."""


@pytest.mark.parametrize("canary", CANARIES)
def test_a_deployment_goes_on_for_longer_than_its_alarms_need(canary: str) -> None:
    alarms = resources("AWS::CloudWatch::Alarm")
    for function in SHIFTED:
        group = Evaluated(**{**ON, "Canary": canary}).resource(f"{function}DeploymentGroup")
        assert group["DeploymentConfigName"] == f"CodeDeployDefault.Lambda{canary}"
        assert group["AlarmConfiguration"]["Enabled"]
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        names = [each["Name"].strip("<>") for each in group["AlarmConfiguration"]["Alarms"]]
        assert {f"{function}ErrorsAlarm", f"{function}FailedAlarm"} <= set(names)
        for name in names:
            rings = alarms[name]["Period"] * alarms[name]["EvaluationPeriods"]
            assert rings + DELAY < seconds(canary), name


def test_alarms_on_a_function_count_what_its_alias_does_too() -> None:
    """Lambda's dimension FunctionName alone is of all versions and aliases together."""
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        if alarm.get("Namespace") == "AWS/Lambda":
            assert [each["Name"] for each in alarm["Dimensions"]] == ["FunctionName"], name
