"""No function has a right that it does not use, and it has each that it uses.

Each door is led through everything it may have to do, and its calls are held against its role.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import boto3
import pytest
from botocore.client import BaseClient

from functions.aws import check_settings
from registrywatch.aws.table import Table
from registrywatch.aws.window_store import DynamoStore
from registrywatch.errors import StoreError
from tests.aws.conftest import Account, Door, batch
from tests.aws.deployed import deployed
from tests.aws.templates import Json, resources
from tests.aws.test_traffic import pulls
from tests.builders import cloudtrail as ct
from tests.builders.clock import T0
from tests.builders.moto import REGION

ACCOUNT = "123456789012"  # moto's
Doors = Callable[[str], Door]

# What AWS does in a function's name: Lambda polls and logs, SSM decrypts with a key of one's own
BY_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents"}
BY_POLLING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
BY_KEY = {"kms:Decrypt", "kms:GenerateDataKey"}
BY_XRAY = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
BY_AWS = BY_LAMBDA | BY_KEY | BY_XRAY


def statements(role: Json) -> Iterator[Json]:
    """All statements of a role, the conditional ones too."""
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def rights(function: str) -> set[str]:
    """The actions that a function's role allows."""
    found: set[str] = set()
    for statement in statements(resources("AWS::IAM::Role")[f"{function}Role"]):
        actions = statement["Action"]
        found |= {actions} if isinstance(actions, str) else set(actions)
    return found


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The actions that are called for in this block."""
    calls: set[str] = set()
    call = BaseClient._make_api_call

    def record(self: BaseClient, operation: str, request: Json) -> object:
        # IAM knows one right for the single call and the batch
        right = operation.removesuffix("Batch")
        calls.add(f"{self.meta.service_model.service_name}:{right}")
        return call(self, operation, request)

    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", record)
        yield calls


@pytest.fixture
def settings_in_ssm(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    ssm = boto3.client("ssm", REGION)
    ssm.put_parameter(Name="/registrywatch/settings", Value="{}", Type="String", Overwrite=True)
    monkeypatch.setenv("REGISTRYWATCH_CONFIG", "ssm:/registrywatch/settings")


def _refuse(*_: object) -> None:
    raise StoreError("the table is throttled")


def failing(monkeypatch: pytest.MonkeyPatch, door: Door, event: object) -> None:
    """Lead a door to where the table refuses, so that messages are hidden for a short time."""
    with monkeypatch.context() as throttled:
        throttled.setattr(DynamoStore, "add", _refuse)
        door(event)


@pytest.mark.usefixtures("settings_in_ssm")
def test_changes(door: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.aws.wiring.clock", lambda: T0 + 60)
    with recorded(monkeypatch) as calls:
        changes = door("changes")
        changes(ct.delete_repository(force=True))
        changes(batch("not JSON", *pulls(100)))
        failing(monkeypatch, changes, batch(*pulls(1, by=ct.role("Ops"))))
    assert calls | BY_AWS | BY_POLLING == rights("ChangesFunction")


@pytest.mark.usefixtures("settings_in_ssm")
def test_traffic(door: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.aws.wiring.clock", lambda: T0 + 60)
    with recorded(monkeypatch) as calls:
        traffic = door("traffic")
        traffic(batch("not JSON", *pulls(100)))
        failing(monkeypatch, traffic, batch(*pulls(1, by=ct.role("Ops"))))
    assert calls | BY_AWS | BY_POLLING == rights("TrafficFunction")


@pytest.mark.usefixtures("settings_in_ssm")
def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_settings, "_answer", lambda *_: None)
    asked = dict.fromkeys(("StackId", "RequestId", "LogicalResourceId", "ResponseURL"), "it")
    call = BaseClient._make_api_call

    def answer(self: BaseClient, operation: str, request: Json) -> object:
        if operation == "DescribeStacks":
            return {"Stacks": [{"StackStatus": "UPDATE_IN_PROGRESS"}]}
        return call(self, operation, request)

    monkeypatch.setattr(BaseClient, "_make_api_call", answer)
    with recorded(monkeypatch) as calls:
        assert check_settings.problem_of(os.environ) is None
        monkeypatch.setenv("REGISTRYWATCH_PROTECTED_TAG", "a mistake")
        refused = check_settings.handler({"RequestType": "Update", **asked}, None)
        assert refused["Status"] == "FAILED"
    assert calls | BY_LAMBDA | BY_XRAY | {"kms:Decrypt"} == rights("SettingsFunction")


@pytest.mark.usefixtures("settings_in_ssm")
def test_check(door: Doors, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRYWATCH_HEARTBEAT_URL", "secretsmanager:beat")
    with deployed(monkeypatch, canary=True) as stack:
        beat = "https://127.0.0.1:9/"  # where nothing listens: a heartbeat that is missed
        stack.client("secretsmanager").create_secret(Name="beat", SecretString=beat)
        stack.client("secretsmanager").create_secret(Name="slack", SecretString="s")
        variables = {"A": "ssm:/registrywatch/slack", "B": "secretsmanager:slack"}
        stack.client("lambda").update_function_configuration(
            FunctionName=stack.physical["DeliveryFunction"],
            Environment={"Variables": {f"REGISTRYWATCH_{k}": v for k, v in variables.items()}},
        )
        stack.client("cloudtrail").stop_logging(Name="main")
        with recorded(monkeypatch) as calls:
            check = door("check")
            assert check({})["wrong"] == 1
        stack.client("cloudtrail").start_logging(Name="main")
        with recorded(monkeypatch) as further:
            assert check({})["wrong"] == 0
    assert [alert["rule"] for alert in account.alerts()] == ["ecr-monitoring-removed"] * 2
    assert {*calls, *further} | BY_AWS == rights("CheckFunction")


@pytest.mark.usefixtures("settings_in_ssm")
def test_delivery(door: Doors, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("ssm", REGION).put_parameter(
        Name="/registrywatch/webhook", Value="https://127.0.0.1:9/", Type="String", Overwrite=True
    )
    secrets = boto3.client("secretsmanager", REGION)
    secrets.create_secret(Name="signing", SecretString="a-signing-key-of-ours")
    monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_URL", "ssm:/registrywatch/webhook")
    monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_SECRET", "secretsmanager:signing")
    topic = boto3.client("sns", REGION).create_topic(Name="alerts")["TopicArn"]
    bus = boto3.client("events", REGION).create_event_bus(Name="security")["EventBusArn"]
    boto3.client("securityhub", REGION).enable_security_hub()
    monkeypatch.setenv("REGISTRYWATCH_SNS_TOPIC_ARN", topic)
    monkeypatch.setenv("REGISTRYWATCH_EVENTBRIDGE_BUS_ARN", bus)
    monkeypatch.setenv(
        "REGISTRYWATCH_SECURITY_HUB_PRODUCT_ARN",
        f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default",
    )
    door("changes")(ct.delete_repository(force=True))
    with recorded(monkeypatch) as calls:
        deliver = door("deliver")
        messages = [json.dumps(message) for message in account.addressed()]
        deliver(batch(*messages, "not JSON"))
        monkeypatch.setattr(Table, "call", _refuse)
        deliver(batch(*messages))
    calls.discard("sqs:ReceiveMessage")  # the test's own
    calls.discard("sqs:DeleteMessage")
    assert calls | BY_AWS | BY_POLLING == rights("DeliveryFunction")
