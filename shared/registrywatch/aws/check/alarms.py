"""Whether alarms about registrywatch's own failures reach a person."""

from collections.abc import Iterator
from functools import partial
from itertools import batched

from registrywatch.aws.check.calls import Json, ask, pages
from registrywatch.aws.check.stack import Stack
from registrywatch.checks import Item, checked, right, wrong

ALARM = "AWS::CloudWatch::Alarm"
_PENDING = "PendingConfirmation"
_ENDPOINT = "--notification-endpoint YOU@EXAMPLE.COM"
_NAMES_A_CALL = 100


def alarms(stack: Stack) -> Iterator[Item]:
    """Items on the alarms and their receivers."""
    yield checked("alarms", partial(_alarms, stack))
    yield checked("alarm receivers", partial(_receivers, stack))


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
