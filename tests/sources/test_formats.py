"""Every format by its own example, alone and in the company of the others."""

import base64
import itertools
import json
from collections.abc import Callable

import pytest

from registrywatch.events import RegistryDeleted
from registrywatch.sources import fast, read
from registrywatch.sources.formats.activity_log import POWERSHELL_ENTRY
from registrywatch.sources.formats.catalogue import FORMATS
from registrywatch.sources.formats.format import Format
from registrywatch.sources.recovery import read_slowly
from registrywatch.sources.text_logs import TEXT_FORMATS, text_format
from tests.builders import azure
from tests.builders.cases import for_each
from tests.builders.cloudtrail import (
    Json,
    create_repository,
    delete_repository,
    expire_images,
    failed,
    pull,
    push,
    record,
    root,
    set_policy,
)
from tests.builders.envelopes import OF_ACTIVITY_LOG, OF_CLOUDTRAIL, OF_RESOURCE_LOG, Envelope
from tests.builders.streams import found

by_format = for_each("each", FORMATS, ids=lambda each: each.name)


def test_each_format_has_a_name_of_its_own() -> None:
    names = [each.name for each in FORMATS] + [each.name for each in TEXT_FORMATS]
    assert len(set(names)) == len(names)


@by_format
def test_a_format_says_what_to_do_with_it_in_one_way(each: Format) -> None:
    assert [each.record, each.unwrap, each.other].count(None) == 2


@by_format
def test_the_example_of_a_format_is_understood(each: Format) -> None:
    reading = read(each.example.encode())
    assert not reading.problems
    assert not reading.unknown
    assert reading.records
    if each.other is None:
        assert reading.events, "an example shows something that a rule reads"
        assert not reading.other
    else:
        assert not reading.events
        assert reading.other


def test_the_same_happening_in_any_format_of_the_same_source_has_the_same_key() -> None:
    keys = {
        (event.source, type(event.what).__name__, event.key)
        for each in FORMATS
        for event in read(each.example.encode()).events
    }
    kinds = [kind for _, kind, _ in keys]
    assert len(kinds) == 5, keys  # a delete on AWS, a pull, a registry's delete, an image's twice


@by_format
def test_an_example_is_read_the_same_in_one_pass_and_value_by_value(each: Format) -> None:
    document = each.example.encode()
    slow = read_slowly(document)
    try:
        quick = fast.read_one(document)
    except fast.NOT_FAST:
        return
    assert quick == slow


@pytest.mark.parametrize("indent", [None, 2])
def test_all_examples_together_are_understood_in_one_file(indent: int | None) -> None:
    examples = [json.loads(each.example) for each in FORMATS]
    data = "\n".join(json.dumps(each, indent=indent) for each in examples).encode()
    seen = found(data)
    assert (seen.problems, seen.kinds) == ([], {})
    assert len(seen.events) == sum(1 for each in FORMATS if each.other is None)


@pytest.mark.parametrize("each", TEXT_FORMATS, ids=lambda each: each.name)
def test_the_example_of_a_format_of_lines_is_recognised(each: object) -> None:
    example = next(text for text in TEXT_FORMATS if text is each).example
    recognised = text_format(example.encode())
    assert recognised is each


def test_envelopes_lie_in_each_other() -> None:
    """An EventBridge event, by SNS to SQS, in Lambda's record, fetched from a dead-letter queue."""
    inner = next(each for each in FORMATS if each.name == "an EventBridge event from CloudTrail")
    notification = {"Type": "Notification", "TopicArn": "arn:…", "Message": inner.example}
    record = {"messageId": "m", "eventSource": "aws:sqs", "body": json.dumps(notification)}
    failure = {"requestContext": {}, "requestPayload": {"Records": [record]}}
    fetched = {"Messages": [{"MessageId": "m", "Body": json.dumps(failure)}]}
    reading = read(json.dumps(fetched).encode())
    assert reading.events == read(inner.example.encode()).events
    assert not reading.problems


def test_envelopes_in_each_other_without_end_are_named() -> None:
    document = '{"a": 1}'
    for _ in range(14):  # each doubles the backslashes
        document = json.dumps({"TopicArn": "a", "Message": document})
    deep: object = {"a": 1}
    for _ in range(40):
        deep = {"requestContext": {}, "requestPayload": deep}
    assert read(json.dumps(deep).encode()).problems[0].text == "nested too deeply"
    assert read(document.encode()).unknown


def test_kinds_that_are_named_by_the_input_are_bounded() -> None:
    documents = [{f"member{n}": 1} for n in range(500)]
    events = [{"detail-type": f"type {n}", "source": "x", "detail": {}} for n in range(500)]
    reading = read(json.dumps([*documents, *events]).encode())
    assert sum(each.count for each in reading.unknown.values()) == 500
    assert sum(reading.other.values()) == 500
    assert max(len(reading.unknown), len(reading.other)) <= 51


def test_the_order_of_formats_matters_only_where_it_is_meant_to() -> None:
    """Which formats fit an example besides its own: each pair here is decided by the order."""
    import msgspec

    decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
    pairs = set()
    for one, other in itertools.combinations(FORMATS, 2):
        for each in (one, other):
            example = json.loads(each.example)
            example = example[0] if isinstance(example, list) else example
            fields = decode(json.dumps(example).encode())
            if one.recognise(fields) and other.recognise(fields):
                pairs.add((one.name, other.name))
    assert pairs == {
        ("an EventBridge event from CloudTrail", "another EventBridge event"),
        ("a row of AWSCloudTrail", "a row of another table"),
        ("an entry of the Activity Log from PowerShell", "a row of another table"),
        ("a row of ContainerRegistryRepositoryEvents", "a row of another table"),
        ("a row of AzureActivity", "a row of another table"),
        ("an entry of the Activity Log", "an Azure Monitor record"),
        ("one event of lookup-events", "members of lookup-events under names of one's own"),
        ("members of lookup-events under names of one's own", "an event of Splunk"),
    }


@pytest.mark.parametrize(
    ("envelopes", "records"),
    [
        (OF_CLOUDTRAIL, [pull("v1"), delete_repository(), record("DescribeImages", {}), push()]),
        (OF_RESOURCE_LOG, [azure.logged(), azure.logged("Push"), azure.logged("Delete", None)]),
        (OF_ACTIVITY_LOG, [azure.activity("Microsoft.Web/sites/write", "/subscriptions/x")]),
    ],
    ids=["CloudTrail", "resource log", "Activity Log"],
)
def test_every_envelope_is_read_the_same_in_one_pass_and_value_by_value(
    envelopes: dict[str, Envelope], records: list[Json]
) -> None:
    quickly = 0
    for envelope in envelopes.values():
        for document in envelope(records).splitlines():
            try:
                quick = fast.read_one(document)
            except fast.NOT_FAST:
                continue
            quickly += 1
            assert quick == read_slowly(document)
            assert fast.read_lines(document + b"\n" + document).records == 2 * quick.records
    assert quickly


@pytest.mark.parametrize("encode", [str, lambda text: base64.b64encode(text.encode()).decode()])
def test_what_the_azure_cli_peeks_in_a_queue_is_read(encode: Callable[[str], str]) -> None:
    """Whether the CLI decodes base64 depends on its version and options: both are accepted."""
    record = json.dumps(azure.hub(azure.logged("Pull")))
    parked = json.dumps({"reason": "no answer", "source": "event-hub", "record": record})
    message = {"id": "m1", "dequeueCount": 0, "insertionTime": "2026-08-01T09:12:00+00:00"}
    reading = read(json.dumps([{**message, "content": encode(parked)}]).encode())
    assert [type(event.what).__name__ for event in reading.events] == ["Pull"]
    assert not (reading.problems or reading.unknown)


def sentinel_row(made: Json) -> Json:
    """The record as Microsoft Sentinel's table AWSCloudTrail has it."""
    who = made["userIdentity"]
    issuer = who.get("sessionContext", {}).get("sessionIssuer", {})
    return {
        "TenantId": "5c1e7a1b-0000-4000-8000-000000000001",
        "TimeGenerated": made["eventTime"],
        "AwsEventId": made["eventID"],
        "EventTypeName": made["eventType"],
        "OperationName": "CloudTrail",
        "EventName": made["eventName"],
        "EventSource": made["eventSource"],
        "AWSRegion": made["awsRegion"],
        "RecipientAccountId": made["recipientAccountId"],
        "SourceIpAddress": made.get("sourceIPAddress"),
        "UserAgent": made.get("userAgent"),
        "ErrorCode": made.get("errorCode", ""),
        "ErrorMessage": made.get("errorMessage", ""),
        "TlsVersion": made.get("tlsDetails", {}).get("tlsVersion", ""),
        "Resources": json.dumps(made.get("resources")),
        "RequestParameters": json.dumps(made.get("requestParameters")),
        "ResponseElements": json.dumps(made.get("responseElements")),
        "ServiceEventDetails": json.dumps(made.get("serviceEventDetails")),
        "Type": "AWSCloudTrail",
        **{
            f"UserIdentity{each[:1].upper()}{each[1:]}": who.get(each, "")
            for each in ("type", "arn", "accountId", "userName", "invokedBy")
        },
        **{f"SessionIssuer{each[:1].upper()}{each[1:]}": text for each, text in issuer.items()},
    }


@for_each(
    "made",
    [
        pull("v1"),
        push(),
        delete_repository(),
        delete_repository(by=root()),
        create_repository(),
        expire_images("a", "b"),
        failed(pull()),
        set_policy({"Version": "2012-10-17", "Statement": []}),
        record("DescribeImages", {}),
    ],
    ids=lambda each: each["eventName"],
)
@pytest.mark.parametrize("exported", [True, False])
def test_a_row_of_sentinel_is_read_as_its_record(made: Json, exported: bool) -> None:
    rows = [sentinel_row(made)]
    reading = read(json.dumps({"records": rows} if exported else rows).encode())
    assert not reading.problems
    assert not reading.unknown
    assert reading.events == read(json.dumps(made).encode()).events


def test_a_row_of_sentinel_without_its_call_is_reported() -> None:
    row = sentinel_row(delete_repository()) | {"EventName": ""}
    assert len(read(json.dumps(row).encode()).problems) == 1


@for_each(
    "changed",
    [
        {"EventTimestamp": "/Date(1785575412602)/"},
        {"OperationName": {"Value": "x", "value": "Microsoft.ContainerRegistry/registries/delete"}},
        {"Status": {"value": "Succeeded"}, "Authorization": {"Action": "x", "Scope": "y"}},
    ],
    ids=lambda each: next(iter(each)),
)
def test_an_entry_from_powershell_is_read_in_each_of_its_printings(changed: Json) -> None:
    entry = json.loads(POWERSHELL_ENTRY.example)[0]
    [event] = read(json.dumps(entry | changed).encode()).events
    assert isinstance(event.what, RegistryDeleted)
    assert event.time == pytest.approx(1785575412.602)
