"""What a webhook of the user's own is sent: the alert itself, signed, or an OCSF finding."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from registrywatch.alerts import Alert, decode
from registrywatch.alerts.ocsf import ocsf_body, ocsf_finding
from registrywatch.delivery.destinations import Outgoing
from registrywatch.delivery.destinations.webhook import (
    SIGNATURE,
    TIMESTAMP,
    WEBHOOK,
    signature_headers,
    standard_headers,
    webhook_body,
)
from registrywatch.events import Actor
from registrywatch.rules.rule import Mitre
from registrywatch.severity import Severity
from tests.alerts.hostile import hidden_in, hostile_alerts, without_surrogates
from tests.builders.alerts import an_alert


def readable(alert: Alert) -> Alert:
    """The alert without lone surrogates, which JSON can't carry: no source lets one through."""

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return without_surrogates(value)
        if isinstance(value, list | tuple):
            return [clean(inner) for inner in value]
        if isinstance(value, dict):
            return {name: clean(inner) for name, inner in value.items()}
        return value

    return msgspec.convert(clean(msgspec.to_builtins(alert)), Alert)


def verified(body: bytes, headers: dict[str, str], secret: str, now: float) -> bool:
    """As docs/delivery.md tells receivers to do it."""
    timestamp = headers[TIMESTAMP]
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    genuine = hmac.compare_digest(f"v1={expected.hexdigest()}", headers[SIGNATURE])
    return genuine and abs(now - int(timestamp)) <= 300


def test_the_body_is_the_alert() -> None:
    assert decode(webhook_body(an_alert())) == an_alert()


def test_the_signature_proves_body_time_and_secret() -> None:
    body, now = webhook_body(an_alert()), 1_785_575_412.9
    headers = signature_headers(body, "secret", now)
    assert headers[TIMESTAMP] == "1785575412"
    assert verified(body, headers, "secret", now)
    assert not verified(body + b" ", headers, "secret", now)
    assert not verified(body, headers, "guess", now)
    assert not verified(body, headers | {TIMESTAMP: "1785575413"}, "secret", now)
    assert not verified(body, headers, "secret", now + 301)


def test_the_signature_is_the_one_of_the_docs() -> None:
    headers = signature_headers(b'{"id":"1"}', "shared secret", 1_785_575_412)
    assert headers[SIGNATURE] == (
        "v1=" + hmac.new(b"shared secret", b'1785575412.{"id":"1"}', "sha256").hexdigest()
    )


@cache
def detection_finding() -> Draft202012Validator:
    """The published schema of OCSF 1.5.0, class 2004 with the cloud profile."""
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.5.0"))
    return Draft202012Validator(schema.get_class_schema("detection_finding", ["cloud"]))


def check_is_valid(finding: dict[str, Any]) -> None:
    errors = detection_finding().iter_errors(finding)
    assert [f"{list(error.path)}: {error.message}" for error in errors] == []


def test_a_finding_tells_what_the_alert_tells() -> None:
    alert = an_alert(
        severity=Severity.HIGH, mitre=(Mitre("TA0005", "T1562.008"),), count=3, threshold=2
    )
    finding = ocsf_finding(alert)
    check_is_valid(finding)
    assert finding["class_uid"] == 2004
    assert finding["type_uid"] == 200401
    assert finding["severity_id"] == 4
    assert finding["time"] == 1_785_574_801_000
    assert finding["message"] == alert.summary
    assert finding["finding_info"]["uid"] == alert.id
    assert finding["finding_info"]["analytic"]["uid"] == alert.rule
    assert finding["finding_info"]["attacks"][0]["technique"]["uid"] == "T1562"
    assert finding["finding_info"]["attacks"][0]["sub_technique"]["uid"] == "T1562.008"
    assert finding["cloud"]["account"]["uid"] == "111122223333"
    assert finding["evidences"][0]["actor"]["user"]["uid"] == alert.actor.id
    assert finding["evidences"][0]["src_endpoint"]["ip"] == "203.0.113.12"
    assert finding["count"] == 3


def test_a_resource_is_known_by_its_arn_and_a_follow_up_is_an_update() -> None:
    arn = "arn:aws:ecr:eu-west-1:111122223333:repository/prod/api"
    finding = ocsf_finding(
        an_alert(resource=arn, reasons=("Follow-up to alert 1: the alerts", "more"))
    )
    check_is_valid(finding)
    assert finding["resources"][0]["uid"] == arn
    assert (finding["activity_id"], finding["type_uid"]) == (2, 200402)
    assert {each["name"] for each in finding["observables"]} == {
        "evidences.src_endpoint.ip",
        "evidences.http_request.user_agent",
        "cloud.account.uid",
    }


def test_an_address_that_is_a_services_name_is_no_ip() -> None:
    finding = ocsf_finding(an_alert(actor=Actor(id="x", ip="cloudformation.amazonaws.com")))
    check_is_valid(finding)
    assert finding["evidences"][0]["src_endpoint"] == {"name": "cloudformation.amazonaws.com"}


def test_the_schema_would_catch_a_bad_finding() -> None:
    finding = ocsf_finding(an_alert())
    assert list(detection_finding().iter_errors(finding | {"surprise": 1})) != []
    assert list(detection_finding().iter_errors(finding | {"severity_id": 77})) != []


def test_an_alert_that_knows_little_is_a_valid_finding() -> None:
    check_is_valid(
        ocsf_finding(
            an_alert(
                cloud="azure",
                account=None,
                region=None,
                registry=None,
                repository=None,
                actor=Actor(type="x"),
                mitre=(),
                events=(),
                reasons=(),
                references=(),
            )
        )
    )


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_both_bodies_are_valid(hostile: Alert) -> None:
    alert = readable(hostile)
    check_is_valid(msgspec.json.decode(ocsf_body(alert)))
    body = webhook_body(alert)
    assert decode(body) == alert
    assert [char for char in hidden_in(body.decode()) if char < "\x7f" or char == "\u202e"] == []


@pytest.mark.parametrize(
    "secret", ["a-signing-key-of-ours", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_the_published_library_of_standard_webhooks_verifies_the_signature(secret: str) -> None:
    from standardwebhooks import Webhook, WebhookVerificationError

    now = datetime.now(UTC).timestamp()
    body = webhook_body(an_alert())
    headers = standard_headers(an_alert().id, body, secret, now)
    receiver = Webhook(
        secret if secret.startswith("whsec_") else base64.b64encode(secret.encode()).decode()
    )
    assert receiver.verify(body, headers)["id"] == an_alert().id
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body, headers | {"webhook-id": "another"})
    late = standard_headers(an_alert().id, body, secret, now - 3600)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body, late)


def test_a_request_carries_both_signatures_the_id_and_headers_of_one_s_own() -> None:
    given = {
        "URL": "https://example.test/hook",
        "SECRET": "a-signing-key-of-ours",
        "HEADERS": "Authorization: Splunk 11112222\nX-Team: registry",
        "FORMAT": "alert",
    }
    headers = WEBHOOK.request(Outgoing(alert=an_alert(), given=given, now=1.0)).headers
    assert headers["Authorization"] == "Splunk 11112222"
    assert headers["X-Team"] == "registry"
    assert headers["webhook-id"] == headers["X-Registrywatch-Alert"] == an_alert().id
    assert headers["webhook-timestamp"] == headers[TIMESTAMP] == "1"
    assert headers["webhook-signature"].startswith("v1,")
    assert headers[SIGNATURE].startswith("v1=")


@pytest.mark.parametrize("identity", ["a\r\nX-Evil: 1", "é\u202e" * 200, "\x00"])
def test_a_strange_id_still_makes_headers_that_can_be_sent(identity: str) -> None:
    given = {"URL": "https://example.test/hook", "FORMAT": "alert"}
    headers = WEBHOOK.request(Outgoing(alert=an_alert(id=identity), given=given, now=1.0)).headers
    assert headers["X-Registrywatch-Alert"].isascii()
    assert headers["X-Registrywatch-Alert"].isprintable()
