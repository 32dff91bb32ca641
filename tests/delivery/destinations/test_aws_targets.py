"""SNS, EventBridge and Security Hub: valid calls, made on moto, and what their answers mean."""

import json
import re
from typing import Any

import boto3
import botocore.session
import msgspec
import pytest
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings

from registrywatch.alerts import Alert, Incident, decode
from registrywatch.alerts.cutting import encoded_within
from registrywatch.alerts.plain_text import plain_text
from registrywatch.alerts.text import utf16_size
from registrywatch.delivery.destinations import Answer, Destination
from registrywatch.delivery.destinations import aws_call as calls
from registrywatch.delivery.destinations.eventbridge import EVENTBRIDGE
from registrywatch.delivery.destinations.eventbridge import parameters as event
from registrywatch.delivery.destinations.kind import DestinationKind, Outgoing
from registrywatch.delivery.destinations.opsgenie import opsgenie_alert
from registrywatch.delivery.destinations.security_hub import SECURITY_HUB, finding
from registrywatch.delivery.destinations.sns import SNS, subject
from registrywatch.delivery.destinations.sns import parameters as publish
from registrywatch.delivery.post import post
from registrywatch.severity import Severity
from tests.alerts.hostile import hidden_in, hostile_alerts, readable
from tests.builders.alerts import an_alert
from tests.delivery.world import START

ACCOUNT = "123456789012"  # moto's
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts"
BUS = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/security"
PRODUCT = f"arn:aws:securityhub:eu-west-1:{ACCOUNT}:product/{ACCOUNT}/default"


@pytest.fixture(autouse=True)
def fresh_clients() -> None:
    calls._client.cache_clear()


def sent(kind: DestinationKind, value: str, alert: Alert) -> Answer:
    to = Destination(kind=kind, name=kind.name, options={kind.options[0].suffix: value})
    given = {suffix: str(text) for suffix, text in to.options.items()}
    out = Outgoing(alert=alert, given=given, now=START)
    return post(kind.request(out), START)


def check_call(service: str, operation: str, parameters: Any) -> None:
    """Against the vendor's own model: names, types, required fields, least and greatest lengths."""
    model = botocore.session.get_session().get_service_model(service)
    report = ParamValidator().validate(parameters, model.operation_model(operation).input_shape)
    assert report.generate_report() == ""


def test_sns_gets_a_readable_mail_json_for_machines_and_attributes(moto: None) -> None:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="subscribed")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    assert sent(SNS, topic, an_alert()) == Answer("delivered", "sns accepted it", 200)
    [received] = sqs.receive_message(QueueUrl=queue)["Messages"]
    envelope = json.loads(received["Body"])
    assert envelope["Subject"] == "[Medium] Images Within a Repository Deleted: prod/api"
    assert decode(envelope["Message"]) == an_alert()
    assert envelope["MessageAttributes"]["severity"]["Value"] == "medium"
    text = json.loads(publish(an_alert(silence="A=b"), TOPIC)["Message"])["default"]
    for said in (an_alert().summary, "Dev/alice", "12 images were deleted", "A=b", "https://"):
        assert said in text


def test_eventbridge_gets_the_alert_as_detail(moto: None) -> None:
    bus = boto3.client("events").create_event_bus(Name="security")["EventBusArn"]
    assert sent(EVENTBRIDGE, bus, an_alert()).verdict == "delivered"
    [entry] = event(an_alert(), bus)["Entries"]
    assert (entry["Source"], entry["DetailType"]) == ("registrywatch", "registrywatch alert")
    assert decode(entry["Detail"]) == an_alert()


def test_security_hub_has_one_finding_however_often_an_alert_is_sent(moto: None) -> None:
    hub = boto3.client("securityhub")
    hub.enable_security_hub()
    for _ in range(2):
        assert sent(SECURITY_HUB, PRODUCT, an_alert(severity=Severity.HIGH)).verdict == "delivered"
    [found] = hub.get_findings()["Findings"]
    assert found["Severity"]["Label"] == "HIGH"
    assert found["Resources"][0]["Id"] == "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
    with_arn = an_alert(resource="arn:aws:ecr:eu-west-1:111122223333:repository/prod/api")
    [resource] = finding(with_arn, PRODUCT, START)["Resources"]
    assert resource["Type"] == "AwsEcrRepository"
    assert resource["Id"] == with_arn.resource


def test_the_longest_alert_of_the_queue_fits_a_message_of_sns() -> None:
    """Quotes are escaped twice, in each of the five texts for machines."""
    longest = decode(encoded_within(an_alert(reasons=('"' * 3000,) * 20), 60_000))
    assert len(json.dumps(dict(publish(longest, TOPIC)))) < 256 * 1024
    usual = an_alert()
    assert json.loads(json.loads(publish(usual, TOPIC)["Message"])["sqs"])["id"] == usual.id


def test_limits_hold_in_utf_16_units_as_java_and_javascript_count() -> None:
    emoji = an_alert(title="🐳" * 300, summary="🐳" * 2000)
    found = finding(emoji, PRODUCT, START)
    assert utf16_size(found["Title"]) <= 256
    assert utf16_size(found["Description"]) <= 1024
    assert utf16_size(opsgenie_alert(emoji)["message"]) <= 130


def test_a_topic_that_is_gone_is_refused_with_the_code(moto: None) -> None:
    got = sent(SNS, TOPIC, an_alert())
    assert (got.verdict, got.reason) == ("refused", "sns answered NotFound")


@pytest.mark.parametrize(
    ("code", "status", "verdict"),
    [
        ("ThrottlingException", 400, "try_again"),
        ("InternalFailure", 500, "try_again"),
        ("LimitExceededException", 429, "try_again"),
        ("AuthorizationError", 403, "refused"),
        ("InvalidParameter", 400, "refused"),
    ],
)
def test_errors_of_aws_are_tried_again_where_that_may_heal_them(
    code: str, status: int, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    class Failing:
        def publish(self, **_: Any) -> Any:
            response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(response, "Publish")

    monkeypatch.setattr(calls, "_client", lambda *_: Failing())
    assert sent(SNS, TOPIC, an_alert()).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "value", "response", "verdict"),
    [
        (EVENTBRIDGE, BUS, {"FailedEntryCount": 0, "Entries": [{}]}, "delivered"),
        (
            EVENTBRIDGE,
            BUS,
            {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]},
            "try_again",
        ),
        (
            EVENTBRIDGE,
            BUS,
            {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "MalformedDetail"}]},
            "refused",
        ),
        (
            SECURITY_HUB,
            PRODUCT,
            {"FailedCount": 1, "FailedFindings": [{"ErrorCode": "InvalidInput"}]},
            "refused",
        ),
    ],
)
def test_a_failure_inside_of_a_200_is_a_failure(
    kind: DestinationKind,
    value: str,
    response: dict[str, Any],
    verdict: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Answering:
        def put_events(self, **_: Any) -> Any:
            return response

        batch_import_findings = put_events

    monkeypatch.setattr(calls, "_client", lambda *_: Answering())
    assert sent(kind, value, an_alert()).verdict == verdict


def test_a_network_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import EndpointConnectionError

    class Down:
        def publish(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://sns")

    monkeypatch.setattr(calls, "_client", lambda *_: Down())
    got = sent(SNS, TOPIC, an_alert())
    assert got == Answer("try_again", "sns: EndpointConnectionError")


def test_a_recovery_resolves_its_finding() -> None:
    assert finding(an_alert(), PRODUCT, START)["Workflow"] == {"Status": "NEW"}
    over = an_alert(incident=Incident("1", "resolved", Severity.HIGH))
    assert finding(over, PRODUCT, START)["Workflow"] == {"Status": "RESOLVED"}


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_every_call_is_valid(hostile: Alert) -> None:
    alert = readable(hostile)
    mail = publish(alert, TOPIC)
    check_call("sns", "Publish", mail)
    assert re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{0,98}", subject(alert))
    assert len(mail["MessageAttributes"]) <= 10
    assert all(each["StringValue"] for each in mail["MessageAttributes"].values())
    assert hidden_in(plain_text(alert), allowed="\n") == []
    check_call("events", "PutEvents", event(alert, BUS))
    found = finding(alert, PRODUCT, START)
    check_call("securityhub", "BatchImportFindings", {"Findings": [found]})
    assert len(found["Title"]) <= 256
    assert len(found["Description"]) <= 1024
    assert len(found["Remediation"]["Recommendation"]["Text"]) <= 512
    assert len(found["ProductFields"]) <= 50
    assert found["CreatedAt"] <= found["UpdatedAt"]
    assert hidden_in(msgspec.json.encode(found).decode()) == []
