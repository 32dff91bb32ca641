"""The rare calls that some rule reads: for each module that reads any, their names by event source.

A module is loaded when a record of one of its calls arrives: most processes never see one. It holds
the readers in `CALLS`; a test holds these names against them.
"""

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from registrywatch.events import What

if TYPE_CHECKING:
    from registrywatch.sources.wide_record import WideRecord

type Reader = Callable[[WideRecord], What | None]

MODULES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "registry_calls": {
        "ecr.amazonaws.com": (
            "PutReplicationConfiguration",
            "StartReplicationBackfill",
            "StopReplicationBackfill",
            "CreateRepositoryCreationTemplate",
            "UpdateRepositoryCreationTemplate",
            "DeleteRepositoryCreationTemplate",
            "CreatePullThroughCacheRule",
            "UpdatePullThroughCacheRule",
            "DeletePullThroughCacheRule",
            "UpdateImageStorageClass",
            "DeleteRepositoryPolicy",
            "DeleteRegistryPolicy",
            "DeleteLifecyclePolicy",
            "PutSigningConfiguration",
            "DeleteSigningConfiguration",
        ),
        "ecr-public.amazonaws.com": ("DeleteRepositoryPolicy",),
        "secretsmanager.amazonaws.com": ("GetSecretValue",),
        "signer.amazonaws.com": (
            "RevokeSigningProfile",
            "CancelSigningProfile",
        ),
    },
    "scanner_calls": {
        "inspector2.amazonaws.com": (
            "Disable",
            "CreateFilter",
            "UpdateFilter",
            "DisassociateMember",
            "DisableDelegatedAdminAccount",
            "UpdateConfiguration",
        ),
    },
    "monitoring_calls": {
        "cloudtrail.amazonaws.com": (
            "StopLogging",
            "DeleteTrail",
            "UpdateTrail",
            "PutEventSelectors",
        ),
        "events.amazonaws.com": (
            "DisableRule",
            "DeleteRule",
            "PutRule",
            "RemoveTargets",
            "PutTargets",
            "PutPermission",
            "RemovePermission",
        ),
        "lambda.amazonaws.com": (
            "DeleteFunction20150331",
            "DeleteAlias20150331",
            "UpdateAlias20150331",
            "PutFunctionConcurrency20171031",
            "UpdateFunctionCode20150331v2",
            "UpdateFunctionConfiguration20150331v2",
            "PutFunctionEventInvokeConfig",
            "UpdateFunctionEventInvokeConfig",
            "DeleteFunctionEventInvokeConfig",
            "PutFunctionRecursionConfig",
            "RemovePermission20150331v2",
            "DeleteEventSourceMapping20150331",
            "UpdateEventSourceMapping20150331",
        ),
        "sqs.amazonaws.com": (
            "PurgeQueue",
            "DeleteQueue",
            "SetQueueAttributes",
            "AddPermission",
            "RemovePermission",
        ),
        "dynamodb.amazonaws.com": (
            "DeleteTable",
            "UpdateTable",
            "UpdateTimeToLive",
        ),
        "ssm.amazonaws.com": (
            "PutParameter",
            "DeleteParameter",
            "DeleteParameters",
        ),
        "secretsmanager.amazonaws.com": (
            "PutSecretValue",
            "UpdateSecret",
            "DeleteSecret",
            "PutResourcePolicy",
            "RotateSecret",
            "UpdateSecretVersionStage",
        ),
        "monitoring.amazonaws.com": (
            "DeleteAlarms",
            "DisableAlarmActions",
            "PutMetricAlarm",
            "SetAlarmState",
        ),
        "sns.amazonaws.com": (
            "DeleteTopic",
            "SetSubscriptionAttributes",
            "SetTopicAttributes",
            "Unsubscribe",
        ),
        "logs.amazonaws.com": ("DeleteLogGroup",),
        "kms.amazonaws.com": (
            "DisableKey",
            "PutKeyPolicy",
            "ScheduleKeyDeletion",
        ),
        "iam.amazonaws.com": (
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "AttachRolePolicy",
            "UpdateAssumeRolePolicy",
            "DeleteRole",
        ),
        "scheduler.amazonaws.com": (
            "DeleteSchedule",
            "UpdateSchedule",
        ),
        "cloudformation.amazonaws.com": (
            "DeleteStack",
            "DeleteStackInstances",
            "DeleteStackSet",
        ),
    },
}

NAMES: dict[str, dict[str, str]] = {}
"""By event source and name of a call: the module that reads it."""
for _module, _sources in MODULES.items():
    for _source, _names in _sources.items():
        NAMES.setdefault(_source, {}).update(dict.fromkeys(_names, _module))


def reader(source: str, name: str) -> Reader | None:
    """What reads a call; None if it is none of these."""
    module = NAMES.get(source, {}).get(name)
    return None if module is None else _calls(module)[source][name]


@functools.cache
def _calls(module: str) -> Mapping[str, Mapping[str, Reader]]:
    found: Mapping[str, Mapping[str, Reader]]
    found = importlib.import_module(f"registrywatch.sources.{module}").CALLS
    return found
