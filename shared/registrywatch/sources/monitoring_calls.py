"""What each AWS call did to registrywatch itself: to trails, rules, functions, queues and the rest.

Members are those of each service's API as CloudTrail writes them: in lower camel case, Lambda's
event names with the date of its API. Whose resources they are is for the rule to say.
"""

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from registrywatch.events import MonitoringChanged, What
from registrywatch.sources import trails
from registrywatch.sources.cloudtrail_record import WideRecord, WideRequest, WideResponse

Reader = Callable[[WideRecord], What | None]

Effect = Literal["deleted", "stopped", "narrowed", "changed"]

CLOUDFORMATION = "cloudformation.amazonaws.com"
_DATE = r"\d{8}(v\d+)?$"
_NO_REQUEST = WideRequest()
_NO_RESPONSE = WideResponse()


def bare(name: str) -> str:
    """A resource's name, without the ARN, URL or qualifier around it.

    The names of SSM parameters keep their slashes. Secrets Manager adds six characters to a
    secret's ARN, which go.
    """
    if name.startswith(("https://", "http://")):
        return name.rstrip("/").rpartition("/")[2]
    parts = name.split(":")
    if name.startswith("arn:") and len(parts) >= 6:
        kind, _, rest = parts[5].partition("/")
        if kind == "parameter":
            return f"/{rest}"
        if kind == "secret" and len(parts) > 6:
            return parts[6].rpartition("-")[0] or parts[6]
        if kind in ("function", "alarm", "secret") and len(parts) > 6:
            return parts[6]
        return (rest.partition("/")[0] if kind == "stack" else rest.rpartition("/")[2]) or kind
    if len(parts) >= 3 and parts[-2] == "function":  # a partial ARN: 111122223333:function:name
        return parts[-1]
    return parts[0]


def _value(raw: msgspec.Raw) -> object:
    return msgspec.json.decode(raw)


def _named(raw: msgspec.Raw) -> tuple[str, ...]:
    """The names in a member that holds one or a list of them."""
    value = _value(raw)
    items = value if isinstance(value, list) else [value]
    return tuple(bare(each) for each in items if isinstance(each, str) and each)


def _request(record: WideRecord) -> WideRequest:
    return record.requestParameters or _NO_REQUEST


def _changed(record: WideRecord, effect: Effect, names: tuple[str, ...]) -> MonitoringChanged:
    """CloudFormation acts with its caller's rights; AWS, not the caller, writes its name there."""
    return MonitoringChanged(
        service=(record.eventSource or "").partition(".")[0],
        action=re.sub(_DATE, "", record.eventName or ""),
        names=names,
        effect=effect,
        by_cloudformation=record.sourceIPAddress == CLOUDFORMATION,
    )


def _on(effect: Effect, name: Callable[[WideRequest], msgspec.Raw]) -> Reader:
    """A call that is a fault whatever else its request holds."""

    def read(record: WideRecord) -> What | None:
        return _changed(record, effect, _named(name(_request(record))))

    return read


def _update_trail(record: WideRecord) -> What | None:
    """UpdateTrail: a fault only if the trail no longer records all regions."""
    request = _request(record)
    if _value(request.isMultiRegionTrail) is not False:
        return None
    return _changed(record, "narrowed", _named(request.name))


def _put_event_selectors(record: WideRecord) -> What | None:
    """PutEventSelectors: a fault if management events of ECR are not recorded in full."""
    request = _request(record)
    halves = trails.recorded(_value(request.eventSelectors), _value(request.advancedEventSelectors))
    if halves == trails.BOTH:
        return None
    return _changed(record, "narrowed", _named(request.trailName))


def _put_concurrency(record: WideRecord) -> What | None:
    """PutFunctionConcurrency: a fault if the function may no longer run at all."""
    request = _request(record)
    if _value(request.reservedConcurrentExecutions) != 0:
        return None
    return _changed(record, "stopped", _named(request.functionName))


def _delete_mapping(record: WideRecord) -> What | None:
    """DeleteEventSourceMapping: the request has an id alone, the response queue and function."""
    return _changed(record, "deleted", _mapped(record))


def _update_mapping(record: WideRecord) -> What | None:
    """UpdateEventSourceMapping: a fault if it is disabled, or given to another function."""
    request = _request(record)
    if _value(request.enabled) is False:
        return _changed(record, "stopped", _mapped(record))
    if _value(request.functionName) is not None:
        return _changed(record, "changed", _mapped(record))
    return None


def _mapped(record: WideRecord) -> tuple[str, ...]:
    response = record.responseElements or _NO_RESPONSE
    return (*_named(response.eventSourceArn), *_named(response.functionArn))


def _put_parameter(record: WideRecord) -> What | None:
    """PutParameter: without `overwrite` it only succeeds where there was no such parameter."""
    request = _request(record)
    if _value(request.overwrite) is not True:
        return None
    return _changed(record, "changed", _named(request.name))


def _name(request: WideRequest) -> msgspec.Raw:
    return request.name


def _function(request: WideRequest) -> msgspec.Raw:
    return request.functionName


def _alarms(request: WideRequest) -> msgspec.Raw:
    return request.alarmNames


def _queue(request: WideRequest) -> msgspec.Raw:
    return request.queueUrl


def _table(request: WideRequest) -> msgspec.Raw:
    return request.tableName


def _role(request: WideRequest) -> msgspec.Raw:
    return request.roleName


def _secret(request: WideRequest) -> msgspec.Raw:
    return request.secretId


def _rule(request: WideRequest) -> msgspec.Raw:
    return request.rule


# The calls by event source. The pattern of the EventBridge rule Monitoring in template.yaml names
# exactly these; a test holds the two against each other.
CALLS: dict[str, dict[str, Reader]] = {
    "cloudtrail.amazonaws.com": {
        "StopLogging": _on("stopped", _name),
        "DeleteTrail": _on("deleted", _name),
        "UpdateTrail": _update_trail,
        "PutEventSelectors": _put_event_selectors,
    },
    "events.amazonaws.com": {
        "DisableRule": _on("stopped", _name),
        "DeleteRule": _on("deleted", _name),
        "PutRule": _on("changed", _name),
        "RemoveTargets": _on("deleted", _rule),
        "PutTargets": _on("changed", _rule),
    },
    "lambda.amazonaws.com": {
        "DeleteFunction20150331": _on("deleted", _function),
        "PutFunctionConcurrency20171031": _put_concurrency,
        "UpdateFunctionCode20150331v2": _on("changed", _function),
        "UpdateFunctionConfiguration20150331v2": _on("changed", _function),
        "DeleteEventSourceMapping20150331": _delete_mapping,
        "UpdateEventSourceMapping20150331": _update_mapping,
    },
    "sqs.amazonaws.com": {
        "PurgeQueue": _on("deleted", _queue),
        "DeleteQueue": _on("deleted", _queue),
        "SetQueueAttributes": _on("changed", _queue),
    },
    "dynamodb.amazonaws.com": {
        "DeleteTable": _on("deleted", _table),
        "UpdateTimeToLive": _on("changed", _table),
    },
    "ssm.amazonaws.com": {
        "PutParameter": _put_parameter,
        "DeleteParameter": _on("deleted", _name),
        "DeleteParameters": _on("deleted", lambda request: request.names),
    },
    "secretsmanager.amazonaws.com": {
        "PutSecretValue": _on("changed", _secret),
        "UpdateSecret": _on("changed", _secret),
        "DeleteSecret": _on("deleted", _secret),
    },
    "monitoring.amazonaws.com": {
        "DeleteAlarms": _on("deleted", _alarms),
        "DisableAlarmActions": _on("stopped", _alarms),
    },
    "iam.amazonaws.com": {
        "DeleteRolePolicy": _on("deleted", _role),
        "DetachRolePolicy": _on("deleted", _role),
        "PutRolePermissionsBoundary": _on("changed", _role),
    },
    "scheduler.amazonaws.com": {
        "DeleteSchedule": _on("deleted", _name),
        "UpdateSchedule": _on("changed", _name),
    },
    CLOUDFORMATION: {"DeleteStack": _on("deleted", lambda request: request.stackName)},
}
