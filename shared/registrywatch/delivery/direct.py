"""One alert to one destination, right now: an attempt, with or without a queue around it."""

from collections.abc import Callable

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.destinations import Destination
from registrywatch.delivery.post import Answer, post
from registrywatch.delivery.request import Request, request_for
from registrywatch.delivery.secret_store import Secrets
from registrywatch.errors import SecretError

_STALE_SECRET = frozenset({401, 403, 404})


def post_alert(
    alert: Alert,
    to: Destination,
    secrets: Secrets,
    clock: Callable[[], float],
    send: Callable[[Request, float], Answer] = post,
    incident: str | None = None,
) -> Answer:
    """POST the alert; once more with secrets looked up again, where they may be out of date."""

    def attempt() -> Answer:
        now = clock()
        return send(request_for(alert, to, secrets, now, incident), now)

    try:
        answer = attempt()
        if answer.status in _STALE_SECRET and _refreshed(to, secrets):
            answer = attempt()
    except SecretError as error:
        return Answer("try_again", str(error))
    return answer


def _refreshed(to: Destination, secrets: Secrets) -> bool:
    changed = [secrets.refresh(secret) for secret in (to.endpoint, to.key) if secret]
    return any(changed)
