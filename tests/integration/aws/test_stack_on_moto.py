"""moto's CloudFormation creates what the template becomes, as far as it can.

The template is expanded by SAM's own translator. moto then resolves parameters, conditions,
references and dependencies, and makes what it knows how to make. It runs the code of a custom
resource only in docker, so `SettingsCheck` is left out here; tests/aws/test_check_settings.py runs
that function.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.awslambda.models import lambda_backends
from moto.core.common_models import CloudFormationModel

from tests.aws.templates import MAIN, ROOT
from tests.integration.aws.stand_ins import stand_in
from tests.integration.components import require

pytestmark = pytest.mark.real

REGION, STACK = "eu-west-1", "registrywatch"
NOT_MADE = {
    "AWS::CloudWatch::Alarm",
    "AWS::Events::EventBusPolicy",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}
"""Types that moto passes over; EventBusPolicy is not asked for here."""

UNKNOWN_ATTRIBUTES = {
    "SettingsCheck.Fingerprint": "f1",
    **{
        f"{name}Version.Version": {"Fn::Select": [0, ["1", {"Ref": f"{name}Version"}]]}
        for name in ("Changes", "Traffic", "Delivery")
    },
}
"""Attributes that moto does not know, with their values in a new stack."""

CODEDEPLOY = {"AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"}
"""Those that it passes over with Canary."""

PARAMETERS = {
    "SlackWebhookUrl": "ssm:/registrywatch/slack",
    "AlarmEmail": "you@example.com",
    "PullThreshold": "50",
    "SettingsParameter": "/registrywatch/settings",
    "Tracing": "Active",
}


class Alias(CloudFormationModel):
    """AWS::Lambda::Alias, which moto's CloudFormation lacks: it knows a type by its subclass."""

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Alias"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "Alias":
        given = cloudformation_json["Properties"]
        backend = lambda_backends[account_id][region_name]
        made = backend.create_alias(
            name=given["Name"],
            function_name=given["FunctionName"],
            function_version=str(given["FunctionVersion"]),
            description="",
            routing_config="",
        )
        return cls(made.arn)


@pytest.fixture(scope="module")
def expanded() -> dict[str, Any]:
    """What SAM makes of the template, without the custom resource."""
    tool = ROOT / "tests/integration/tools/expand_sam.py"
    command = [require("sam") / "bin/python", tool, MAIN]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    template: dict[str, Any] = json.loads(text)
    del template["Resources"]["SettingsCheck"]
    text = json.dumps(template)
    for attribute, value in UNKNOWN_ATTRIBUTES.items():
        text = text.replace(json.dumps({"Fn::GetAtt": attribute.split(".")}), json.dumps(value))
    template = json.loads(text)
    for resource in template["Resources"].values():
        if resource.get("DependsOn") in ("SettingsCheck", ["SettingsCheck"]):
            del resource["DependsOn"]
    return template


@pytest.fixture
def made(
    expanded: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, dict[str, str]]]:
    """By logical id: what moto lists of each resource of a new stack."""
    with created(expanded, PARAMETERS, monkeypatch) as made:
        yield made


@contextmanager
def created(
    expanded: dict[str, Any], parameters: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, dict[str, str]]]:
    stand_in(monkeypatch)
    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="bucket")
        boto3.client("cloudformation", region_name=REGION).create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(expanded),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
        )
        stacks = boto3.client("cloudformation", region_name=REGION)
        listed = stacks.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
        yield {
            each["LogicalResourceId"]: dict(each) for each in listed if "LogicalResourceId" in each
        }


def test_everything_is_made_but_for_the_types_that_moto_does_not_know(
    expanded: dict[str, Any], made: dict[str, dict[str, str]]
) -> None:
    stacks = boto3.client("cloudformation", region_name=REGION)
    assert stacks.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    missing = {
        resource["Type"]
        for name, resource in expanded["Resources"].items()
        if name not in made and resource.get("Condition") != "HasCanary"
    }
    assert missing == NOT_MADE
    page = (ROOT / "docs/aws.md").read_text()
    assert all(f"`{kind}`" in page for kind in NOT_MADE)


def test_functions_get_the_names_of_what_was_made(made: dict[str, dict[str, str]]) -> None:
    lambdas = boto3.client("lambda", region_name=REGION)
    for logical, dead in {
        "TrafficFunction": "TrafficDeadLetterQueue",
        "ChangesFunction": "ChangesDeadLetterQueue",
        "DeliveryFunction": "AlertDeadLetterQueue",
    }.items():
        function = made[logical]["PhysicalResourceId"]
        answer = lambdas.get_function_configuration(FunctionName=function)
        environment = answer["Environment"]["Variables"]
        assert environment["REGISTRYWATCH_TABLE"] == made["Table"]["PhysicalResourceId"]
        assert environment["REGISTRYWATCH_ALERT_QUEUE"] == made["AlertQueue"]["PhysicalResourceId"]
        assert environment["REGISTRYWATCH_DEAD_LETTER_QUEUE"] == made[dead]["PhysicalResourceId"]
        assert environment["REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD"] == "50"
        assert environment["REGISTRYWATCH_CONFIG"] == "ssm:/registrywatch/settings"
        assert "REGISTRYWATCH_TRUSTED_ORGS" not in environment


def test_queues_feed_their_functions_and_dead_letters_have_a_place(
    made: dict[str, dict[str, str]],
) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    lambdas = boto3.client("lambda", region_name=REGION)

    def arn(queue: str) -> str:
        address = made[queue]["PhysicalResourceId"]
        asked = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["All"])
        return str(asked["Attributes"]["QueueArn"])

    mapped = {
        each["EventSourceArn"]: each["FunctionArn"]
        for each in lambdas.list_event_source_mappings()["EventSourceMappings"]
    }
    for queue, function, dead in (
        ("TrafficQueue", "TrafficFunction", "TrafficDeadLetterQueue"),
        ("AlertQueue", "DeliveryFunction", "AlertDeadLetterQueue"),
        ("ChangesRetryQueue", "ChangesFunction", "ChangesDeadLetterQueue"),
    ):
        assert made[function]["PhysicalResourceId"] in mapped[arn(queue)]
        address = made[queue]["PhysicalResourceId"]
        asked = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["RedrivePolicy"])
        redrive = json.loads(asked["Attributes"]["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"] == arn(dead)


def test_rules_have_their_targets_and_outputs_their_values(made: dict[str, dict[str, str]]) -> None:
    events = boto3.client("events", region_name=REGION)
    for logical in ("ChangesFunctionChanges", "ChangesFunctionMonitoring", "TrafficRule"):
        rule = made[logical]["PhysicalResourceId"].rpartition("/")[2]
        [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
        assert target["DeadLetterConfig"]["Arn"].startswith("arn:aws:sqs:")
    stacks = boto3.client("cloudformation", region_name=REGION)
    outputs = stacks.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    values = {each["OutputKey"]: each["OutputValue"] for each in outputs}
    assert values["AlertQueueUrl"] == made["AlertQueue"]["PhysicalResourceId"]
    assert values["TableName"] == made["Table"]["PhysicalResourceId"]
    assert all(values.values())


def test_with_canary_sources_feed_aliases_of_published_versions(
    expanded: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = {**PARAMETERS, "Canary": "Canary10Percent10Minutes"}
    with created(expanded, canary, monkeypatch) as made:
        missing = {
            resource["Type"] for name, resource in expanded["Resources"].items() if name not in made
        }
        assert missing == NOT_MADE | CODEDEPLOY
        lambdas = boto3.client("lambda", region_name=REGION)
        events = boto3.client("events", region_name=REGION)
        for name in ("Changes", "Traffic", "Delivery"):
            function = made[f"{name}Function"]["PhysicalResourceId"]
            [alias] = lambdas.list_aliases(FunctionName=function)["Aliases"]
            assert alias["AliasArn"] == made[f"{name}Alias"]["PhysicalResourceId"]
            published = lambdas.get_function_configuration(FunctionName=function, Qualifier="live")
            assert published["Version"] == alias["FunctionVersion"] == "1"
            assert published["Environment"]["Variables"]["DEPLOYMENT"] == "f1"
        for logical in ("ChangesFunctionChanges", "DeliveryFunctionOwnAlarms"):
            rule = made[logical]["PhysicalResourceId"].rpartition("/")[2]
            [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
            assert target["Arn"].endswith(":live")
