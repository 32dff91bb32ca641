"""A record that lacks what decides whether it matters is named, never passed over."""

import json
from typing import Any

import pytest

from registrywatch.events import ImagesArchived, ImagesDeleted, RepositoryDeleted
from registrywatch.sources import read
from registrywatch.sources.formats.activity_log import ACTIVITY_LOG_ENTRY
from registrywatch.sources.reading import Reading
from tests.builders import azure
from tests.builders import cloudtrail as ct
from tests.builders import registry_calls as made
from tests.builders.azure import activity, hub, logged, registry_id, resource_changed
from tests.builders.cases import for_each
from tests.builders.cloudtrail import Json, delete_repository, eventbridge, log_file
from tests.builders.detecting import raised

ON_IMAGES = {"ecrImageTags": [{"comparison": "EQUALS", "value": "latest"}]}
FOREIGN_HOST = f"{ct.FOREIGN}.dkr.ecr.eu-west-1.amazonaws.com"
DELETED = "Microsoft.ContainerRegistry/registries/delete"


def found(document: Json) -> Reading:
    return read(json.dumps(document).encode())


def without(record: Json, *path: str, value: Any = None) -> Json:
    """The record with a member that is null, or has another value."""
    first, *rest = path
    return record | {first: without(record[first], *rest, value=value) if rest else value}


def suppressing(comparison: str, kind: str) -> Json:
    criteria = {"resourceType": [{"comparison": comparison, "value": kind}]}
    return {"action": "SUPPRESS", "name": "f", "filterCriteria": criteria}


def beside(record: Json) -> Json:
    return hub(record, logged("Delete", None, None, repository="other"))


ENVELOPES = [
    without(eventbridge(delete_repository()), "detail"),
    without(eventbridge(delete_repository()), "detail", value=""),
    {"Events": [{"EventId": "1", "CloudTrailEvent": ""}]},
    {"Messages": [{"MessageId": "1", "Body": ""}]},
    {"requestContext": {}, "requestPayload": ""},
    {"TopicArn": "arn:aws:sns:x:1:y", "Message": ""},
]


@for_each("envelope", ENVELOPES, ids=lambda each: "-".join(each)[:40])
def test_an_envelope_without_its_content_is_named(envelope: Json) -> None:
    assert [problem.text[-8:] for problem in found(envelope).problems] == ["is empty"]


@pytest.mark.parametrize("name", ["", None])
def test_a_call_without_a_name_is_named_in_a_log_file_too(name: str | None) -> None:
    reading = found(log_file(without(delete_repository(), "eventName", value=name)))
    assert list(reading.unknown) == ["a CloudTrail record whose eventName can't be understood"]


def test_a_log_event_that_is_no_record_hides_none_behind_it() -> None:
    good = json.dumps(delete_repository())
    events: list[Any] = [{"message": each} for each in ("Hello", good, "", None, good)]
    reading = read(json.dumps({"events": ["odd", *events, {"no": 1}]}).encode())
    assert len(reading.events) == 2
    assert len(reading.problems) + sum(each.count for each in reading.unknown.values()) == 5


@for_each(
    ("record", "why"),
    [
        (without(logged(), "resultDescription"), "the record has no HTTP status"),
        (without(logged(), "resultDescription", value="fine"), "the record has no HTTP status"),
        (without(logged(), "properties"), "the record has no properties"),
        (without(logged("Delete"), "properties"), "the record has no properties"),
        (
            without(activity(DELETED, registry_id()), "resultType"),
            "the record does not say how the operation ended",
        ),
        (
            without(activity(DELETED, registry_id()), "resourceId", value=""),
            "the record names no resource",
        ),
    ],
)
def test_a_record_of_azure_without_what_decides_is_named(record: Json, why: str) -> None:
    reading = found(beside(record))
    assert [event.repository for event in reading.events] == ["other"]
    [problem] = reading.problems
    assert problem.text.endswith(why)


@for_each("operation", ["Pull", "Push", "Delete"])
def test_a_record_of_a_repository_without_a_category_is_unknown(operation: str) -> None:
    reading = found(beside(without(logged(operation), "category")))
    assert [event.repository for event in reading.events] == ["other"]
    assert len(reading.unknown) == 1


@for_each(
    "event",
    [
        without(resource_changed(DELETED, registry_id()), "data", "operationName"),
        without(resource_changed(DELETED, registry_id()), "data", "operationName", value=""),
        without(azure.pushed(), "data", "target"),
        without(azure.deleted(), "data", "target"),
    ],
    ids=lambda each: str(each["data"])[:60],
)
def test_an_event_of_event_grid_without_what_happened_is_named(event: Json) -> None:
    reading = found(event)
    assert not reading.events
    assert reading.problems or reading.unknown


@for_each(
    ("record", "what"),
    [
        (made.archive() | {"requestParameters": None}, ImagesArchived((), omitted=True)),
        (made.archive(to=""), ImagesArchived((), omitted=True)),
        (
            ct.expire_images("a") | {"serviceEventDetails": None},
            ImagesDeleted((), expired=True, omitted=True),
        ),
    ],
    ids=lambda each: str(each)[:40],
)
def test_losses_without_their_details_are_withheld(record: Json, what: object) -> None:
    [event] = found(record).events
    assert event.what == what


@for_each(
    ("record", "severity"),
    [
        (made.inspector("CreateFilter", {"action": "suppress", "name": "f"}), "medium"),
        (made.inspector("UpdateFilter", {"filterArn": "f", "filterCriteria": ON_IMAGES}), "medium"),
        (made.inspector("UpdateFilter", {"filterArn": "f", "name": "new"}), None),
        (made.inspector("CreateFilter", {"name": "f", "filterCriteria": ON_IMAGES}), None),
        (made.inspector("CreateFilter", suppressing("PREFIX", "AWS_EC")), "medium"),
        (made.inspector("CreateFilter", suppressing("PREFIX", "AWS_ECR_CONT")), "medium"),
        (made.inspector("CreateFilter", suppressing("PREFIX", "AWS_LAMBDA")), None),
        (made.inspector("CreateFilter", suppressing("EQUALS", "AWS_EC2_INSTANCE")), None),
        (made.inspector("CreateFilter", {}) | {"requestParameters": None}, "medium"),
        (made.inspector("Disable", {"resourceTypes": '["ECR"]'}), "high"),
        (made.policy_removed("DeleteRepositoryPolicy", {"statement": []}), "medium"),
        (made.policy_removed("DeleteRepositoryPolicy", {"Statement": []}), "low"),
        (made.cache_rule() | {"requestParameters": None, "responseElements": None}, "high"),
        (made.cache_rule(upstreamRegistryUrl=FOREIGN_HOST.upper()), "high"),
        (made.template() | {"requestParameters": None, "responseElements": None}, "high"),
        (made.template() | {"responseElements": {"repositoryCreationTemplate": {}}}, "low"),
        (made.replication() | {"requestParameters": None, "responseElements": None}, "high"),
        (made.signing() | {"requestParameters": None, "responseElements": None}, "high"),
        (ct.delete_images(ct.digest(1)) | {"responseElements": {"imageIds": [{}]}}, "high"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_what_a_rare_call_leaves_open_is_not_taken_for_harmless(
    record: Json, severity: str | None
) -> None:
    assert [each for _, each in raised(record)] == ([severity] if severity else [])


@for_each(
    "member", ["responseElements", "tlsDetails", "resources", "sharedEventID", "userIdentity"]
)
def test_a_member_beside_the_act_that_cannot_be_read_hides_no_act(member: str) -> None:
    reading = found(log_file(without(delete_repository(force=True), member, value=7)))
    [event] = reading.events
    assert event.what == RepositoryDeleted(forced=True)
    assert bool(reading.problems) == (member != "tlsDetails")  # which this call does not need


def test_the_activity_logs_words_may_be_texts_of_objects() -> None:
    entry = json.loads(ACTIVITY_LOG_ENTRY.example)[0]
    exported = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in entry.items()
    }
    [event], [again] = found(entry).events, found(exported).events
    assert event.what == again.what


def test_a_resource_log_with_an_object_for_its_operation_is_unknown() -> None:
    reading = found(beside(without(logged("Delete"), "operationName", value={"value": "Delete"})))
    assert [event.repository for event in reading.events] == ["other"]
    assert len(reading.unknown) == 1


@for_each("source", [None, "", 5, []])
def test_a_record_in_an_event_without_an_event_source_is_unknown(source: object) -> None:
    odd = eventbridge(delete_repository())
    odd["detail"]["eventSource"] = source
    lines = "\n".join(json.dumps(each) for each in (odd, eventbridge(delete_repository())))
    reading = read(lines.encode())
    assert len(reading.events) == 1
    assert len(reading.unknown) == 1


@for_each("kind", ["", 5, [], {}])
def test_an_event_whose_type_is_no_text_is_unknown(kind: object) -> None:
    reading = found({"detail-type": kind, "source": "aws.ecr", "detail": {"result": "SUCCESS"}})
    assert len(reading.unknown) == 1


@for_each("kind", ["", 5, "ecr-copy", "AWS API Call"])
def test_a_call_that_a_rule_reads_is_read_whatever_type_its_event_has(kind: object) -> None:
    [event] = found(eventbridge(delete_repository()) | {"detail-type": kind}).events
    assert isinstance(event.what, RepositoryDeleted)


def test_a_row_that_mixes_a_registrys_log_with_others_is_unknown() -> None:
    row = {"TimeGenerated": "2026-08-01T09:00:00Z", "Type": "AzureDiagnostics"}
    mixed = row | {"Category": "ContainerRegistryRepositoryEvents", "repository_s": "prod/api"}
    assert len(found(mixed).unknown) == 1
    assert not found(row | {"Category": "AuditEvent"}).unknown


@for_each("text", ["", "null", "None", "-"])
def test_an_export_that_writes_a_word_for_no_error_makes_no_failed_call(text: str) -> None:
    [event] = found(delete_repository() | {"errorCode": text}).events
    assert isinstance(event.what, RepositoryDeleted)
    assert not found(delete_repository() | {"errorCode": "Throttling"}).events
