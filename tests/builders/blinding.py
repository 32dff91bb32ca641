"""Calls on AWS after which registrywatch no longer sees events or sends alerts."""

from typing import Any

from tests.builders import cloudtrail as ct
from tests.builders.cloudtrail import ACCOUNT, REGION, Json

STACK = "registrywatch"
RULE = f"{STACK}-TrafficRule-1ABCDEFGHIJ"
FUNCTION = f"{STACK}-ChangesFunction-a1B2c3D4e5F6"
TABLE = f"{STACK}-Table-1ABCDEFGHIJ"
ALARM = f"{STACK}-ChangesErrorsAlarm-1ABCDEFGHIJ"
ROLE = f"{STACK}-ChangesFunctionRole-1ABCDEFGHIJ"
QUEUE = f"{STACK}-TrafficQueue-1ABCDEFGHIJ"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{QUEUE}"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-AlarmTopic-1ABCDEFGHIJ"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{STACK}-key"
SECRET = "/registrywatch/slack"
MAPPING = {
    "uUID": "3f3c1c5e-0000-4000-8000-000000000001",
    "functionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}",
    "eventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}",
    "state": "Disabling",
}


def basic(read_write: str, *, management: bool = True) -> Json:
    """An event selector of the first kind."""
    return {"readWriteType": read_write, "includeManagementEvents": management}


def advanced(**fields: Json) -> Json:
    """An advanced event selector: `readOnly={"equals": ["false"]}`, on management events."""
    wanted: Json = {"eventCategory": {"equals": ["Management"]}, **fields}
    return {"fieldSelectors": [{"field": name, **each} for name, each in wanted.items()]}


def call(service: str, name: str, request: Json, response: Json | None = None, **more: Any) -> Json:
    """A record of a call to any service."""
    return ct.record(name, request, response, source=f"{service}.amazonaws.com", **more)


def ways(**more: Any) -> dict[str, Json]:
    """Every such call, by "service name"; those on ECR's scanning are elsewhere."""
    mapping = {"uUID": MAPPING["uUID"]}
    throttled = {"functionName": FUNCTION, "reservedConcurrentExecutions": 0}
    write_only = {"trailName": "main", "eventSelectors": [basic("WriteOnly")]}
    retention = {"queueUrl": QUEUE_URL, "attributes": {"MessageRetentionPeriod": "60"}}
    terminate = {"functionName": FUNCTION, "recursiveLoop": "Terminate"}
    told: list[tuple[str, str, Json, Json | None]] = [
        ("cloudtrail", "StopLogging", {"name": "main"}, None),
        ("cloudtrail", "DeleteTrail", {"name": "main"}, None),
        ("cloudtrail", "UpdateTrail", {"name": "main", "isMultiRegionTrail": False}, None),
        ("cloudtrail", "PutEventSelectors", write_only, None),
        ("events", "DisableRule", {"name": RULE}, None),
        ("events", "DeleteRule", {"name": RULE}, None),
        ("events", "RemoveTargets", {"rule": RULE, "ids": ["TrafficQueue"]}, None),
        ("events", "PutRule", {"name": RULE, "state": "ENABLED"}, None),
        ("events", "RemovePermission", {"statementId": STACK}, None),
        ("events", "PutPermission", {"statementId": STACK, "principal": "1"}, None),
        ("events", "PutTargets", {"rule": RULE, "targets": [{"id": "TrafficQueue"}]}, None),
        ("lambda", "DeleteFunction20150331", {"functionName": FUNCTION}, None),
        ("lambda", "UpdateAlias20150331", {"functionName": FUNCTION, "name": "live"}, None),
        ("lambda", "DeleteAlias20150331", {"functionName": FUNCTION, "name": "live"}, None),
        ("lambda", "PutFunctionConcurrency20171031", throttled, None),
        ("lambda", "UpdateEventSourceMapping20150331", {**mapping, "enabled": False}, MAPPING),
        ("lambda", "DeleteEventSourceMapping20150331", mapping, MAPPING),
        ("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": FUNCTION}, None),
        ("lambda", "UpdateFunctionCode20150331v2", {"functionName": FUNCTION}, None),
        ("lambda", "PutFunctionEventInvokeConfig", {"functionName": FUNCTION}, None),
        ("lambda", "UpdateFunctionEventInvokeConfig", {"functionName": FUNCTION}, None),
        ("lambda", "DeleteFunctionEventInvokeConfig", {"functionName": FUNCTION}, None),
        ("lambda", "PutFunctionRecursionConfig", terminate, None),
        ("lambda", "RemovePermission20150331v2", {"functionName": FUNCTION}, None),
        ("sqs", "PurgeQueue", {"queueUrl": QUEUE_URL}, None),
        ("sqs", "SetQueueAttributes", retention, None),
        ("sqs", "DeleteQueue", {"queueUrl": QUEUE_URL}, None),
        ("sqs", "AddPermission", {"queueUrl": QUEUE_URL, "label": "x"}, None),
        ("sqs", "RemovePermission", {"queueUrl": QUEUE_URL, "label": "x"}, None),
        ("dynamodb", "DeleteTable", {"tableName": TABLE}, None),
        ("dynamodb", "UpdateTimeToLive", {"tableName": TABLE}, None),
        ("dynamodb", "UpdateTable", {"tableName": TABLE, "billingMode": "PROVISIONED"}, None),
        ("ssm", "PutParameter", {"name": SECRET, "type": "SecureString", "overwrite": True}, None),
        ("ssm", "DeleteParameter", {"name": SECRET}, None),
        ("ssm", "DeleteParameters", {"names": ["/other", SECRET]}, None),
        ("secretsmanager", "PutSecretValue", {"secretId": "registrywatch-slack"}, None),
        ("secretsmanager", "UpdateSecret", {"secretId": "registrywatch-slack"}, None),
        ("secretsmanager", "DeleteSecret", {"secretId": "registrywatch-slack"}, None),
        ("secretsmanager", "PutResourcePolicy", {"secretId": "registrywatch-slack"}, None),
        ("secretsmanager", "RotateSecret", {"secretId": "registrywatch-slack"}, None),
        ("secretsmanager", "UpdateSecretVersionStage", {"secretId": "registrywatch-slack"}, None),
        ("sns", "DeleteTopic", {"topicArn": TOPIC}, None),
        ("sns", "SetTopicAttributes", {"topicArn": TOPIC, "attributeName": "Policy"}, None),
        ("sns", "Unsubscribe", {"subscriptionArn": f"{TOPIC}:1-2"}, None),
        ("sns", "SetSubscriptionAttributes", {"subscriptionArn": f"{TOPIC}:1-2"}, None),
        ("logs", "DeleteLogGroup", {"logGroupName": f"{STACK}-CheckFunctionLog-1AB"}, None),
        ("kms", "DisableKey", {"keyId": KEY}, None),
        ("kms", "ScheduleKeyDeletion", {"keyId": KEY, "pendingWindowInDays": 7}, None),
        ("kms", "PutKeyPolicy", {"keyId": KEY, "policyName": "default"}, None),
        ("monitoring", "PutMetricAlarm", {"alarmName": ALARM, "actionsEnabled": False}, None),
        ("monitoring", "SetAlarmState", {"alarmName": ALARM, "stateValue": "OK"}, None),
        ("monitoring", "DeleteAlarms", {"alarmNames": ["other", ALARM]}, None),
        ("monitoring", "DisableAlarmActions", {"alarmNames": [ALARM]}, None),
        ("iam", "DeleteRolePolicy", {"roleName": ROLE, "policyName": "ChangesFunction"}, None),
        ("iam", "DetachRolePolicy", {"roleName": ROLE, "policyArn": "arn:aws:iam::aws:p"}, None),
        ("iam", "PutRolePermissionsBoundary", {"roleName": ROLE}, None),
        ("iam", "PutRolePolicy", {"roleName": ROLE, "policyName": "deny"}, None),
        ("iam", "AttachRolePolicy", {"roleName": ROLE, "policyArn": "arn:aws:iam::aws:p"}, None),
        ("iam", "UpdateAssumeRolePolicy", {"roleName": ROLE}, None),
        ("iam", "DeleteRole", {"roleName": ROLE}, None),
        ("scheduler", "DeleteSchedule", {"name": f"{STACK}-CheckFunctionEvery-1AB"}, None),
        ("scheduler", "UpdateSchedule", {"name": f"{STACK}-CheckFunctionEvery-1AB"}, None),
        ("cloudformation", "DeleteStack", {"stackName": STACK}, None),
        ("cloudformation", "DeleteStackSet", {"stackSetName": f"{STACK}-forwarder"}, None),
        ("cloudformation", "DeleteStackInstances", {"stackSetName": f"{STACK}-forwarder"}, None),
    ]
    return {
        f"{service} {name}": call(service, name, request, response, **more)
        for service, name, request, response in told
    }
