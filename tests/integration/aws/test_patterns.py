"""The EventBridge patterns against events, by an engine that knows EventBridge's language.

Both ways: what some rule reads is brought, once, by the rule that it belongs to; what none reads
costs nothing.
"""

import json
import subprocess
from collections.abc import Iterable

import boto3
import pytest

from registrywatch.aws.patterns import TRAFFIC_CALLS
from registrywatch.sources import monitoring_calls
from registrywatch.sources.cloudtrail import CALLS, is_read
from registrywatch.sources.refused_calls import REFUSED_CODES
from tests.aws.templates import changes_pattern, monitoring_pattern, traffic_pattern
from tests.builders import blinding, registry_calls
from tests.builders import cloudtrail as ct
from tests.builders.cloudtrail import Json
from tests.builders.detecting import raised
from tests.integration.components import ROOT, require

pytestmark = pytest.mark.real

SERVICES = {"ecr": "ecr.amazonaws.com", "ecr-public": "ecr-public.amazonaws.com"}


def brought_by(events: Iterable[Json]) -> list[list[str]]:
    """For each event the rules that match it."""
    given = {
        "patterns": {
            "changes": changes_pattern(),
            "traffic": traffic_pattern(),
            "monitoring": monitoring_pattern(),
        },
        "events": list(events),
    }
    done = subprocess.run(
        [require("localstack") / "bin/python", ROOT / "tests/integration/tools/match_events.py"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def brought(event: Json) -> list[str]:
    [rules] = brought_by([event])
    return rules


def test_every_call_of_both_apis_is_brought_if_and_only_if_some_rule_reads_it() -> None:
    calls = [
        (source, operation)
        for service, source in SERVICES.items()
        for operation in boto3.client(service, "eu-west-1").meta.service_model.operation_names
    ]
    calls += [
        (source, name)
        for source, names in CALLS.items()
        for name in names
        if name not in monitoring_calls.CALLS.get(source, ())
    ]
    assert len(calls) > 70
    request = {"secretId": "ecr-pullthroughcache/hub"}  # of secrets, only these are brought
    found = brought_by(
        ct.eventbridge(ct.record(name, request, source=source)) for source, name in calls
    )
    for (source, name), rules in zip(calls, found, strict=True):
        expected = (
            ["traffic" if name in TRAFFIC_CALLS else "changes"] if is_read(source, name) else []
        )
        assert rules == expected, (source, name)


def test_of_all_secrets_only_those_of_pull_through_caches_are_brought() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
    secrets = ["ecr-pullthroughcache/hub", f"{arn}ecr-pullthroughcache/hub-AbCdEf", "db", arn]
    found = brought_by(ct.eventbridge(registry_calls.secret_read(each)) for each in secrets)
    assert found == [["changes"], ["changes"], [], []]


def test_a_service_event_is_brought() -> None:
    assert brought(ct.eventbridge(ct.expire_images(ct.digest("app")))) == ["changes"]


def test_a_call_that_failed_costs_nothing_unless_it_was_refused() -> None:
    for made in (ct.pull(), ct.delete_repository(), ct.record("DescribeImages", {})):
        assert brought(ct.eventbridge(ct.failed(made, "RepositoryNotFoundException"))) == []
        for code in REFUSED_CODES:
            assert brought(ct.eventbridge(ct.failed(made, code))) == ["traffic"]
    other = ct.record("RunInstances", {}, source="ec2.amazonaws.com")
    assert brought(ct.eventbridge(ct.failed(other))) == []


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_error_code_is_none(nothing: str | None) -> None:
    assert brought(ct.eventbridge({**ct.pull(), "errorCode": nothing})) == ["traffic"]


def test_what_comes_from_other_accounts_and_regions_is_brought() -> None:
    event = ct.eventbridge(ct.pull(region="us-east-1", account=ct.FOREIGN))
    assert brought(event) == ["traffic"]


def test_ecr_s_own_events_which_name_no_actor_are_left() -> None:
    event = {
        **ct.eventbridge(ct.push()),
        "detail-type": "ECR Image Action",
        "detail": {"action-type": "DELETE", "repository-name": "prod/api", "result": "SUCCESS"},
    }
    assert brought(event) == []


def test_an_event_that_somebody_made_up_is_left() -> None:
    """Only AWS can put events under a source of `aws.`."""
    assert brought({**ct.eventbridge(ct.delete_repository()), "source": "custom.ecr"}) == []


WAYS = blinding.ways()


def test_every_way_to_blind_registrywatch_is_brought_once_and_raises_an_alert() -> None:
    found = brought_by(ct.eventbridge(way) for way in WAYS.values())
    assert dict(zip(WAYS, found, strict=True)) == {way: ["monitoring"] for way in WAYS}
    for way in WAYS.values():
        assert [rule for rule, _ in raised(ct.eventbridge(way))] == ["ecr-monitoring-removed"]


def test_inspector_that_is_switched_off_is_brought_and_raises_an_alert() -> None:
    off = blinding.call(
        "inspector2",
        "Disable",
        {"accountIds": [ct.ACCOUNT], "resourceTypes": ["ECR"]},
        {"accounts": [], "failedAccounts": []},
    )
    assert brought(ct.eventbridge(off)) == ["changes"]
    assert raised(ct.eventbridge(off)) == [("ecr-image-scan-disabled", "high")]


SPELT_OUT = f"arn:aws:lambda:eu-west-1:{ct.ACCOUNT}:function:{blinding.FUNCTION}:live"


@pytest.mark.parametrize("name", [SPELT_OUT, f"{ct.ACCOUNT}:function:{blinding.FUNCTION}"])
def test_a_function_is_watched_however_it_is_named(name: str) -> None:
    call = blinding.call("lambda", "DeleteFunction20150331", {"functionName": name})
    assert brought(ct.eventbridge(call)) == ["monitoring"]


@pytest.mark.parametrize(
    "call",
    [
        blinding.call("events", "DisableRule", {"name": "nightly-report"}),
        blinding.call("lambda", "UpdateFunctionCode20150331v2", {"functionName": "shop"}),
        blinding.call("dynamodb", "DeleteTable", {"tableName": "orders"}),
        blinding.call("monitoring", "DeleteAlarms", {"alarmNames": ["cpu"]}),
        blinding.call("iam", "DeleteRolePolicy", {"roleName": "Dev"}),
        blinding.call("cloudformation", "DeleteStack", {"stackName": "shop"}),
    ],
    ids=lambda call: str(call["eventName"]),
)
def test_what_others_do_to_their_own_resources_costs_nothing(call: Json) -> None:
    assert brought(ct.eventbridge(call)) == []
