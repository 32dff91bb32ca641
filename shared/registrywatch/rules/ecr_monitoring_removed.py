"""What registrywatch needs to see Amazon ECR, or to send its alerts, was switched off."""

from registrywatch.events import CheckChanged, MonitoringChanged, RegistryEvent
from registrywatch.rules.grading.self_check import check_finding
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust, alarming_caller
from registrywatch.rules.wording import listed
from registrywatch.severity import Severity

_LOST = {
    "cloudtrail": "EventBridge gets API calls from CloudTrail only while a trail records them.",
    "events": "Events of registries no longer reach registrywatch, or not all of them.",
    "lambda": "A function no longer gets its events, or does something else with them.",
    "sqs": "Events or alerts in the queue are lost, or no longer get into it.",
    "dynamodb": "All counts are lost; without the table pulls and pushes raise no alert.",
    "ssm": "Alerts can no longer be sent to a destination, or go to a different place.",
    "secretsmanager": "Alerts can no longer be sent to a destination, or go to a different place.",
    "monitoring": "A failure of registrywatch itself is no longer reported.",
    "iam": "A function may lack a right that it needs.",
    "sns": "Mail and messages about a failure of registrywatch itself may no longer arrive.",
    "logs": "The function's log is gone, and with it the metrics that alarms use.",
    "kms": "Queues, table and secrets that are encrypted with the key can't be read.",
    "scheduler": "The self-check no longer runs, or runs differently.",
    "cloudformation": "All of registrywatch is deleted with its stack.",
    # of single calls, where the service says too much
    "DeleteStackInstances": "Events of other regions and accounts no longer reach registrywatch.",
    "DeleteStackSet": "Events of other regions and accounts no longer reach registrywatch.",
}
_DONE = {
    "StopLogging": "stopped the trail",
    "DeleteTrail": "deleted the trail",
    "UpdateTrail": "reduced the coverage of the trail",
    "PutEventSelectors": "excluded management events of ECR from the trail",
    "DisableRule": "disabled the EventBridge rule",
    "DeleteRule": "deleted the EventBridge rule",
    "PutRule": "changed the EventBridge rule",
    "RemoveTargets": "removed targets of the EventBridge rule",
    "PutTargets": "changed targets of the EventBridge rule",
    "PutPermission": "changed the event bus's permission",
    "RemovePermission": "removed a permission of",
    "events RemovePermission": "removed the event bus's permission",
    "AddPermission": "added a permission to",
    "DeleteFunction": "deleted the function",
    "DeleteAlias": "deleted an alias of the function",
    "UpdateAlias": "moved an alias to another version of the function",
    "PutFunctionEventInvokeConfig": "changed retries and destinations of the function",
    "UpdateFunctionEventInvokeConfig": "changed retries and destinations of the function",
    "DeleteFunctionEventInvokeConfig": "deleted retries and destinations of the function",
    "PutFunctionRecursionConfig": "let Lambda stop the retries of the function",
    "PutFunctionConcurrency": "set a concurrency of 0 on the function",
    "UpdateFunctionCode": "replaced the code of the function",
    "UpdateFunctionConfiguration": "changed the configuration of the function",
    "DeleteEventSourceMapping": "deleted the event source mapping of",
    "UpdateEventSourceMapping": "disabled, filtered or redirected the event source mapping of",
    "PurgeQueue": "purged the queue",
    "DeleteQueue": "deleted the queue",
    "SetQueueAttributes": "changed the attributes of the queue",
    "DeleteTable": "deleted the table",
    "UpdateTable": "changed the table",
    "UpdateTimeToLive": "changed the expiry of the table",
    "PutParameter": "overwrote the parameter",
    "DeleteParameter": "deleted the parameter",
    "DeleteParameters": "deleted the parameter",
    "PutSecretValue": "overwrote the secret",
    "UpdateSecret": "overwrote the secret",
    "DeleteSecret": "deleted the secret",
    "PutResourcePolicy": "set a policy on the secret",
    "RotateSecret": "rotated the secret",
    "UpdateSecretVersionStage": "switched the version of the secret",
    "DeleteAlarms": "deleted the alarm",
    "DisableAlarmActions": "silenced the alarm",
    "PutMetricAlarm": "changed the alarm",
    "SetAlarmState": "overrode the state of the alarm",
    "DeleteTopic": "deleted the topic",
    "SetTopicAttributes": "changed the topic",
    "Unsubscribe": "unsubscribed a receiver of the topic",
    "SetSubscriptionAttributes": "changed a subscription of the topic",
    "DeleteLogGroup": "deleted the log group",
    "DisableKey": "disabled the key",
    "PutKeyPolicy": "changed the policy of the key",
    "ScheduleKeyDeletion": "scheduled the deletion of the key",
    "DeleteRolePolicy": "deleted a policy of the role",
    "DetachRolePolicy": "detached a policy from the role",
    "PutRolePermissionsBoundary": "set a permissions boundary on the role",
    "PutRolePolicy": "set a policy of the role",
    "AttachRolePolicy": "attached a policy to the role",
    "UpdateAssumeRolePolicy": "changed who may assume the role",
    "DeleteRole": "deleted the role",
    "DeleteSchedule": "deleted the schedule",
    "UpdateSchedule": "changed the schedule",
    "DeleteStack": "deleted the stack",
    "DeleteStackInstances": "deleted stacks of the stack set",
    "DeleteStackSet": "deleted the stack set",
}
_LOST_OTHERWISE = "Registrywatch may no longer see or report what happens."
_AT_WORST = "The event does not show the new state: this is the worst that it can mean."
_BY_DEPLOYMENT = (
    "CloudFormation or CodeDeploy did it, as in an update of the stack. If there was no "
    "deployment, find out who updated the stack."
)


def _judge(
    event: RegistryEvent, what: MonitoringChanged | CheckChanged, trust: Trust
) -> Finding | None:
    if isinstance(what, CheckChanged):
        return check_finding(event, what)
    touched = [name for name in what.names if name in trust.own_resources]
    if not what.shared and not touched:
        return _withheld(event, what, trust) if what.omitted else None
    summary = f"{_done(what)} {listed(touched or what.names)}".rstrip()
    reasons = _reasons(what)
    if what.by_deployment:
        return Finding(Severity.LOW, summary, (_BY_DEPLOYMENT, *reasons))
    worse = alarming_caller(event, trust)
    return Finding(Severity.CRITICAL if worse else Severity.HIGH, summary, (*worse, *reasons))


def _done(what: MonitoringChanged) -> str:
    did = _DONE.get(f"{what.service} {what.action}") or _DONE.get(what.action)
    return did or f"called {what.action} on"


def _reasons(what: MonitoringChanged) -> tuple[str, ...]:
    lost = _LOST.get(what.action) or _LOST.get(what.service) or _LOST_OTHERWISE
    return (lost, _AT_WORST) if what.effect == "changed" else (lost,)


def _withheld(event: RegistryEvent, what: MonitoringChanged, trust: Trust) -> Finding:
    why = "CloudTrail withheld the name of the resource: it may be a part of registrywatch."
    worse = alarming_caller(event, trust)
    did = f"{_done(what)} that CloudTrail does not name"
    return Finding(Severity.HIGH if worse else Severity.MEDIUM, did, (*worse, why))


ECR_MONITORING_REMOVED = Rule[MonitoringChanged | CheckChanged](
    name="ecr-monitoring-removed",
    title="Registry Monitoring Removed",
    cloud="aws",
    mitre=(Mitre("TA0005", "T1562.008"),),
    reads=(MonitoringChanged, CheckChanged),
    description=(
        "A CloudTrail trail was stopped, deleted, limited to fewer regions or accounts, or no "
        "longer records the read and write management events of ECR. Or a part of registrywatch "
        "was disabled, deleted, emptied, filtered, replaced or reconfigured: its EventBridge "
        "rules, functions, event source mappings, queues, table, alarms, topic, logs, roles, keys, "
        "schedule, stack or stack set, the permission of its forwarders, or a secret of a "
        "destination. It is high; critical if the account's root user or a foreign account did "
        "it; low if CloudFormation or CodeDeploy did it; medium if CloudTrail withheld which "
        "resource it was. The self-check raises the same alert for any part that it finds worse "
        "than before, and a medium one if no event has arrived for longer than usual."
    ),
    impact=(
        "Changes in the registry are no longer seen, or can't be reported. An "
        "attacker does this before they steal, replace or delete images."
    ),
    mitigation=(
        "Ask the actor whether they meant it. Run `registrywatch check aws`, which names every "
        "part that is wrong and the command that fixes it, or deploy the stack again. Then "
        "search CloudTrail for what else the actor did, and check what has changed in the registry "
        "since."
    ),
    references=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
        "cloudtrail-turning-off-logging.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
    ),
    harmless=(
        "An operator deploys, changes or removes registrywatch.",
        "A secret of a destination is rotated.",
        "A trail that never recorded events of registries is removed.",
    ),
    judge=_judge,
)
