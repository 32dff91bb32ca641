"""All items of a deployment on Azure, in the order in which events pass through it."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

import msgspec

from registrywatch.azure import log_state, scan_state
from registrywatch.azure.arm import Arm
from registrywatch.azure.check.alarms import ITEM as ALARMS
from registrywatch.azure.check.alarms import alarms
from registrywatch.azure.check.app import app, functions, rights
from registrywatch.azure.check.arrivals import ITEM as ARRIVALS
from registrywatch.azure.check.arrivals import arrivals
from registrywatch.azure.check.feeds import DEPLOY, activity_log, event_subscription
from registrywatch.azure.check.hub import ITEM, event_hub
from registrywatch.checks import Item, checked, right, unknown, wrong
from registrywatch.errors import StateUnknown

_TOPIC = "/microsoft.eventgrid/systemtopics/"
_SETTING = "/microsoft.insights/diagnosticsettings/"


class DeadLetters(Protocol):
    """A queue of messages that were not handled."""

    @property
    def name(self) -> str: ...

    def depth(self) -> int:
        """The approximate number of messages. Raises StoreError."""
        ...


class Deployment(msgspec.Struct, frozen=True):
    """What the check reads: resource ids, and the object id of the app's identity.

    `app` is the function app, `namespace` the Event Hub namespace that receives the logs.
    """

    registries: tuple[str, ...]
    feeds: tuple[str, ...]
    namespace: str | None
    app: str | None
    principal: str | None


def check(
    deployment: Deployment,
    arm: Arm,
    dead_letters: Sequence[DeadLetters],
    clock: Callable[[], float],
) -> tuple[Item, ...]:
    """The items. A part that could not be read is `unknown`; no error is raised for it."""
    return tuple(_items(deployment, arm, dead_letters, clock))


def _items(
    deployment: Deployment,
    arm: Arm,
    dead_letters: Sequence[DeadLetters],
    clock: Callable[[], float],
) -> Iterator[Item]:
    yield from _logs(deployment, arm)
    for feed in deployment.feeds:
        item = f"feed {feed.rpartition('/')[2]}"
        if _TOPIC in feed.lower():
            yield checked(item, partial(event_subscription, arm, item, feed, deployment.app))
        elif _SETTING in feed.lower():
            item = f"activity log {feed.rpartition('/')[2]}"
            yield checked(item, partial(activity_log, arm, item, feed, deployment.namespace))
    if deployment.namespace is not None:
        yield checked(ITEM, partial(event_hub, arm, deployment.namespace))
    if deployment.app is None:
        yield wrong("function app", "REGISTRYWATCH_AZURE_APP is not set", DEPLOY)
    else:
        yield checked("function app", partial(app, arm, deployment.app))
        yield from functions(arm, deployment.app)
        if deployment.principal is not None:
            yield checked("rights", partial(rights, arm, deployment.app, deployment.principal))
        group = deployment.app.partition("/providers/")[0]
        yield checked(ALARMS, partial(alarms, arm, group))
    yield from _plans(deployment, arm)
    if deployment.namespace is not None:
        yield checked(ARRIVALS, partial(arrivals, arm, deployment.namespace, clock()))
    for queue in dead_letters:
        yield checked(f"dead letters {queue.name}", partial(_dead_letters, queue))


def _logs(deployment: Deployment, arm: Arm) -> Iterator[Item]:
    """Whether each registry sends its log to the event hub."""
    question = log_state.question(arm, deployment.namespace)
    for registry, state in question.ask(deployment.registries):
        name = f"diagnostic setting {registry.rpartition('/')[2]}"
        if isinstance(state, StateUnknown):
            yield unknown(name, state)
        elif state.on:
            yield right(name, f"{', '.join(state.by)} sends the log to the event hub")
        else:
            yield wrong(name, "no setting sends the registry's log to the event hub", DEPLOY)


def _plans(deployment: Deployment, arm: Arm) -> Iterator[Item]:
    """Whether the Defender plans can be read: they show whether images are scanned."""
    for registry, state in scan_state.ask(arm, deployment.registries):
        name = f"plans of {registry.rpartition('/')[2]}"
        if isinstance(state, StateUnknown):
            yield unknown(name, state)
        else:
            yield right(name, f"readable: images are {'' if state.on else 'not '}scanned")


def _dead_letters(queue: DeadLetters) -> Item:
    name, number = f"dead letters {queue.name}", queue.depth()
    if number:
        fix = "registrywatch redeliver, for alerts; docs/azure.md says how for the rest"
        return wrong(name, f"{number} messages were not handled", fix, minor=True)
    return right(name, "empty")
