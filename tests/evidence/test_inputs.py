"""What real people hand to `replay`, in every spelling: the same events, whatever is around them.

Each part is a case that users met. The docstrings say of which kind it is.
"""

import json
from typing import Any

import pytest

from registrywatch.events import Pull, RegistryEvent
from tests.builders import azure
from tests.builders import cloudtrail as ct
from tests.builders import registry_calls as rare
from tests.builders.cases import for_each
from tests.builders.cloudtrail import Json, digest
from tests.builders.detecting import raised
from tests.builders.envelopes import (
    OF_ACTIVITY_LOG,
    OF_CLOUDTRAIL,
    OF_EVENT_GRID,
    OF_RESOURCE_LOG,
    Envelope,
    repository_row,
    security_lake,
)
from tests.builders.streams import found, lines

RECORDS = [
    ct.delete_repository(),
    ct.set_policy(ct.allow("ecr:*")),
    ct.pull("v1", digest("a")),
    ct.push("v2"),
    ct.delete_images(digest("b"), tags={"latest": digest("c")}),
    ct.set_lifecycle(ct.expiry()),
    ct.set_scanning({"scanOnPush": False}),
    ct.create_repository(),
    ct.expire_images(digest("d")),
    rare.replication(rare.replicate(("eu-west-1", ct.FOREIGN), deletes=True)),
    ct.failed(ct.delete_repository("other")),
]
PULLS = [azure.logged("Pull", f"image{n}", f"v{n}", at=1_785_574_800.25 + n) for n in range(3)]
LOGGED = [*PULLS, azure.logged("Delete", None, None), azure.logged("Pull", "x", status="404")]
SETTING = f"{azure.registry_id()}/providers/Microsoft.Insights/diagnosticSettings/audit"
CHANGED = [
    azure.activity("Microsoft.ContainerRegistry/registries/delete", azure.registry_id()),
    azure.activity("Microsoft.Insights/diagnosticSettings/delete", SETTING, result="Start"),
    azure.activity("Microsoft.Insights/diagnosticSettings/delete", SETTING),
]
GRID = [azure.pushed(), azure.deleted(), azure.plan_changed(), azure.deleted(None)]


def essence(events: list[RegistryEvent]) -> list[tuple[Any, ...]]:
    """What must not depend on the envelope: what, when, where, by whom, and the key."""
    return [
        (
            event.key,
            event.what,
            event.time,
            event.account,
            event.registry_id or event.registry,
            event.repository,
            event.actor.id,
        )
        for event in events
    ]


def same(records: list[Json], envelope: Envelope, plain: Envelope) -> None:
    expected = found(plain(records))
    assert expected.events
    seen = found(envelope(records))
    assert (seen.problems, seen.kinds) == ([], {})
    assert essence(seen.events) == essence(expected.events)


@for_each("envelope", OF_CLOUDTRAIL.values(), ids=OF_CLOUDTRAIL)
def test_cloudtrail_s_records_in_any_envelope_are_the_same_events(envelope: Envelope) -> None:
    same(RECORDS, envelope, OF_CLOUDTRAIL["log file"])


@for_each("envelope", OF_CLOUDTRAIL.values(), ids=OF_CLOUDTRAIL)
def test_one_record_in_any_envelope_raises_its_alert(envelope: Envelope) -> None:
    """A forced delete, found in a dead-letter queue, printed by a console, exported by a query."""
    same([ct.delete_repository()], envelope, OF_CLOUDTRAIL["log file"])


def test_security_lake_s_activities_are_the_same_events_as_far_as_they_say() -> None:
    """TLS and a service event's details are not in them."""
    left = ("CreateRepository", "PolicyExecutionEvent")
    said = [each for each in RECORDS if each["eventName"] not in left]
    same(said, lambda records: lines(*map(security_lake, records)), OF_CLOUDTRAIL["log file"])


@for_each("envelope", OF_RESOURCE_LOG.values(), ids=OF_RESOURCE_LOG)
def test_a_registry_s_log_in_any_envelope_is_the_same_events(envelope: Envelope) -> None:
    same(LOGGED, envelope, OF_RESOURCE_LOG["Event Hub"])


@for_each("envelope", OF_ACTIVITY_LOG.values(), ids=OF_ACTIVITY_LOG)
def test_the_activity_log_in_any_envelope_is_the_same_events(envelope: Envelope) -> None:
    same(CHANGED, envelope, OF_ACTIVITY_LOG["Event Hub"])


@pytest.mark.parametrize("envelope", OF_EVENT_GRID.values(), ids=OF_EVENT_GRID)
def test_event_grid_s_events_in_any_envelope_are_the_same_events(envelope: Envelope) -> None:
    same(GRID, envelope, OF_EVENT_GRID["array"])
    same(list(map(azure.cloud_event, GRID)), envelope, OF_EVENT_GRID["array"])


# A wrong shape in the member that decides is never "no rule reads it"


@for_each("value", [None, 7, [], ["Pull"], {"name": "Pull"}, True])
def test_an_operation_that_cannot_be_understood_is_unknown(value: object) -> None:
    odd = {**azure.logged(), "operationName": value}
    seen = found(lines(azure.hub(odd, azure.logged())))
    assert (len(seen.events), seen.unknown, seen.problems) == (1, 1, [])
    row = {**repository_row(azure.logged()), "OperationName": value}
    seen = found(lines([row, repository_row(azure.logged())]))
    assert (len(seen.events), seen.unknown, seen.problems) == (1, 1, [])


def test_a_query_that_left_out_the_status_is_unknown() -> None:
    """A look-up that failed would pass for a pull, or a pull for none."""
    row = repository_row(azure.logged())
    del row["ResultDescription"]
    seen = found(lines([row]))
    assert (seen.events, seen.unknown) == ([], 1)


def test_rows_of_other_tables_are_passed_over_by_name() -> None:
    rows = [{"TimeGenerated": "2026-08-01T09:00:00Z", "Type": "Heartbeat", "Computer": "x"}] * 3
    seen = found(lines({"records": rows}))
    assert (seen.unknown, seen.other) == (0, {"Log Analytics rows of Heartbeat": 3})


def test_other_categories_of_a_hub_are_passed_over_by_name() -> None:
    other = {**azure.activity("Sign-in activity", "/tenants/x"), "category": "SignInLogs"}
    metric = {"count": 1, "metricName": "TotalPullCount", "timeGrain": "PT1M", "resourceId": "x"}
    seen = found(lines(azure.hub(other, azure.logged(), metric, other)))
    assert (len(seen.events), seen.unknown, seen.problems) == (1, 0, [])
    assert seen.other == {
        "Azure Monitor logs of category SignInLogs": 2,
        "Azure Monitor metrics": 1,
    }


def test_one_known_document_among_unknown_ones_hides_none_of_them() -> None:
    unknown = [{"Name": f"app{n}", "Events ": []} for n in range(20)]
    seen = found(lines(ct.eventbridge(ct.delete_repository()), *unknown))
    assert (len(seen.events), seen.unknown, list(seen.kinds.values())) == (1, 20, [2])


# A whole log bucket

FLOW = b"version account-id interface-id srcaddr dstaddr\n" + b"".join(
    b"2 111122223333 eni-%d 10.0.0.1 10.0.0.2 443 5 6 10 840 1 2 ACCEPT OK\n" % n for n in range(9)
)
ELB = b'https 2026-08-01T09:05:00.0Z app/x/1 198.51.100.1:1 10.0.0.1:80 0 0 0 200 "GET /"\n' * 4
INSIGHT = {
    "eventType": "AwsCloudTrailInsight",
    "eventCategory": "Insight",
    "insightDetails": {"eventSource": "ecr.amazonaws.com", "eventName": "BatchDeleteImage"},
}


@for_each(
    ("data", "other"),
    [
        (FLOW, {"VPC flow logs": 10}),
        (ELB, {"load balancer logs": 4}),
        (lines({"Records": [INSIGHT]}), {"CloudTrail Insights events": 1}),
        (lines({"digestStartTime": "x", "logFiles": []}), {"CloudTrail digest files": 1}),
        (lines({"fileVersion": "1.0", "configurationItems": []}), {"AWS Config files": 1}),
        (
            lines(
                {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {}}]}
            ),
            {"S3 event notifications": 1},
        ),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_what_else_lies_in_a_log_bucket_is_passed_over_by_name(
    data: bytes, other: dict[str, int]
) -> None:
    seen = found(data)
    assert (seen.problems, seen.kinds, seen.other) == ([], {}, other)


def test_ecr_s_own_events_are_passed_over_among_cloudtrail_s() -> None:
    own = ct.eventbridge(ct.push()) | {"detail-type": "ECR Image Action", "detail": {"a": 1}}
    seen = found(lines(ct.eventbridge(ct.pull("a")), own, ct.eventbridge(ct.pull("b")), own))
    assert len(seen.events) == 2
    assert seen.other == {"EventBridge events of type ECR Image Action": 2}


@pytest.mark.parametrize(
    "text",
    [
        b"-----\n|  LookupEvents  |\n+-----+\n|| EventId | x ||\n" * 50,
        b"Events:\n- EventId: x\n  EventName: DeleteRepository\n" * 50,
        b"eventtime,eventname\n2026-08-01,DeleteRepository\n" * 50,
        b"some text\n" * 5000,
    ],
    ids=["table", "yaml", "csv", "text"],
)
def test_a_file_that_is_no_json_at_all_is_one_problem(text: bytes) -> None:
    seen = found(text, [1 << 16])
    assert seen.events == []
    assert seen.lines == [1]
    assert "not JSON" in seen.texts[0]


# What was withheld, refused or did not exist


@pytest.mark.parametrize("count", [60, 51])
def test_padding_a_manifest_does_not_hide_a_push(count: int) -> None:
    pushes = [ct.withheld(ct.push(f"v{n}", f"i{n}")) for n in range(count)]
    assert [rule for rule, _ in raised(ct.log_file(*pushes))].count("ecr-excessive-image-push") == 1


@pytest.mark.parametrize("count", [120, 500])
def test_looking_up_what_does_not_exist_is_no_pull(count: int) -> None:
    looked = [ct.pull(f"pr-{n}", missing=(f"pr-{n}",)) for n in range(count)]
    assert raised(ct.log_file(*looked)) == []


def test_an_addendum_raises_no_second_alert() -> None:
    made = ct.delete_repository()
    for order in ([made, ct.addendum(made)], [ct.addendum(made), made]):
        assert len(raised(ct.log_file(*order))) == 1


# One registry under several names


@pytest.mark.parametrize(
    "host",
    [
        "example.azurecr.io",
        "Example.AzureCR.io",
        "example.northeurope.geo.azurecr.io",
        "example.northeurope.data.azurecr.io",
    ],
)
def test_a_registry_is_its_resource_id_whatever_host_and_location_a_record_names(
    host: str,
) -> None:
    made = azure.logged()
    made["properties"]["loginServer"] = host
    made["location"] = "northeurope"
    [event] = found(lines(azure.hub(made))).events
    assert event.registry_id == azure.registry_id().lower()
    assert event.registry == "example.azurecr.io"
    assert isinstance(event.what, Pull)


@pytest.mark.parametrize("name", ["Alice@Example.com", "alice@example.com", "ALICE@EXAMPLE.COM"])
def test_a_person_has_no_case_on_azure(name: str) -> None:
    documents = [
        azure.hub(azure.logged(by=name)),
        azure.hub(azure.activity(*CHANGED_AS, by=name)),
        azure.pushed(by=name),
        azure.plan_changed(by=name),
    ]
    for document in documents:
        [event] = found(lines(document)).events
        assert event.actor.id == "alice@example.com"


CHANGED_AS = ("Microsoft.ContainerRegistry/registries/delete", azure.registry_id())


@for_each(
    "identity",
    ["", "Microsoft.X", "{broken", '{"claims": 7}', 7, [], {"claims": "x"}, {"authorization": []}],
    ids=json.dumps,
)
def test_a_registry_s_delete_is_told_whatever_says_who_did_it(identity: object) -> None:
    made = {**azure.activity(*CHANGED_AS), "identity": identity}
    seen = found(lines(azure.hub(made)))
    assert [type(event.what).__name__ for event in seen.events] == ["RegistryDeleted"]


def test_a_whole_registry_s_delete_is_told_once_in_replay() -> None:
    made = [azure.activity(*CHANGED_AS, result=r, correlation="c") for r in ("Start", "Success")]
    assert raised(azure.hub(*made)) == [("acr-forced-repository-deletion", "high")]
