"""What each AWS call did to registrywatch itself: to trails, rules, functions, queues and the rest.

Members are those of each service's API as CloudTrail writes them: in lower camel case, Lambda's
event names with the date of its API. The rule decides whether the resources are registrywatch's.
"""

import re
from collections.abc import Callable
from operator import attrgetter

import msgspec

from registrywatch.events import MonitoringChanged, What
from registrywatch.events.monitoring import Effect
from registrywatch.sources import trails
from registrywatch.sources.aws_names import bare
from registrywatch.sources.wide_record import WideRecord, WideRequest, WideResponse

Reader = Callable[[WideRecord], What | None]

CLOUDFORMATION = "cloudformation.amazonaws.com"
_DEPLOYING = (CLOUDFORMATION, "codedeploy.amazonaws.com")
_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_DATE = r"\d{8}(v\d+)?$"
_NO_REQUEST = WideRequest()
_NO_RESPONSE = WideResponse()


# A value of any other type is an error: the record is reported, and not taken for harmless.
_flag = msgspec.json.Decoder(bool | None).decode
_number = msgspec.json.Decoder(int | float | None).decode
_text = msgspec.json.Decoder(str | None).decode
_names = msgspec.json.Decoder(str | list[str] | None).decode


def _value(raw: msgspec.Raw) -> object:
    return msgspec.json.decode(raw)


def _named(raw: msgspec.Raw) -> tuple[str, ...]:
    """The names in a member that holds one name or a list."""
    value = _names(raw)
    items = value if isinstance(value, list) else [value]
    return tuple(bare(each) for each in items if each)


def _request(record: WideRecord) -> WideRequest:
    return record.requestParameters or _NO_REQUEST


def _changed(
    record: WideRecord, effect: Effect, names: tuple[str, ...], *, shared: bool = False
) -> MonitoringChanged:
    """The change. A deploying service is recognised by the address, which AWS itself writes."""
    response = record.responseElements or _NO_RESPONSE
    return MonitoringChanged(
        service=(record.eventSource or "").partition(".")[0],
        action=re.sub(_DATE, "", record.eventName or ""),
        names=names,
        effect=effect,
        by_deployment=record.sourceIPAddress in _DEPLOYING,
        omitted=not names and bool(_request(record).omitted or response.omitted),
        shared=shared or record.eventSource == _CLOUDTRAIL,
    )


def _on(effect: Effect, member: str) -> Reader:
    """A call that is a fault whatever else its request holds.

    `member` of the request names the resource.
    """
    named = attrgetter(member)

    def read(record: WideRecord) -> What | None:
        return _changed(record, effect, _named(named(_request(record))))

    return read


def _update_trail(record: WideRecord) -> What | None:
    """UpdateTrail: it matters if the trail no longer records all regions or all accounts."""
    request = _request(record)
    limits = (_flag(request.isMultiRegionTrail), _flag(request.isOrganizationTrail))
    if request.omitted or False in limits:
        return _changed(record, "narrowed", _named(request.name))
    return None


def _put_event_selectors(record: WideRecord) -> What | None:
    """PutEventSelectors: it matters if not all management events of ECR are recorded."""
    request = _request(record)
    types = trails.recorded(_value(request.eventSelectors), _value(request.advancedEventSelectors))
    if types == trails.BOTH:
        return None
    return _changed(record, "narrowed", _named(request.trailName))


def _delete_function(record: WideRecord) -> What | None:
    """DeleteFunction: harmless for a single version; Lambda keeps one that an alias uses."""
    request = _request(record)
    if _value(request.qualifier) is not None:
        return None
    return _changed(record, "deleted", _named(request.functionName))


def _put_concurrency(record: WideRecord) -> What | None:
    """PutFunctionConcurrency: it matters if the function may no longer run at all."""
    request = _request(record)
    if _number(request.reservedConcurrentExecutions) != 0 and not request.omitted:
        return None
    return _changed(record, "stopped", _named(request.functionName))


def _delete_mapping(record: WideRecord) -> What | None:
    """DeleteEventSourceMapping: only the response names queue and function."""
    return _changed(record, "deleted", _mapped(record))


def _update_mapping(record: WideRecord) -> What | None:
    """UpdateEventSourceMapping: it matters if it is disabled, filtered or redirected."""
    request = _request(record)
    if _flag(request.enabled) is False:
        return _changed(record, "stopped", _mapped(record))
    if _filters(_value(request.filterCriteria)):
        return _changed(record, "narrowed", _mapped(record))
    if request.omitted or _value(request.functionName) is not None:
        return _changed(record, "changed", _mapped(record))
    return None


def _filters(criteria: object) -> bool:
    """Whether a mapping's filter criteria let less than everything through."""
    return isinstance(criteria, dict) and bool(criteria.get("filters"))


def _mapped(record: WideRecord) -> tuple[str, ...]:
    response = record.responseElements or _NO_RESPONSE
    return (*_named(response.eventSourceArn), *_named(response.functionArn))


def _put_parameter(record: WideRecord) -> What | None:
    """PutParameter: without `overwrite` it succeeds only if there was no such parameter."""
    request = _request(record)
    if _flag(request.overwrite) is not True and not request.omitted:
        return None
    return _changed(record, "changed", _named(request.name))


def _put_recursion(record: WideRecord) -> What | None:
    """PutFunctionRecursionConfig: it matters if Lambda may stop delivery's rescheduling."""
    request = _request(record)
    if (_text(request.recursiveLoop) or "").casefold() != "terminate" and not request.omitted:
        return None
    return _changed(record, "stopped", _named(request.functionName))


def _remove_bus_permission(record: WideRecord) -> What | None:
    """RemovePermission of a bus: forwarders need the permission to send."""
    request = _request(record)
    every = _flag(request.removeAllPermissions) is True
    return _changed(record, "deleted", _named(request.statementId), shared=every)


def _put_bus_permission(record: WideRecord) -> What | None:
    """PutPermission of a bus: it replaces a statement by its id; a policy may deny everything."""
    request = _request(record)
    denies = '"Deny"' in str(_value(request.policy) or "")
    return _changed(record, "changed", _named(request.statementId), shared=denies)


# The calls by event source. The pattern of the EventBridge rule Monitoring in template.yaml names
# exactly these; a test compares the two.
CALLS: dict[str, dict[str, Reader]] = {
    _CLOUDTRAIL: {
        "StopLogging": _on("stopped", "name"),
        "DeleteTrail": _on("deleted", "name"),
        "UpdateTrail": _update_trail,
        "PutEventSelectors": _put_event_selectors,
    },
    "events.amazonaws.com": {
        "DisableRule": _on("stopped", "name"),
        "DeleteRule": _on("deleted", "name"),
        "PutRule": _on("changed", "name"),
        "RemoveTargets": _on("deleted", "rule"),
        "PutTargets": _on("changed", "rule"),
        "PutPermission": _put_bus_permission,
        "RemovePermission": _remove_bus_permission,
    },
    "lambda.amazonaws.com": {
        "DeleteFunction20150331": _delete_function,
        "DeleteAlias20150331": _on("deleted", "functionName"),
        "UpdateAlias20150331": _on("changed", "functionName"),
        "PutFunctionConcurrency20171031": _put_concurrency,
        "UpdateFunctionCode20150331v2": _on("changed", "functionName"),
        "UpdateFunctionConfiguration20150331v2": _on("changed", "functionName"),
        "PutFunctionEventInvokeConfig": _on("changed", "functionName"),
        "UpdateFunctionEventInvokeConfig": _on("changed", "functionName"),
        "DeleteFunctionEventInvokeConfig": _on("deleted", "functionName"),
        "PutFunctionRecursionConfig": _put_recursion,
        "RemovePermission20150331v2": _on("deleted", "functionName"),
        "DeleteEventSourceMapping20150331": _delete_mapping,
        "UpdateEventSourceMapping20150331": _update_mapping,
    },
    "sqs.amazonaws.com": {
        "PurgeQueue": _on("deleted", "queueUrl"),
        "DeleteQueue": _on("deleted", "queueUrl"),
        "SetQueueAttributes": _on("changed", "queueUrl"),
        "AddPermission": _on("changed", "queueUrl"),
        "RemovePermission": _on("changed", "queueUrl"),
    },
    "dynamodb.amazonaws.com": {
        "DeleteTable": _on("deleted", "tableName"),
        "UpdateTable": _on("changed", "tableName"),
        "UpdateTimeToLive": _on("changed", "tableName"),
    },
    "ssm.amazonaws.com": {
        "PutParameter": _put_parameter,
        "DeleteParameter": _on("deleted", "name"),
        "DeleteParameters": _on("deleted", "names"),
    },
    "secretsmanager.amazonaws.com": {
        "PutSecretValue": _on("changed", "secretId"),
        "UpdateSecret": _on("changed", "secretId"),
        "DeleteSecret": _on("deleted", "secretId"),
        "PutResourcePolicy": _on("changed", "secretId"),
        "RotateSecret": _on("changed", "secretId"),
        "UpdateSecretVersionStage": _on("changed", "secretId"),
    },
    "monitoring.amazonaws.com": {
        "DeleteAlarms": _on("deleted", "alarmNames"),
        "DisableAlarmActions": _on("stopped", "alarmNames"),
        "PutMetricAlarm": _on("changed", "alarmName"),
        "SetAlarmState": _on("changed", "alarmName"),
    },
    "sns.amazonaws.com": {
        "DeleteTopic": _on("deleted", "topicArn"),
        "SetSubscriptionAttributes": _on("changed", "subscriptionArn"),
        "SetTopicAttributes": _on("changed", "topicArn"),
        "Unsubscribe": _on("deleted", "subscriptionArn"),
    },
    "logs.amazonaws.com": {"DeleteLogGroup": _on("deleted", "logGroupName")},
    "kms.amazonaws.com": {
        "DisableKey": _on("stopped", "keyId"),
        "PutKeyPolicy": _on("changed", "keyId"),
        "ScheduleKeyDeletion": _on("deleted", "keyId"),
    },
    "iam.amazonaws.com": {
        "DeleteRolePolicy": _on("deleted", "roleName"),
        "DetachRolePolicy": _on("deleted", "roleName"),
        "PutRolePermissionsBoundary": _on("changed", "roleName"),
        "PutRolePolicy": _on("changed", "roleName"),
        "AttachRolePolicy": _on("changed", "roleName"),
        "UpdateAssumeRolePolicy": _on("changed", "roleName"),
        "DeleteRole": _on("deleted", "roleName"),
    },
    "scheduler.amazonaws.com": {
        "DeleteSchedule": _on("deleted", "name"),
        "UpdateSchedule": _on("changed", "name"),
    },
    CLOUDFORMATION: {
        "DeleteStack": _on("deleted", "stackName"),
        "DeleteStackInstances": _on("deleted", "stackSetName"),
        "DeleteStackSet": _on("deleted", "stackSetName"),
    },
}
