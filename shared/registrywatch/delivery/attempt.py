"""One attempt to deliver one alert to one destination, with or without a queue around it."""

from collections.abc import Callable

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.destinations.kind import (
    Answer,
    Destination,
    Outgoing,
    Request,
    SecretRef,
)
from registrywatch.delivery.post import post
from registrywatch.delivery.secret_store import SecretStore
from registrywatch.errors import SecretError

_STALE_SECRET = frozenset({401, 403, 404})


def request_for(
    alert: Alert,
    to: Destination,
    secrets: SecretStore,
    now: float,
    incident: str | None = None,
    resolved: bool = False,
) -> Request:
    """The request that brings `alert` to `to`. Raises SecretError."""
    given = {
        suffix: secrets.value(value) if isinstance(value, SecretRef) else value
        for suffix, value in to.options.items()
    }
    return to.kind.request(
        Outgoing(alert=alert, given=given, now=now, incident=incident, resolved=resolved)
    )


def attempt(
    alert: Alert,
    to: Destination,
    secrets: SecretStore,
    clock: Callable[[], float],
    send: Callable[[Request, float], Answer] = post,
    incident: str | None = None,
    resolved: bool = False,
) -> Answer:
    """POST the alert; once more with secrets looked up again, where they may be out of date."""

    def once() -> Answer:
        now = clock()
        return send(request_for(alert, to, secrets, now, incident, resolved), now)

    try:
        answer = once()
        if answer.status in _STALE_SECRET and _refreshed(to, secrets):
            answer = once()
    except SecretError as error:
        return Answer("try_again", str(error))
    return answer


def _refreshed(to: Destination, secrets: SecretStore) -> bool:
    changed = [
        secrets.refresh(value) for value in to.options.values() if isinstance(value, SecretRef)
    ]
    return any(changed)
