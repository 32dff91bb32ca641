"""What registrywatch needs to see Amazon ECR, or to send its alerts, was switched off."""

from registrywatch.events import CheckChanged, MonitoringChanged, RegistryEvent
from registrywatch.rules.monitoring_checked import check_finding
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust, alarming_caller
from registrywatch.rules.wording import listed
from registrywatch.severity import Severity

_LOST = {
    "cloudtrail": "EventBridge gets API calls from CloudTrail only while a trail records them.",
    "events": "Events of registries no longer reach registrywatch, or not all of them.",
    "lambda": "A function no longer gets its events, or does something else with them.",
    "sqs": "Events or alerts in the queue are lost, or no longer get into it.",
    "dynamodb": "What was counted is lost; without the table pulls and pushes raise no alert.",
    "ssm": "Alerts can no longer be sent to a destination, or go to a different place.",
    "secretsmanager": "Alerts can no longer be sent to a destination, or go to a different place.",
    "monitoring": "A failure of registrywatch itself is no longer reported.",
    "iam": "A function may lack a right that it needs.",
    "scheduler": "The self-check no longer runs, or runs differently.",
    "cloudformation": "All of registrywatch goes with its stack.",
}
_DONE = {
    "StopLogging": "stopped the trail",
    "DeleteTrail": "deleted the trail",
    "UpdateTrail": "limited to one region the trail",
    "PutEventSelectors": "excluded management events of ECR from the trail",
    "DisableRule": "disabled the EventBridge rule",
    "DeleteRule": "deleted the EventBridge rule",
    "PutRule": "changed the EventBridge rule",
    "RemoveTargets": "removed targets of the EventBridge rule",
    "PutTargets": "changed targets of the EventBridge rule",
    "DeleteFunction": "deleted the function",
    "PutFunctionConcurrency": "throttled to 0 the function",
    "UpdateFunctionCode": "replaced the code of the function",
    "UpdateFunctionConfiguration": "changed the configuration of the function",
    "DeleteEventSourceMapping": "deleted the event source mapping of",
    "UpdateEventSourceMapping": "disabled or redirected the event source mapping of",
    "PurgeQueue": "purged the queue",
    "DeleteQueue": "deleted the queue",
    "SetQueueAttributes": "changed the attributes of the queue",
    "DeleteTable": "deleted the table",
    "UpdateTimeToLive": "changed the expiry of the table",
    "PutParameter": "overwrote the parameter",
    "DeleteParameter": "deleted the parameter",
    "DeleteParameters": "deleted the parameter",
    "PutSecretValue": "overwrote the secret",
    "UpdateSecret": "overwrote the secret",
    "DeleteSecret": "deleted the secret",
    "DeleteAlarms": "deleted the alarm",
    "DisableAlarmActions": "silenced the alarm",
    "DeleteRolePolicy": "deleted a policy of the role",
    "DetachRolePolicy": "detached a policy from the role",
    "PutRolePermissionsBoundary": "set a permissions boundary on the role",
    "DeleteSchedule": "deleted the schedule",
    "UpdateSchedule": "changed the schedule",
    "DeleteStack": "deleted the stack",
}
_BY_DEPLOYMENT = (
    "CloudFormation did it, as in an update of the stack. If nobody deployed, look at who updated "
    "the stack."
)


def _judge(
    event: RegistryEvent, what: MonitoringChanged | CheckChanged, trust: Trust
) -> Finding | None:
    if isinstance(what, CheckChanged):
        return check_finding(what)
    touched = [name for name in what.names if name in trust.own_resources]
    if what.service != "cloudtrail" and not touched:
        return None
    done = _DONE.get(what.action, f"called {what.action} on")
    summary = f"{done} {listed(touched or what.names)}".rstrip()
    lost = _LOST.get(what.service, "Registrywatch may no longer see or report what happens.")
    if what.by_cloudformation:
        return Finding(Severity.LOW, summary, (_BY_DEPLOYMENT, lost))
    worse = alarming_caller(event, trust)
    return Finding(Severity.CRITICAL if worse else Severity.HIGH, summary, (*worse, lost))


ECR_MONITORING_REMOVED = Rule[MonitoringChanged | CheckChanged](
    name="ecr-monitoring-removed",
    title="Registry Monitoring Removed",
    cloud="aws",
    mitre=(Mitre("TA0005", "T1562.008"),),
    reads=(MonitoringChanged, CheckChanged),
    description=(
        "A CloudTrail trail was stopped, deleted, limited to one region, or no longer records the "
        "read and write management events of ECR. Or a part of registrywatch was disabled, "
        "deleted, emptied, replaced or reconfigured: its EventBridge rules, functions, event "
        "source mappings, queues, table, alarms, roles, schedule or stack, or a secret of a "
        "destination. It is high; critical if the account's root user or a foreign account did "
        "it; low if CloudFormation did it. The self-check raises the same alert for what it finds "
        "worse than before, and medium if no event has arrived for longer than usual."
    ),
    impact=(
        "From then on registrywatch does not see what is done to the registry, or can't report it. "
        "An attacker does this before they steal, replace or delete images."
    ),
    mitigation=(
        "Ask the actor. Run `registrywatch check aws`, which names every part that is wrong and "
        "the command that mends it, or deploy the stack again. Then look in CloudTrail for what "
        "else the actor did, and in the registry for what changed meanwhile."
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
