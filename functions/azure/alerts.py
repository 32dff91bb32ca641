"""The alert queue: one message an alert and destination."""

from functions.azure.wiring import app
from registrywatch.azure.logs import log
from registrywatch.delivery import deliver


def take(body: str) -> None:
    """Delivers a message. What raises is put back by the host, five times in all."""
    outcome = deliver(body, app().worker)
    log(
        "delivery",
        result=outcome.result,
        destination=outcome.destination,
        alert=outcome.alert,
        rule=outcome.rule,
        reason=outcome.reason,
        seconds=outcome.seconds,
    )
