"""Whether the EventBridge rules exist, are enabled, and are as in template.yaml."""

import json
import shlex
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec

from registrywatch.aws import patterns
from registrywatch.aws.check.calls import Json, ask
from registrywatch.aws.check.stack import Stack
from registrywatch.aws.patterns import StackPlace
from registrywatch.checks import Item, checked, right, wrong

STATE = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""Only in this state a rule gets read-only events, such as pulls."""

_REPLACED = ("Input", "InputPath", "InputTransformer")


class Expected(msgspec.Struct, frozen=True):
    """What a rule must be: its pattern, and the logical id of its target function or queue.

    With "false" as the value of the stack's parameter `switch`, it may be off.
    """

    pattern: Callable[[StackPlace], Json]
    target: str
    state: str = STATE
    switch: str | None = None


RULES = {
    "ChangesFunctionChanges": Expected(lambda _: patterns.changes(), "ChangesFunction"),
    "ChangesFunctionMonitoring": Expected(patterns.monitoring, "ChangesFunction"),
    "TrafficRule": Expected(lambda _: patterns.traffic(), "TrafficQueue"),
    "DeliveryFunctionOwnAlarms": Expected(
        patterns.own_alarms, "DeliveryFunction", "ENABLED", "AlarmsToDestinations"
    ),
}
"""The stack's rules by logical id; a test compares template.yaml with it."""


def rules(stack: Stack) -> Iterator[Item]:
    """An item for each rule."""
    for logical, expected in RULES.items():
        name = f"rule {logical}"
        yield checked(name, partial(_rule, stack, name, logical, expected))


def _rule(stack: Stack, name: str, logical: str, expected: Expected) -> Item:
    physical = stack.one("AWS::Events::Rule", logical)
    if physical is None:
        return wrong(name, "the stack has no such rule", stack.deploy_again)
    rule = ask("events", "describe_rule", Name=physical)
    pattern = expected.pattern(stack.place)
    arn = _target_arn(stack, expected.target)
    put = (
        f"aws events put-rule --name {physical} --state {expected.state} "
        f"--event-pattern {shlex.quote(json.dumps(pattern, separators=(',', ':')))}"
    )
    target = f"aws events put-targets --rule {physical} --targets Id=registrywatch,Arn={arn}"
    if rule is None:
        return wrong(name, "the rule is gone", f"{put} && {target}")
    if rule.get("State") == "DISABLED" and stack.parameters.get(expected.switch or "") == "false":
        return right(name, f"off, as {expected.switch} says")
    if rule.get("State") != expected.state:
        return wrong(name, f"its state is {rule.get('State')}, not {expected.state}", put)
    if _decoded(rule.get("EventPattern")) != pattern:
        return wrong(name, "its pattern differs from the template's", put)
    fault = _fault(ask("events", "list_targets_by_rule", Rule=physical) or {}, arn)
    if fault:
        return wrong(name, fault, target)
    return right(name, f"enabled, with the template's pattern, to {expected.target}")


def _fault(listed: Json, arn: str | None) -> str | None:
    targets: list[Any] = listed.get("Targets", [])
    if not targets:
        return "it has no target"
    own = [each for each in targets if each["Arn"] == arn]
    if not own:
        return f"its target is {targets[0]['Arn']}"
    if any(member in own[0] for member in _REPLACED):
        return "its target gets an input other than the event"
    return None


def _target_arn(stack: Stack, logical: str) -> str | None:
    if function := stack.one("AWS::Lambda::Function", logical):
        return stack.alias(logical) or stack.function_arn(function)
    url = stack.one("AWS::SQS::Queue", logical)
    return stack.queue_arn(url) if url else None


def _decoded(text: str | None) -> object:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None
