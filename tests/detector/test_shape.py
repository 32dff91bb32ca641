"""An alert as data: exactly the object that queue, webhook and `replay --json` share."""

import json
import re
from typing import Any

import pytest

from registrywatch.alerts import Alert, alert_id, decode, encode
from registrywatch.rules import CATALOGUE
from tests.builders.alerts import an_alert
from tests.builders.azure import deleted, logged, plan_changed, pushed, resource_changed
from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json, delete_repository, log_file, pull
from tests.builders.detecting import alerts

KEYS = [
    "schema",
    "id",
    "rule",
    "title",
    "summary",
    "severity",
    "reasons",
    "cloud",
    "account",
    "region",
    "registry",
    "repository",
    "resource",
    "actor",
    "time",
    "mitre",
    "events",
    "count",
    "threshold",
    "window_seconds",
    "impact",
    "mitigation",
    "silence",
    "references",
    "follows",
    "incident",
]
ACTOR = ["id", "name", "type", "ip", "user_agent"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def as_data(*payloads: Json | list[Json], **variables: str) -> dict[str, Any]:
    (alert,) = alerts(*payloads, **variables)
    body = encode(alert)
    assert b"\n" not in body
    loaded: dict[str, Any] = json.loads(body)
    return loaded


def test_the_alert_about_a_single_event() -> None:
    made = delete_repository(event_id="11111111-0000-4000-8000-00000000dead")
    found = as_data(made)
    for name in ("summary", "reasons", "impact", "mitigation", "references"):
        assert found[name], "words, which may change"
        del found[name]
    for name in ("resource", "silence"):
        assert name in found, "the detector fills it where the event tells it"
        del found[name]
    assert found == {
        "schema": 1,
        "id": alert_id("ecr-forced-repository-deletion", made["eventID"]),
        "rule": "ecr-forced-repository-deletion",
        "title": "Forced Repository Deleted",
        "severity": "high",
        "cloud": "aws",
        "account": "111122223333",
        "region": "eu-west-1",
        "registry": "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        "repository": "prod/api",
        "actor": {
            "id": "arn:aws:iam::111122223333:role/Dev",
            "name": "Dev/alice",
            "type": "AssumedRole",
            "ip": "203.0.113.12",
            "user_agent": "aws-cli/2.27.0",
        },
        "time": "2026-08-01T09:00:00Z",
        "mitre": [{"tactic": "TA0005", "technique": "T1578"}],
        "events": ["11111111-0000-4000-8000-00000000dead"],
        "count": None,
        "threshold": None,
        "window_seconds": None,
        "follows": None,
        "incident": None,
    }


SAMPLES: dict[str, tuple[list[Json], dict[str, str]]] = {
    "a change": ([delete_repository()], {}),
    "a change by nobody": ([delete_repository() | {"userIdentity": None}], {}),
    "a burst": ([log_file(*[pull(f"v{n}", at=T0 + n) for n in range(100)])], {}),
    "an image on Azure": ([deleted()], {}),
    "a repository on Azure": ([deleted(None)], {}),
    "a plan on Azure": ([plan_changed()], {}),
    "a push on Azure": ([pushed()], {"ACR_EXCESSIVE_IMAGE_PUSH_THRESHOLD": "1"}),
    "a pull on Azure": ([logged()], {"ACR_EXCESSIVE_IMAGE_PULL_THRESHOLD": "1"}),
    "monitoring on Azure": (
        [
            resource_changed(
                "Microsoft.EventGrid/systemTopics/delete",
                "/subscriptions/1/resourceGroups/g/providers/Microsoft.EventGrid/systemTopics/t",
            )
        ],
        {},
    ),
}


@for_each(("payloads", "variables"), SAMPLES.values(), ids=SAMPLES)
def test_all_keys_are_there_in_order_and_of_their_types(
    payloads: list[Json], variables: dict[str, str]
) -> None:
    found = as_data(*payloads, **variables)
    assert list(found) == KEYS
    assert list(found["actor"]) == ACTOR
    for name in ("id", "rule", "title", "summary", "impact", "mitigation"):
        assert isinstance(found[name], str)
        assert found[name]
    for name in ("reasons", "events", "references"):
        assert all(isinstance(each, str) and each for each in found[name])
    assert [list(each) for each in found["mitre"]] == [["tactic", "technique"]]
    assert found["severity"] in {"informational", "low", "medium", "high", "critical"}
    assert found["cloud"] in {"aws", "azure"}
    assert TIME.fullmatch(found["time"])
    for value in found["actor"].values():
        assert value is None or (isinstance(value, str) and value)
    numbers = [found[name] for name in ("count", "threshold", "window_seconds")]
    (rule,) = [rule for rule in CATALOGUE if rule.name == found["rule"]]
    assert [type(each) for each in numbers] == [int if rule.counting else type(None)] * 3


def test_what_is_not_known_is_null_and_never_missing() -> None:
    found = as_data(*SAMPLES["a change by nobody"][0])
    assert found["actor"] == {
        "id": None,
        "name": None,
        "type": None,
        "ip": "203.0.113.12",
        "user_agent": "aws-cli/2.27.0",
    }


def test_there_are_at_most_twenty_event_ids() -> None:
    found = as_data(*SAMPLES["a burst"][0])
    assert (found["count"], len(found["events"]), len(set(found["events"]))) == (100, 20, 20)


def test_it_can_be_read_back_as_it_was() -> None:
    for payloads, variables in SAMPLES.values():
        for alert in alerts(*payloads, **variables):
            assert decode(encode(alert)) == alert


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        an_alert().severity = None  # type: ignore[misc, assignment]


def test_its_id_hangs_on_rule_and_event_alone() -> None:
    made = delete_repository()
    one, other = as_data(made), as_data({**made, "sourceIPAddress": "203.0.113.99"})
    assert one["id"] == other["id"]
    assert alert_id("a", "bc") != alert_id("ab", "c")


def test_the_struct_declares_the_keys_in_that_order() -> None:
    assert list(Alert.__struct_fields__) == KEYS
