"""Whether alarms about registrywatch's own failures reach a person, and events arrive."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import batched

from registrywatch.aws.check.calls import Json, ask, pages
from registrywatch.aws.check.stack import Stack
from registrywatch.checks import Item, checked, right, silence, wrong

ALARM = "AWS::CloudWatch::Alarm"
SCHEDULE = "AWS::Scheduler::Schedule"
RULE = "AWS::Events::Rule"
_PENDING = "PendingConfirmation"
_ENDPOINT = "--notification-endpoint YOU@EXAMPLE.COM"
_NAMES_A_CALL = 100


def alarms(stack: Stack) -> Iterator[Item]:
    """Items on the alarms, their receivers, the schedule, and whether events arrive."""
    yield checked("alarms", partial(_alarms, stack))
    yield checked("alarm receivers", partial(_receivers, stack))
    for logical, name in stack.of(SCHEDULE).items():
        item = f"schedule {logical}"
        yield checked(item, partial(_schedule, stack, item, name))
    yield checked("arrivals", partial(_arrivals, stack, time.time()))


def _described(stack: Stack) -> list[Json]:
    found: list[Json] = []
    for names in batched(stack.of(ALARM).values(), _NAMES_A_CALL, strict=False):
        answer = ask("cloudwatch", "describe_alarms", AlarmNames=list(names)) or {}
        found += answer.get("MetricAlarms", [])
    return found


def _alarms(stack: Stack) -> Item:
    there = {each["AlarmName"]: each for each in _described(stack)}
    gone = sorted(set(stack.of(ALARM).values()) - there.keys())
    if gone:
        return wrong("alarms", f"gone: {', '.join(gone)}", stack.deploy_again)
    silenced = sorted(name for name, each in there.items() if not each.get("ActionsEnabled"))
    if silenced:
        fix = f"aws cloudwatch enable-alarm-actions --alarm-names {' '.join(silenced)}"
        return wrong("alarms", f"silenced: {', '.join(silenced)}", fix)
    return right("alarms", f"{len(there)} exist, all with actions enabled")


def _receivers(stack: Stack) -> Item:
    item, described = "alarm receivers", _described(stack)
    topics = {action for each in described for action in each.get("AlarmActions", ())}
    if described and not topics:
        fix = "sam deploy --parameter-overrides AlarmEmail=YOU@EXAMPLE.COM"
        return wrong(item, "no alarm has a receiver", fix, minor=True)
    own = f":{stack.place.account}:"  # another account's topic can't be read
    for topic in sorted(each for each in topics if ":sns:" in each and own in each):
        listed = list(pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic))
        if not listed:
            fix = f"aws sns subscribe --topic-arn {topic} --protocol email " + _ENDPOINT
            return wrong(item, f"there is no subscription to {topic}", fix, minor=True)
        if all(each["SubscriptionArn"] == _PENDING for each in listed):
            fix = f"Confirm the mail that {listed[0].get('Endpoint')} got from AWS."
            return wrong(item, f"no subscription to {topic} is confirmed", fix, minor=True)
    return right(item, "every alarm has a confirmed receiver")


def _schedule(stack: Stack, item: str, name: str) -> Item:
    found = ask("scheduler", "get_schedule", Name=name)
    if found is None:
        return wrong(item, "the schedule is gone", stack.deploy_again)
    if found.get("State", "ENABLED") != "ENABLED":
        return wrong(item, f"its state is {found['State']}", stack.deploy_again)
    return right(item, "enabled")


def _arrivals(stack: Stack, now: float) -> Item:
    """Whether events arrive, by EventBridge's own hourly count of matched events."""
    hours: list[float] = []
    for logical, name in stack.of(RULE).items():
        if logical.startswith("DeliveryFunction"):
            continue  # registrywatch's own alarms do not show that events arrive
        answer = ask(
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/Events",
            MetricName="MatchedEvents",
            Dimensions=[{"Name": "RuleName", "Value": name}],
            StartTime=datetime.fromtimestamp(now - silence.HISTORY_SECONDS, UTC),
            EndTime=datetime.fromtimestamp(now, UTC),
            Period=int(silence.HOUR),
            Statistics=["Sum"],
        )
        points = (answer or {}).get("Datapoints", [])
        hours += [each["Timestamp"].timestamp() for each in points if each["Sum"] > 0]
    fix = "Check the trail and the rules above; then pull an image and check again."
    return silence.arrivals("arrivals", hours, now, fix)
