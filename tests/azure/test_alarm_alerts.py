"""Alarms of Azure Monitor become alerts: what they say, and whatever may arrive instead."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.alerts import Alert
from registrywatch.azure.alarms import alert_of
from registrywatch.delivery.message import decode_message, encode_message
from registrywatch.severity import Severity
from registrywatch.times import rfc3339
from tests.builders.azure import SUBSCRIPTION
from tests.builders.azure_alarms import INSIGHTS, common_alert
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json

METRIC: dict[str, Any] = {
    "alertRuleId": f"{INSIGHTS}/x",
    "resolvedDateTime": "2026-08-01T09:14:16.2246313Z",
    "monitoringService": "Platform",
}


def alert_about(document: Json) -> Alert:
    return alert_of(json.dumps(document).encode(), T0)


def test_an_alarm_that_fires_is_an_alert_that_says_what_rings() -> None:
    alert = alert_about(common_alert(dimensions={"destination": "slack"}))
    assert alert.rule == "registrywatch-alarm"
    assert alert.summary == (
        "Alarm registrywatch-late (destination slack): An alert has not reached its destination."
    )
    assert alert.reasons == ("rows that the query found: 3.0; the alarm rings at GreaterThan 0",)
    assert (alert.cloud, alert.account, alert.resource) == ("azure", SUBSCRIPTION, INSIGHTS)
    assert alert.time == "2026-08-01T09:10:12Z"
    assert alert.incident is not None
    assert (alert.incident.state, alert.incident.id) == ("open", alert.id)
    assert decode_message(encode_message(alert)) == alert


def test_its_end_resolves_the_incident_and_goes_where_the_beginning_went() -> None:
    fired, resolved = (alert_about(common_alert(resolved=each)) for each in (False, True))
    assert resolved.incident is not None
    assert (resolved.incident.state, resolved.incident.id) == ("resolved", fired.id)
    assert resolved.incident.severity is fired.severity
    assert resolved.id != fired.id
    assert resolved.time == rfc3339(int(T0)), "a log alert does not say when it ended"


def test_a_metric_alarm_says_when_it_ended_and_which_rule_it_is() -> None:
    resolved = alert_about(common_alert(resolved=True, **METRIC))
    assert (resolved.time, resolved.resource) == ("2026-08-01T09:14:16Z", f"{INSIGHTS}/x")


def test_a_repeated_delivery_is_the_same_alert_and_the_next_ring_another() -> None:
    first, again = alert_about(common_alert()), alert_about(common_alert(value=4.0))
    assert first.id == again.id
    assert first.id != alert_about(common_alert(alert="another")).id


@pytest.mark.parametrize(
    ("given_severity", "severity"),
    [
        ("Sev0", Severity.HIGH),
        ("Sev1", Severity.HIGH),
        ("Sev2", Severity.HIGH),
        ("Sev3", Severity.LOW),
        ("Sev4", Severity.INFORMATIONAL),
        ("unheard-of", Severity.HIGH),
    ],
)
def test_the_alarms_severity_grades_the_alert(given_severity: str, severity: Severity) -> None:
    assert alert_about(common_alert(severity=given_severity)).severity is severity


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("text", [b"\\ud800", b"\xff", b"\\u0000"])
def test_text_that_no_queue_takes_is_no_obstacle(text: bytes) -> None:
    document = json.dumps(common_alert(rule="RULE")).encode().replace(b"RULE", text)
    alert = alert_of(document, T0)
    assert decode_message(encode_message(alert)) == alert


@given(st.binary(max_size=40) | JSON.map(lambda each: json.dumps(each).encode()))
def test_whatever_arrives_is_an_alert_for_a_record_set_aside_would_ring_the_next_alarm(
    document: bytes,
) -> None:
    alert = alert_of(document, T0)
    assert alert.severity is Severity.HIGH
    assert decode_message(encode_message(alert)) == alert


@given(st.data())
def test_an_alarm_with_strange_parts_is_an_alert_all_the_same(data: st.DataObject) -> None:
    document = common_alert(dimensions={"queue": "parked"})
    essentials = document["data"]["essentials"]
    context = document["data"]["alertContext"]
    condition = context["condition"]["allOf"][0]
    for part in (document["data"], essentials, context, context["condition"], condition):
        for name in data.draw(st.lists(st.sampled_from(sorted(part)), max_size=2)):
            part[name] = data.draw(JSON)
    alert = alert_about(document)
    assert decode_message(encode_message(alert)) == alert
