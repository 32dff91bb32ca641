"""An alert as an OCSF Detection Finding, held against the published schema."""

from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from registrywatch.alerts import Alert, Incident
from registrywatch.alerts.ocsf import ocsf_body, ocsf_finding
from registrywatch.delivery.destinations import Answer
from registrywatch.delivery.destinations.webhook import WEBHOOK
from registrywatch.delivery.message import Message
from registrywatch.delivery.redelivery import Letter, afresh
from registrywatch.events import Actor
from registrywatch.rules.rule import Mitre
from registrywatch.severity import Severity
from tests.alerts.hostile import hostile_alerts, readable
from tests.builders.alerts import an_alert
from tests.delivery.world import START, TAKEN, World, of_kind

ARN = "arn:aws:ecr:eu-west-1:111122223333:repository/prod/api"
HAPPENED = 1_785_574_801.0


@cache
def detection_finding(version: str = "1.5.0") -> Draft202012Validator:
    """The published schema of class 2004 with the cloud profile."""
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version))
    return Draft202012Validator(schema.get_class_schema("detection_finding", ["cloud"]))


def check_is_valid(finding: dict[str, Any]) -> None:
    errors = detection_finding().iter_errors(finding)
    assert [f"{list(error.path)}: {error.message}" for error in errors] == []


def test_a_finding_says_what_the_alert_says() -> None:
    alert = an_alert(
        severity=Severity.HIGH, mitre=(Mitre("TA0005", "T1562.008"),), count=3, threshold=2
    )
    finding = ocsf_finding(alert)
    check_is_valid(finding)
    assert finding["class_uid"] == 2004
    assert finding["type_uid"] == 200401
    assert finding["severity_id"] == 4
    assert finding["message"] == alert.summary
    assert finding["finding_info"]["uid"] == alert.id
    assert finding["finding_info"]["analytic"]["uid"] == alert.rule
    assert finding["finding_info"]["attacks"][0]["technique"]["uid"] == "T1562"
    assert finding["finding_info"]["attacks"][0]["sub_technique"]["uid"] == "T1562.008"
    assert finding["cloud"]["account"]["uid"] == "111122223333"
    assert finding["evidences"][0]["actor"]["user"]["uid"] == alert.actor.id
    assert finding["evidences"][0]["src_endpoint"]["ip"] == "203.0.113.12"
    assert finding["count"] == 3


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


@pytest.mark.parametrize(
    ("resource", "uid"),
    [(ARN, ARN), (None, "111122223333.dkr.ecr.eu-west-1.amazonaws.com/prod/api")],
)
def test_a_resource_is_known_by_its_arn(resource: str | None, uid: str) -> None:
    finding = ocsf_finding(an_alert(resource=resource))
    check_is_valid(finding)
    assert finding["resources"][0]["uid"] == uid


def test_what_was_observed_is_said_where_it_stands() -> None:
    assert {each["name"] for each in ocsf_finding(an_alert())["observables"]} == {
        "evidences.src_endpoint.ip",
        "evidences.http_request.user_agent",
        "cloud.account.uid",
    }


def test_a_finding_is_created_when_the_alert_is_raised_not_when_it_happened() -> None:
    finding = ocsf_finding(an_alert(), raised=HAPPENED + 90.5)
    check_is_valid(finding)
    assert finding["time"] == finding["finding_info"]["created_time"] == 1_785_574_891_500
    assert finding["end_time"] == finding["finding_info"]["last_seen_time"] == 1_785_574_801_000
    assert finding["is_alert"]


def test_a_follow_up_updates_the_finding_of_the_alert_that_it_follows() -> None:
    first, later = an_alert(1), an_alert(2, follows=an_alert(1).id)
    finding = ocsf_finding(later, raised=HAPPENED)
    check_is_valid(finding)
    assert (finding["activity_id"], finding["type_uid"]) == (2, 200402)
    assert finding["finding_info"]["uid"] == ocsf_finding(first)["finding_info"]["uid"]
    assert finding["metadata"]["uid"] == later.id
    assert finding["finding_info"]["modified_time"] == 1_785_574_801_000
    assert "created_time" not in finding["finding_info"], "it is the other's, which says it"


def test_the_end_of_an_incident_closes_the_finding_of_its_beginning() -> None:
    began = an_alert(1)
    over = an_alert(2, incident=Incident(began.id, "resolved", Severity.HIGH))
    finding = ocsf_finding(over)
    check_is_valid(finding)
    assert (finding["activity_id"], finding["type_uid"]) == (3, 200403)
    assert finding["finding_info"]["uid"] == began.id
    assert (finding["status_id"], finding["is_alert"]) == (4, False)


@pytest.mark.parametrize("version", ["1.4.0", "1.6.0", "1.8.0"])
def test_a_finding_is_valid_by_other_versions_of_the_schema(version: str) -> None:
    assert list(detection_finding(version).iter_errors(ocsf_finding(an_alert(resource=ARN)))) == []


def test_an_alert_that_waited_keeps_the_time_at_which_it_was_raised() -> None:
    """Through retries, a dead-letter queue and `redeliver`."""
    to = of_kind(WEBHOOK, "https://example.test/webhook")
    to = msgspec.structs.replace(to, options={**to.options, "FORMAT": "ocsf"})
    down = Answer("try_again", "answered 503", 503)
    world = World(to, webhook=lambda _, now: down if now < START + 7 * 3600 else TAKEN)
    world.send(an_alert())
    world.run()
    [dead] = world.queue.dead
    assert isinstance(dead, Message)
    world.now = START + 9 * 3600
    world.queue.put(afresh(Letter("id", START, "", dead), world.now, 10**6))
    world.run()
    [body] = world.posts["webhook"]
    assert msgspec.json.decode(body)["finding_info"]["created_time"] == int(START * 1000)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_the_finding_is_valid(hostile: Alert) -> None:
    check_is_valid(msgspec.json.decode(ocsf_body(readable(hostile), 1.0)))
