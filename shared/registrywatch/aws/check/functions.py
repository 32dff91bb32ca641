"""Whether the functions exist, may run, and get their events."""

import json
from collections.abc import Iterator
from functools import partial

from registrywatch.aws.check.calls import Json, ask
from registrywatch.aws.check.stack import Stack
from registrywatch.checks import Item, checked, right, wrong

FUNCTION = "AWS::Lambda::Function"
ALIAS = "AWS::Lambda::Alias"
MAPPING = "AWS::Lambda::EventSourceMapping"
SCHEDULE = "AWS::Scheduler::Schedule"
SPARE = 2
"""Functions that run besides those started by a queue: changes, and the check itself."""


def functions(stack: Stack) -> Iterator[Item]:
    """An item for each function and what starts it, and for the account's concurrency."""
    for logical, name in stack.of(FUNCTION).items():
        item = f"function {logical}"
        yield checked(item, partial(_function, stack, item, name))
    for logical, arn in stack.of(ALIAS).items():
        item = f"alias {logical}"
        yield checked(item, partial(_alias, stack, item, logical, arn))
    for logical, uuid in stack.of(MAPPING).items():
        item = f"event source mapping {logical}"
        yield checked(item, partial(_mapping, stack, item, uuid))
    for logical, name in stack.of(SCHEDULE).items():
        item = f"schedule {logical}"
        yield checked(item, partial(_schedule, stack, item, name))
    for logical in ("ChangesFunction", "DeliveryFunction"):
        item = f"permission {logical}"
        yield checked(item, partial(_permission, stack, item, logical))
    yield checked("concurrency", partial(_concurrency, stack))


def _function(stack: Stack, item: str, name: str) -> Item:
    found = ask("lambda", "get_function_configuration", FunctionName=name)
    if found is None:
        return wrong(item, "the function is gone", stack.deploy_again)
    if found.get("LastUpdateStatus", "Successful") != "Successful":
        why = (
            f"its last update is {found['LastUpdateStatus']}: {found.get('LastUpdateStatusReason')}"
        )
        return wrong(item, why, "sam deploy")
    if found.get("State", "Active") == "Failed":
        return wrong(item, f"it failed: {found.get('StateReason')}", "sam deploy")
    concurrency = ask("lambda", "get_function_concurrency", FunctionName=name) or {}
    if concurrency.get("ReservedConcurrentExecutions") == 0:
        fix = f"aws lambda delete-function-concurrency --function-name {name}"
        return wrong(item, "its reserved concurrency is 0: it never runs", fix)
    return right(item, "it exists and may run")


def _alias(stack: Stack, item: str, logical: str, arn: str) -> Item:
    """Whether all events go to the version that was published last.

    While a deployment goes on they go to two.
    """
    function, name = arn.rsplit(":", 1)
    found = ask("lambda", "get_alias", FunctionName=function, Name=name)
    if found is None:
        return wrong(item, "the alias is gone", stack.deploy_again)
    version = stack.of("AWS::Lambda::Version").get(logical.replace("Alias", "Version"), "")
    deployed = version.rpartition(":")[2]
    others = found.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    if not stack.changing and (found["FunctionVersion"] != deployed or others):
        fix = (
            f"aws lambda update-alias --function-name {function} --name {name} "
            f"--function-version {deployed} --routing-config '{{}}'"
        )
        return wrong(item, f"not all events go to version {deployed}, which was deployed", fix)
    return right(item, f"there; version {found['FunctionVersion']}")


def _mapping(stack: Stack, item: str, uuid: str) -> Item:
    found = ask("lambda", "get_event_source_mapping", UUID=uuid)
    if found is None:
        return wrong(item, "the event source mapping is gone", stack.deploy_again)
    if found.get("State") not in ("Enabled", "Enabling", "Updating", "Creating"):
        fix = f"aws lambda update-event-source-mapping --uuid {uuid} --enabled"
        return wrong(item, f"its state is {found.get('State')}", fix)
    if found.get("FilterCriteria", {}).get("Filters"):
        fix = f"aws lambda update-event-source-mapping --uuid {uuid} --filter-criteria '{{}}'"
        return wrong(item, "it has a filter: some messages are dropped", fix)
    names = stack.of(FUNCTION).items()
    own = {stack.alias(each) or stack.function_arn(name) for each, name in names}
    if found.get("FunctionArn") not in own:
        return wrong(item, f"it feeds {found.get('FunctionArn')}", stack.deploy_again)
    return right(item, "enabled")


def _schedule(stack: Stack, item: str, name: str) -> Item:
    found = ask("scheduler", "get_schedule", Name=name)
    if found is None:
        return wrong(item, "the schedule is gone", stack.deploy_again)
    if found.get("State", "ENABLED") != "ENABLED":
        return wrong(item, f"its state is {found['State']}", stack.deploy_again)
    return right(item, "enabled")


def _permission(stack: Stack, item: str, function: str) -> Item:
    """Whether the function's resource policy lets EventBridge invoke it, for each rule."""
    name = stack.one(FUNCTION, function)
    if name and ask("lambda", "get_function_configuration", FunctionName=name) is None:
        return right(item, "the function is gone, as its own item says")
    alias = stack.alias(function)
    qualified = {"Qualifier": alias.rpartition(":")[2]} if alias else {}
    answer = ask("lambda", "get_policy", FunctionName=name, **qualified) if name else None
    policy = answer["Policy"] if answer else '{"Statement": []}'
    for logical, rule in stack.of("AWS::Events::Rule").items():
        arn = stack.rule_arn(rule)
        if logical.startswith(function) and arn not in policy:
            fix = (
                f"aws lambda add-permission --function-name {alias or name} "
                f"--statement-id {logical} "
                f"--action lambda:InvokeFunction --principal events.amazonaws.com "
                f"--source-arn {arn}"
            )
            return wrong(item, f"EventBridge may not invoke it for the rule {logical}", fix)
    if any(each.get("Effect") == "Deny" for each in json.loads(policy)["Statement"]):
        fix = f"aws lambda remove-permission --function-name {alias or name} --statement-id SID"
        return wrong(item, "a statement denies invocations", fix)
    return right(item, "EventBridge may invoke it")


def _concurrency(stack: Stack) -> Item:
    account: Json = ask("lambda", "get_account_settings") or {}
    free = account.get("AccountLimit", {}).get("UnreservedConcurrentExecutions", 0)
    needed = SPARE
    for uuid in stack.of(MAPPING).values():
        mapping = ask("lambda", "get_event_source_mapping", UUID=uuid) or {}
        needed += mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0)
    if free < needed:
        found = f"the account can run {free} functions at a time; {needed} are needed"
        fix = (
            "aws service-quotas request-service-quota-increase --service-code lambda "
            "--quota-code L-B99A9384 --desired-value 1000"
        )
        return wrong("concurrency", found, fix, minor=True)
    return right("concurrency", f"{free} functions can run at a time; {needed} are needed")
