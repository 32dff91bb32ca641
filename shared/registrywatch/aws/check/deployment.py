"""All items of a deployment on AWS, in the order in which events pass through it."""

import time
from collections.abc import Iterator

from registrywatch.aws.check.alarms import alarms
from registrywatch.aws.check.arrivals import ITEM as ARRIVALS
from registrywatch.aws.check.arrivals import arrivals
from registrywatch.aws.check.functions import functions
from registrywatch.aws.check.queues import queues
from registrywatch.aws.check.rules import rules
from registrywatch.aws.check.stack import Stack, stack_named
from registrywatch.aws.check.stores import stores
from registrywatch.aws.check.trail import NAME, trail
from registrywatch.checks import Item, checked, right, unknown, wrong
from registrywatch.errors import StoreError


def check(name: str) -> tuple[Item, ...]:
    """The items of the stack of that name, in the region of this process's credentials.

    Without the stack there is one item. A part that could not be read is `unknown`; no error is
    raised for it.
    """
    try:
        stack = stack_named(name)
    except StoreError as error:
        return (unknown("stack", error),)
    if stack is None:
        found = f"there is no stack {name} in this account and region"
        return (wrong("stack", found, "Run sam deploy, or give the right --stack and --region."),)
    return (right("stack", f"{name} exists"), *_items(stack))


def _items(stack: Stack) -> Iterator[Item]:
    region = stack.place.region
    yield checked(NAME, lambda: trail(region))
    yield from rules(stack)
    yield from functions(stack)
    yield from queues(stack)
    yield from stores(stack)
    yield from alarms(stack)
    yield checked(ARRIVALS, lambda: arrivals(stack, time.time()))
