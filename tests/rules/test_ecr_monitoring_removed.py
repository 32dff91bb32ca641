"""Calls that blind registrywatch on AWS, one after the other."""

import json

import pytest

from registrywatch.sources import monitoring_calls, read
from registrywatch.sources.aws_names import bare
from tests.builders import blinding
from tests.builders import cloudtrail as ct
from tests.builders.cases import for_each
from tests.builders.cloudtrail import ACCOUNT, REGION, Json
from tests.builders.detecting import alerts, raised

RULE = "ecr-monitoring-removed"
WAYS = blinding.ways()
EACH_WAY = for_each("way", WAYS)
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{blinding.FUNCTION}"


def test_every_call_that_is_read_is_tried_here() -> None:
    assert sorted(WAYS) == sorted(
        f"{source.removesuffix('.amazonaws.com')} {name}"
        for source, calls in monitoring_calls.CALLS.items()
        for name in calls
    )


@EACH_WAY
def test_blinding_is_high_and_critical_by_root(way: str) -> None:
    assert raised(WAYS[way]) == [(RULE, "high")]
    assert raised(blinding.ways(by=ct.root())[way]) == [(RULE, "critical")]


@EACH_WAY
@pytest.mark.parametrize("host", ["cloudformation.amazonaws.com", "codedeploy.amazonaws.com"])
def test_the_same_by_a_deploying_service_is_a_deployment(host: str, way: str) -> None:
    assert raised(blinding.ways(ip=host, agent=host)[way]) == [(RULE, "low")]


@EACH_WAY
def test_a_user_agent_makes_no_deployment(way: str) -> None:
    host = monitoring_calls.CLOUDFORMATION
    assert raised(blinding.ways(agent=host)[way]) == [(RULE, "high")]


@EACH_WAY
def test_a_call_that_failed_blinds_nothing(way: str) -> None:
    assert raised(ct.failed(WAYS[way])) == []


OTHERS = [
    blinding.call("events", "DisableRule", {"name": "nightly-report"}),
    blinding.call("lambda", "DeleteFunction20150331", {"functionName": "shop-registrywatcher"}),
    blinding.call("sqs", "PurgeQueue", {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/1/jobs"}),
    blinding.call("dynamodb", "DeleteTable", {"tableName": "orders"}),
    blinding.call("ssm", "PutParameter", {"name": "/shop/slack", "overwrite": True}),
    blinding.call("monitoring", "DeleteAlarms", {"alarmNames": ["cpu"]}),
    blinding.call("iam", "DeleteRolePolicy", {"roleName": "Dev"}),
    blinding.call("cloudformation", "DeleteStack", {"stackName": "shop"}),
    # On a part of registrywatch, but nothing is lost by it
    blinding.call(
        "lambda",
        "DeleteFunction20150331",
        {"functionName": blinding.FUNCTION, "qualifier": "7"},
    ),
    blinding.call(
        "lambda",
        "PutFunctionConcurrency20171031",
        {"functionName": blinding.FUNCTION, "reservedConcurrentExecutions": 50},
    ),
    blinding.call(
        "lambda", "UpdateEventSourceMapping20150331", {"enabled": True}, blinding.MAPPING
    ),
    blinding.call("ssm", "PutParameter", {"name": blinding.SECRET}),
    blinding.call(
        "lambda",
        "UpdateEventSourceMapping20150331",
        {"enabled": True, "filterCriteria": {"filters": []}},
        blinding.MAPPING,
    ),
    blinding.call(
        "lambda",
        "PutFunctionRecursionConfig",
        {"functionName": blinding.FUNCTION, "recursiveLoop": "Allow"},
    ),
    blinding.call("events", "RemovePermission", {"statementId": "shop"}),
    blinding.call("events", "PutPermission", {"statementId": "shop", "principal": "1"}),
    blinding.call("events", "PutPermission", {"policy": '{"Statement": [{"Effect": "Allow"}]}'}),
    blinding.call("kms", "DisableKey", {"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}),
    blinding.call("sns", "Unsubscribe", {"subscriptionArn": "arn:aws:sns:eu-west-1:1:jobs:1-2"}),
    blinding.call("logs", "DeleteLogGroup", {"logGroupName": "/aws/lambda/shop"}),
    blinding.call("cloudtrail", "UpdateTrail", {"name": "main", "s3BucketName": "other"}),
    blinding.call("cloudtrail", "UpdateTrail", {"name": "main", "isMultiRegionTrail": True}),
]


FURTHER = [
    blinding.call("events", "RemovePermission", {"removeAllPermissions": True}),
    blinding.call("events", "PutPermission", {"policy": '{"Statement": [{"Effect":"Deny"}]}'}),
    blinding.call(
        "lambda",
        "UpdateEventSourceMapping20150331",
        {"filterCriteria": {"filters": [{"pattern": '{"body": {"no": ["such"]}}'}]}},
        blinding.MAPPING,
    ),
    blinding.call(
        "lambda", "UpdateEventSourceMapping20150331", {"functionName": "sink"}, blinding.MAPPING
    ),
    blinding.call("sqs", "SetQueueAttributes", {"queueUrl": blinding.QUEUE_URL})
    | {"requestParameters": {"queueUrl": blinding.QUEUE_URL, "attributes": {"Policy": "{}"}}},
]


@for_each("call", FURTHER)
def test_further_ways_are_high(call: Json) -> None:
    assert raised(call) == [(RULE, "high")]


def test_an_organisation_s_trail_that_another_account_stops_is_told() -> None:
    theirs = "999988887777"
    trail = f"arn:aws:cloudtrail:eu-west-1:{theirs}:trail/organisation"
    stopped = blinding.call("cloudtrail", "StopLogging", {"name": trail})
    by = ct.role("Admin", account=theirs)
    in_management = blinding.call("cloudtrail", "StopLogging", {"name": trail}, by=by)
    assert raised(in_management | {"recipientAccountId": theirs}) == [(RULE, "high")]
    assert raised(stopped | {"recipientAccountId": theirs}) == [(RULE, "critical")]


def test_a_key_is_its_own_where_the_settings_name_it() -> None:
    key = "1234abcd-12ab-34cd-56ef-1234567890ab"
    calls = [
        blinding.call("kms", "ScheduleKeyDeletion", {"keyId": each})
        for each in (key, f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}")
    ]
    for each in calls:
        assert raised(each) == []
        assert raised(each, OWN_RESOURCES=f"registrywatch-*,{key}") == [(RULE, "high")]


@for_each("call", OTHERS, ids=lambda call: str(call["eventName"]))
def test_what_is_not_registrywatch_s_or_takes_nothing_away_is_quiet(call: Json) -> None:
    assert raised(call) == []


SPELLINGS = [
    blinding.FUNCTION,
    f"{blinding.FUNCTION}:live",
    LAMBDA,
    f"{LAMBDA}:live",
    f"{ACCOUNT}:function:{blinding.FUNCTION}",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_function_is_known_however_it_is_named(spelling: str) -> None:
    call = blinding.call("lambda", "DeleteFunction20150331", {"functionName": spelling})
    assert raised(call) == [(RULE, "high")]


@for_each(
    ("given", "name"),
    [
        (f"arn:aws:sqs:{REGION}:{ACCOUNT}:registrywatch-Q", "registrywatch-Q"),
        (f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/registrywatch-T", "registrywatch-T"),
        (f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/registrywatch/slack", "/registrywatch/slack"),
        (
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:registrywatch/slack-AbCdEf",
            "registrywatch/slack",
        ),
        (
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:registrywatch/pager-duty",
            "registrywatch/pager-duty",
        ),
        (f"{ACCOUNT}:function:registrywatch-F:live", "registrywatch-F"),
        (f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/registrywatch/1-2", "registrywatch"),
        (f"arn:aws:iam::{ACCOUNT}:role/path/registrywatch-R", "registrywatch-R"),
        ("https://queue.amazonaws.com/1/registrywatch-Q/", "registrywatch-Q"),
        ("/registrywatch/slack", "/registrywatch/slack"),
        ("", ""),
        ("arn:", "arn"),
    ],
)
def test_a_name_is_taken_out_of_what_is_around_it(given: str, name: str) -> None:
    assert bare(given) == name


@EACH_WAY
def test_a_call_whose_request_was_withheld_is_at_least_medium(way: str) -> None:
    record = ct.withheld(WAYS[way])
    [(rule, severity)] = raised(record)
    assert (rule, severity) in ((RULE, "medium"), (RULE, "high"))


def retyped(value: object) -> object:
    """The value as exports write it that know only texts."""
    if isinstance(value, dict):
        return {name: retyped(each) for name, each in value.items()}
    return value if isinstance(value, str) else json.dumps(value)


@EACH_WAY
def test_values_that_an_export_made_texts_are_read_as_what_they_were(way: str) -> None:
    record = WAYS[way]
    exported = record | {"requestParameters": retyped(record["requestParameters"])}
    assert raised(exported) == [(RULE, "high")]


@EACH_WAY
@pytest.mark.parametrize("odd", [{"value": 1}, [1]])
def test_a_member_of_the_wrong_type_never_makes_a_call_harmless(way: str, odd: object) -> None:
    record = WAYS[way]
    for member in record["requestParameters"]:
        changed = {**record["requestParameters"], member: odd}
        reading = read(json.dumps(record | {"requestParameters": changed}).encode())
        assert reading.problems or reading.events


def selectors(basic: list[Json] | None = None, advanced: list[Json] | None = None) -> Json:
    request = {"trailName": "main", "eventSelectors": basic, "advancedEventSelectors": advanced}
    return blinding.call("cloudtrail", "PutEventSelectors", request)


NOT_COVERED = [
    selectors(advanced=[blinding.advanced(eventSource={"notStartsWith": ["ecr"]})]),
    selectors(advanced=[blinding.advanced(eventSource={"endsWith": ["sts.amazonaws.com"]})]),
    selectors(advanced=[blinding.advanced(readOnly={"notEquals": ["true"]})]),
    selectors(advanced=[blinding.advanced(**{"userIdentity.arn": {"notEquals": ["arn:mallory"]}})]),
    selectors(advanced=[blinding.advanced(eventName={"notEquals": ["BatchGetImage"]})]),
    selectors(advanced=[blinding.advanced(eventType={"equals": ["AwsServiceEvent"]})]),
    blinding.call("cloudtrail", "UpdateTrail", {"name": "main", "isOrganizationTrail": False}),
    selectors([blinding.basic("WriteOnly")]),
    selectors([blinding.basic("ReadOnly")]),
    selectors([blinding.basic("All", management=False)]),
    selectors([{**blinding.basic("All"), "excludeManagementEventSources": ["ecr.amazonaws.com"]}]),
    selectors([]),
    selectors(advanced=[blinding.advanced(readOnly={"equals": ["false"]})]),
    selectors(advanced=[blinding.advanced(eventSource={"notEquals": ["ecr.amazonaws.com"]})]),
    selectors(advanced=[blinding.advanced(eventSource={"equals": ["s3.amazonaws.com"]})]),
    selectors(advanced=[{"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]}]),
]
COVERED = [
    selectors([blinding.basic("All")]),
    selectors([{"dataResources": []}]),
    selectors([blinding.basic("WriteOnly"), blinding.basic("ReadOnly")]),
    selectors(advanced=[blinding.advanced()]),
    selectors(advanced=[blinding.advanced(eventSource={"notEquals": ["kms.amazonaws.com"]})]),
    selectors(advanced=[blinding.advanced(eventSource={"startsWith": ["ecr"]})]),
    selectors(
        advanced=[
            blinding.advanced(readOnly={"equals": ["false"]}),
            blinding.advanced(readOnly={"equals": ["true"]}),
        ]
    ),
]


@for_each("call", NOT_COVERED)
def test_selectors_that_leave_out_management_events_are_told(call: Json) -> None:
    assert raised(call) == [(RULE, "high")]


@for_each("call", COVERED)
def test_selectors_that_record_all_management_events_are_quiet(call: Json) -> None:
    assert raised(call) == []


@pytest.mark.parametrize(
    ("where", "call"),
    [
        ("ssm:/shop/slack", blinding.call("ssm", "DeleteParameter", {"name": "/shop/slack"})),
        (
            "secretsmanager:shop/slack",
            blinding.call("secretsmanager", "DeleteSecret", {"secretId": "shop/slack"}),
        ),
    ],
)
def test_the_secrets_that_the_settings_name_are_its_own(where: str, call: Json) -> None:
    assert raised(call) == []
    assert raised(call, SLACK_WEBHOOK_URL=where) == [(RULE, "high")]


@pytest.mark.parametrize("name", ["registrywatch/slack", "registrywatch_slack", "registrywatch2"])
def test_what_begins_with_registrywatch_is_its_own_where_nothing_is_named(name: str) -> None:
    assert raised(blinding.call("secretsmanager", "DeleteSecret", {"secretId": name})) == [
        (RULE, "high")
    ]


def test_the_settings_say_what_is_its_own() -> None:
    assert raised(WAYS["events DisableRule"], OWN_RESOURCES="watcher-*") == []
    named = blinding.call("events", "DisableRule", {"name": "watcher-TrafficRule-1"})
    assert raised(named, OWN_RESOURCES="watcher-*") == [(RULE, "high")]


@EACH_WAY
def test_every_way_is_told_in_words(way: str) -> None:
    [alert] = alerts(WAYS[way])
    assert " called " not in alert.summary


def test_the_summary_says_what_was_done_to_what() -> None:
    [alert] = alerts(WAYS["events DisableRule"])
    assert alert.summary.startswith(
        f"Dev/alice disabled the EventBridge rule {blinding.RULE} (111122223333"
    )
