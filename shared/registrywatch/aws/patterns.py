"""The event patterns of the EventBridge rules, built from the calls that are read.

A test compares template.yaml with them, and the self-check the rules of a deployment.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from registrywatch.sources import monitoring_calls
from registrywatch.sources.cloudtrail import CALLS, REGISTRIES
from registrywatch.sources.refused_calls import REFUSED_CODES

Json = dict[str, Any]

TRAFFIC_CALLS = frozenset({"BatchGetImage", "PutImage"})
_API = "AWS API Call via CloudTrail"
_SERVICE = "AWS Service Event via CloudTrail"
_SECRETS = "secretsmanager.amazonaws.com"
# Secrets are read all day. Those of pull-through cache rules have this prefix, in name and ARN.
_CACHE_SECRETS = {
    "secretId": [
        {"prefix": "ecr-pullthroughcache/"},
        {"wildcard": "arn:*:secret:ecr-pullthroughcache/*"},
    ]
}
_SUCCESS = [{"exists": False}, None, ""]


class StackPlace(msgspec.Struct, frozen=True):
    """Where a stack is: the beginning of its resources' names and ARNs."""

    stack: str
    account: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, rest: str) -> str:
        """The ARN of one of the stack's resources, or how it begins."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"


def changes() -> Json:
    """Every change that some rule reads, except image traffic and calls on registrywatch itself."""
    return _pattern([_API, _SERVICE], _registry_calls(traffic=False))


def traffic() -> Json:
    """What is counted: pulls and pushes, and refused calls of any name."""
    succeeded = [{"errorCode": _SUCCESS, **each} for each in _registry_calls(traffic=True)]
    refused = {"errorCode": list(REFUSED_CODES), "eventSource": list(REGISTRIES)}
    return {
        "source": [{"prefix": "aws."}],
        "detail-type": [_API, _SERVICE],
        "detail": {"$or": [*succeeded, refused]},
    }


def monitoring(place: StackPlace) -> Json:
    """Calls that can blind registrywatch, filtered by the prefix of the stack's resources.

    Calls on queues and secrets are not filtered: a queue's URL has several spellings, and secrets
    have any name. Rare calls are not filtered either, because a pattern's length is limited. The
    rule compares the names of all of them again.
    """
    return _pattern([_API], _monitoring_calls(place))


def own_alarms(place: StackPlace) -> Json:
    """Alarms of the stack that begin to ring or end."""
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {
            "alarmName": [{"prefix": f"{place.stack}-"}],
            "state": {"value": ["ALARM", "OK"]},
        },
    }


def _pattern(detail_types: list[str], either: Iterable[Json]) -> Json:
    return {
        "source": [{"prefix": "aws."}],
        "detail-type": detail_types,
        "detail": {"errorCode": _SUCCESS, "$or": list(either)},
    }


def _registry_calls(*, traffic: bool) -> Iterable[Json]:
    for source, calls in CALLS.items():
        own = calls.difference(monitoring_calls.CALLS.get(source, ()))
        names = sorted(own & TRAFFIC_CALLS if traffic else own - TRAFFIC_CALLS)
        if names:
            where = {"requestParameters": _CACHE_SECRETS} if source == _SECRETS else {}
            yield {"eventSource": [source], "eventName": names, **where}


def _monitoring_calls(place: StackPlace) -> Iterable[Json]:
    filters = _filters(place)
    for source, calls in monitoring_calls.CALLS.items():
        left = set(calls)
        for names, where in filters.get(source, ()):
            left -= names
            yield {"eventSource": [source], "eventName": sorted(names), **where}
        if left:
            yield {"eventSource": [source], "eventName": sorted(left)}


def _filters(place: StackPlace) -> Mapping[str, list[tuple[frozenset[str], Json]]]:
    """By event source: calls, and what their request must name.

    A StackSet adds a prefix to the name of each of its stacks.
    """
    own = f"{place.stack}-"
    own_name, names = {"prefix": own}, [{"prefix": own}, {"prefix": f"StackSet-{place.stack}"}]
    function = [own_name, {"wildcard": f"*:{own}*"}]  # the name, or an ARN
    table = [own_name, {"wildcard": f"*/{own}*"}]
    queue = {"eventSourceArn": [{"prefix": place.arn("sqs", own)}]}
    stack = [{"prefix": place.stack}, names[1], {"wildcard": f"*/{place.stack}*"}]
    roles = frozenset(monitoring_calls.CALLS["iam.amazonaws.com"])
    return {
        "events.amazonaws.com": [
            (_ON_RULES, _request("name", *names)),
            (_ON_TARGETS, _request("rule", *names)),
        ],
        "lambda.amazonaws.com": [
            (_ON_FUNCTIONS, _request("functionName", *function)),
            (_ON_MAPPINGS, {"responseElements": queue}),
        ],
        "dynamodb.amazonaws.com": [(_ON_TABLES, _request("tableName", *table))],
        "monitoring.amazonaws.com": [
            (_ON_SEVERAL_ALARMS, _request("alarmNames", *names)),
            (_ON_AN_ALARM, _request("alarmName", own_name)),
        ],
        "iam.amazonaws.com": [(roles, _request("roleName", *names))],
        "scheduler.amazonaws.com": [(_ON_SCHEDULES, _request("name", own_name))],
        "cloudformation.amazonaws.com": [(_ON_STACKS, _request("stackName", *stack))],
    }


def _request(member: str, *values: Json) -> Json:
    return {"requestParameters": {member: [*values]}}


_ON_RULES = frozenset({"DeleteRule", "DisableRule", "PutRule"})
_ON_TARGETS = frozenset({"PutTargets", "RemoveTargets"})
_ON_FUNCTIONS = frozenset(
    {
        "DeleteAlias20150331",
        "DeleteFunction20150331",
        "PutFunctionConcurrency20171031",
        "UpdateAlias20150331",
        "UpdateFunctionCode20150331v2",
        "UpdateFunctionConfiguration20150331v2",
        "PutFunctionEventInvokeConfig",
        "UpdateFunctionEventInvokeConfig",
        "DeleteFunctionEventInvokeConfig",
        "PutFunctionRecursionConfig",
        "RemovePermission20150331v2",
    }
)
_ON_MAPPINGS = frozenset({"DeleteEventSourceMapping20150331", "UpdateEventSourceMapping20150331"})
_ON_TABLES = frozenset({"DeleteTable", "UpdateTable", "UpdateTimeToLive"})
_ON_SEVERAL_ALARMS = frozenset({"DeleteAlarms", "DisableAlarmActions"})
_ON_AN_ALARM = frozenset({"PutMetricAlarm", "SetAlarmState"})
_ON_SCHEDULES = frozenset({"DeleteSchedule", "UpdateSchedule"})
_ON_STACKS = frozenset({"DeleteStack"})
"""Calls whose requests name what they are on, by what that is."""
