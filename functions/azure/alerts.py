"""The alert queue: one message an alert and destination."""

from functions.azure.wiring import app
from registrywatch.azure.log_lines import log
from registrywatch.delivery import deliver_one
from registrywatch.errors import StoreError


def take(body: str) -> None:
    """Delivers a message. What raises is put back by the host, five times in all.

    The host logs what is raised, with all that it was made from: none of that may hold a secret.
    """
    outcome = deliver_one(body, app().worker)
    log(
        "delivery",
        result=outcome.result,
        destination=outcome.destination,
        alert=outcome.alert,
        rule=outcome.rule,
        reason=outcome.reason,
        seconds=outcome.seconds,
    )
    if not outcome.acknowledged:
        raise StoreError(outcome.reason or "")
