"""Event Hub: the registries' resource logs and the subscription's activity log."""

from collections.abc import Sequence
from typing import Any

from functions.azure.wiring import app

PARK_AFTER = 8
"""Retries after which events that still can't be dealt with are parked: about twenty minutes. The
host never gives up, so that parking too may fail for as long as the hub keeps what comes."""


def take(messages: Sequence[Any], retries: int) -> None:
    """Takes a batch of func.EventHubEvent. What raises is retried by the host, as a whole."""
    bodies = [message.get_body() for message in messages]
    app().intake.take("event-hub", bodies, last_try=retries >= PARK_AFTER)


def retries_of(context: Any) -> int:
    """How often the host has retried this batch; it says nothing at the first time."""
    retry = getattr(context, "retry_context", None)
    return int(getattr(retry, "retry_count", 0) or 0)
