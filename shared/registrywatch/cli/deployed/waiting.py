"""Waiting until a deployment has delivered an alert, and closing the incident that it opened."""

import time
from collections.abc import Callable, Iterator

from registrywatch.alerts import Alert
from registrywatch.alerts.sample import end_of_sample
from registrywatch.checks import Item, right, wrong
from registrywatch.cli.deployed.deployment import Deployment
from registrywatch.delivery import Destination, Message
from registrywatch.delivery.ledger import DeliveryStatus, status_cell
from registrywatch.delivery.sender import incident

ITEM = "send test "
"""How the names of the items begin; the destination's follows."""

_PAUSE_SECONDS = 2.0
_ARRIVED = ("delivered", "folding")


def waited(
    deployment: Deployment,
    alert: Alert,
    destinations: tuple[Destination, ...],
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Item]:
    """An item for each destination as the alert arrives there, or where it is instead.

    All together are waited for until the deployment's patience is over. An incident that a
    delivered alert opened is resolved. Raises StoreError.
    """
    began = clock()
    left = [to for to in destinations if to.wants(alert)]
    for to in destinations:
        if to not in left:
            found = f"it takes no {alert.severity.value} alert of {alert.rule}"
            yield right(f"{ITEM}{to.name}", found)
    while left:
        for to in [*left]:
            status = _status(deployment, alert, to)
            if status is not None and status.state in _ARRIVED:
                left.remove(to)
                found = _arrival(deployment, alert, to, status, began, clock())
                yield right(f"{ITEM}{to.name}", found)
        if clock() - began > deployment.patience:
            break
        if left:
            sleep(_PAUSE_SECONDS)
    for to in left:
        where = _where(deployment, alert, to)
        found = f"not delivered within {int(deployment.patience)} seconds: {where}"
        yield wrong(f"{ITEM}{to.name}", found, deployment.logs)


def _arrival(
    deployment: Deployment,
    alert: Alert,
    to: Destination,
    status: DeliveryStatus,
    began: float,
    now: float,
) -> str:
    """What became of an alert that arrived; its incident is resolved."""
    within = f"within {int(now - began) + 1} seconds"
    if status.state == "folding":
        return f"taken {within}; like the test before it, it will be in a follow-up"
    if not to.kind.resolves:
        return f"delivered {within}"
    deployment.send(_end(alert, to, status, now))
    return f"delivered {within}; its incident is being resolved"


def _status(deployment: Deployment, alert: Alert, to: Destination) -> DeliveryStatus | None:
    return status_cell(deployment.ledger, alert.id, to.name).read()


def _where(deployment: Deployment, alert: Alert, to: Destination) -> str:
    """Where an alert is that was not delivered."""
    reason = deployment.dead_letter_reason(alert.id, to.name)
    if reason is not None:
        return f"it is in the dead-letter queue: {reason}"
    if _status(deployment, alert, to) is None:
        return "delivery has not taken it from the alert queue, or detection did not put it there"
    return "it is on the alert queue and waits for the next attempt"


def _end(alert: Alert, to: Destination, status: DeliveryStatus, now: float) -> Message:
    """The message that closes the incident which the delivered alert opened."""
    key = incident(alert, status.fold, alert.severity.rank)
    over = end_of_sample(alert)
    return Message(destination=to.name, alert=over, kind="notice", since=now, incident=key)
