"""A stack on AWS, reached with the shell's credentials.

An event is given to the changes function, as EventBridge would give it: EventBridge itself takes
no event of AWS from anyone else.
"""

import argparse
import json
import os
import time
import uuid
from collections.abc import Mapping
from functools import partial

from registrywatch.aws.check import check
from registrywatch.aws.check.calls import ask
from registrywatch.aws.check.functions import FUNCTION
from registrywatch.aws.check.stack import Stack, stack_named
from registrywatch.aws.queue import Queue
from registrywatch.aws.table import Table, TableRows
from registrywatch.checks import Item
from registrywatch.checks.arrivals import KIND, Arrivals
from registrywatch.cli.deployed.deployment import WHO, Deployment
from registrywatch.delivery.ledger import RowLedger
from registrywatch.errors import StoreError
from registrywatch.rules.ecr_monitoring_removed import ECR_MONITORING_REMOVED
from registrywatch.settings import parse
from registrywatch.times import rfc3339

PATIENCE_SECONDS = 120.0


def deployment(arguments: argparse.Namespace) -> Deployment:
    """See `CloudModule`."""
    _use(arguments.region)
    return deployed(arguments.stack)


def items(arguments: argparse.Namespace) -> tuple[Item, ...]:
    """See `CloudModule`."""
    _use(arguments.region)
    found = check(arguments.stack)
    if len(found) == 1:  # there is no such stack
        return found
    return found + arrivals(arguments.stack)


def _use(region: str | None) -> None:
    if region:
        os.environ["AWS_DEFAULT_REGION"] = region


def deployed(name: str) -> Deployment:
    """The stack of that name. Raises StoreError if there is none, SettingsError."""
    stack = stack_named(name)
    if stack is None:
        raise StoreError(f"there is no stack {name} in this account and region")
    table = Table(_part(stack, "AWS::DynamoDB::Table", "Table"))
    # what events go to: with Canary not the function's latest code
    changes = stack.alias("ChangesFunction") or _part(stack, FUNCTION, "ChangesFunction")
    return Deployment(
        settings=parse(_environment(changes)),
        ledger=RowLedger(TableRows(table, "delivery")),
        queue=Queue(_part(stack, "AWS::SQS::Queue", "AlertQueue")),
        dead_letters=Queue(_part(stack, "AWS::SQS::Queue", "AlertDeadLetterQueue")),
        rule=ECR_MONITORING_REMOVED,
        marked=partial(_marked, stack),
        give=partial(_invoke, changes),
        patience=PATIENCE_SECONDS,
        logs="Look at the logs of ChangesFunction and DeliveryFunction.",
    )


def arrivals(name: str) -> tuple[Item, ...]:
    """The items on the registries whose events reach the stack of that name; none without a table.

    Raises StoreError.
    """
    stack = stack_named(name)
    table = stack.one("AWS::DynamoDB::Table", "Table") if stack else None
    if table is None:
        return ()
    return tuple(Arrivals(TableRows(Table(table), KIND), time.time).items())


def _part(stack: Stack, kind: str, logical: str) -> str:
    physical = stack.one(kind, logical)
    if physical is None:
        raise StoreError(f"the stack {stack.place.stack} has no {logical}")
    return physical


def _environment(function: str) -> Mapping[str, str]:
    """The settings of the deployment: where secrets are kept, not what they are."""
    found = ask("lambda", "get_function_configuration", FunctionName=function) or {}
    variables: dict[str, str] = found.get("Environment", {}).get("Variables", {})
    return variables


def _invoke(function: str, event: bytes) -> None:
    how = {"InvocationType": "Event", "Payload": event}
    if ask("lambda", "invoke", FunctionName=function, **how) is None:
        raise StoreError(f"the function {function} is gone")


def _marked(stack: Stack, now: float) -> bytes:
    """What EventBridge would say of a disabled rule that no stack has; its name says why."""
    place = stack.place
    record = {
        "eventVersion": "1.11",
        "eventSource": "events.amazonaws.com",
        "eventName": "DisableRule",
        "eventTime": rfc3339(int(now)),
        "eventID": str(uuid.uuid4()),
        "awsRegion": place.region,
        "recipientAccountId": place.account,
        "userIdentity": {"type": "AWSService", "invokedBy": WHO},
        "requestParameters": {"name": f"{place.stack}-send-test"},
    }
    return json.dumps(
        {
            "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.events",
            "account": place.account,
            "region": place.region,
            "detail": record,
        }
    ).encode()
