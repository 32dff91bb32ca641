"""What PagerDuty is sent: a trigger event within the limits of Events API v2."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from registrywatch.alerts import Alert, Incident
from registrywatch.delivery.destinations.pagerduty import pagerduty_body, pagerduty_event
from registrywatch.severity import Severity
from tests.alerts.hostile import hidden_in, hostile_alerts, strings
from tests.builders.alerts import an_alert

KEY = "R" * 32

# As the reference of "Send an alert event" has it; PagerDuty publishes no schema.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["routing_key", "event_action", "payload"],
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
        "client": {"type": "string"},
        "client_url": {"type": "string", "pattern": "^https://"},
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["href"],
                "properties": {
                    "href": {"type": "string", "pattern": "^https://"},
                    "text": {"type": "string"},
                },
            },
        },
        "payload": {
            "type": "object",
            "additionalProperties": False,
            "required": ["summary", "source", "severity"],
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "source": {"type": "string", "minLength": 1},
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": {"type": "string"},
                "component": {"type": "string"},
                "group": {"type": "string"},
                "class": {"type": "string"},
                "custom_details": {"type": "object"},
            },
        },
    },
}


def check_is_valid(event: dict[str, Any]) -> None:
    errors = Draft202012Validator(SCHEMA).iter_errors(event)
    assert [f"{list(error.path)}: {error.message}" for error in errors] == []
    assert len(msgspec.json.encode(event)) < 512 * 1024


def test_an_event_says_what_happened_and_where() -> None:
    event = pagerduty_event(an_alert(severity=Severity.HIGH), KEY)
    check_is_valid(event)
    assert event["routing_key"] == KEY
    assert event["event_action"] == "trigger"
    payload = event["payload"]
    assert payload["summary"] == f"High: {an_alert().summary}"
    assert payload["source"] == "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
    assert payload["timestamp"] == "2026-08-01T09:00:01Z"
    assert payload["component"] == "prod/api"
    assert payload["class"] == "ecr-images-deleted"
    assert payload["custom_details"]["actor"]["id"] == "arn:aws:iam::111122223333:role/Dev"
    assert payload["custom_details"]["reasons"] == ["12 images were deleted"]
    assert payload["custom_details"]["mitre"] == ["TA0040 T1485"]
    assert [link["text"] for link in event["links"]] == [
        "CloudTrail event",
        "Repository",
        "ATT&CK T1485",
    ]


@pytest.mark.parametrize(
    ("severity", "theirs"),
    [
        ("critical", "critical"),
        ("high", "error"),
        ("medium", "warning"),
        ("low", "info"),
        ("informational", "info"),
    ],
)
def test_severities_are_mapped(severity: str, theirs: str) -> None:
    event = pagerduty_event(an_alert(severity=Severity(severity)), KEY)
    assert event["payload"]["severity"] == theirs


def test_an_alert_by_itself_is_an_incident_by_itself() -> None:
    keys = {pagerduty_event(an_alert(number), KEY)["dedup_key"] for number in range(3)}
    assert len(keys) == 3


def test_an_alert_can_join_an_incident_and_end_it() -> None:
    assert pagerduty_event(an_alert(), KEY, "an incident")["dedup_key"] == "an incident"
    over = an_alert(incident=Incident("1", "resolved", Severity.HIGH))
    assert pagerduty_event(over, KEY, "an incident") == {
        "routing_key": KEY,
        "event_action": "resolve",
        "dedup_key": "an incident",
    }


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_the_event_is_valid(alert: Alert) -> None:
    event = pagerduty_event(alert, KEY)
    check_is_valid(event)
    pagerduty_body(alert, KEY)
    for text in strings(event):
        assert hidden_in(text) == []
