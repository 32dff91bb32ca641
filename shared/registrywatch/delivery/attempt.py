"""One attempt to deliver one alert to one destination, with or without a queue around it."""

from collections.abc import Callable, Mapping

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.credentials import SecretStore
from registrywatch.delivery.destinations.kind import (
    Answer,
    Destination,
    Outgoing,
    Request,
    SecretRef,
)
from registrywatch.delivery.post import post
from registrywatch.errors import SecretError


def attempt(
    alert: Alert,
    to: Destination,
    secrets: SecretStore,
    clock: Callable[[], float],
    send: Callable[[Request, float], Answer] = post,
    incident: str | None = None,
    resolved: bool = False,
    raised: float | None = None,
) -> Answer:
    """Send the alert; once more if it is refused and its secrets have changed since.

    `incident`, `resolved` and `raised` as in `Outgoing`. Never raises: a secret that can't be read
    is an answer to try again.
    """

    def once(given: Mapping[str, str]) -> Answer:
        now = clock()
        out = Outgoing(
            alert=alert,
            given=given,
            now=now,
            raised=raised,
            incident=incident,
            resolved=resolved,
        )
        return send(request_for(out, to), now)

    try:
        given = resolved_options(to, secrets)
        answer = once(given)
        # PagerDuty answers 400 to a revoked key, Slack 410 to a webhook that was removed
        if answer.verdict == "refused" and answer.status and 400 <= answer.status < 500:
            for value in to.options.values():
                if isinstance(value, SecretRef):
                    secrets.refresh(value)
            fresh = resolved_options(to, secrets)
            if fresh != given:
                answer = once(fresh)
    except SecretError as error:
        return Answer("try_again", str(error))
    return answer


def resolved_options(to: Destination, secrets: SecretStore) -> dict[str, str]:
    """The options of a destination, with secrets in place of references. Raises SecretError."""
    return {
        suffix: secrets.value(value) if isinstance(value, SecretRef) else value
        for suffix, value in to.options.items()
    }


def request_for(out: Outgoing, to: Destination) -> Request:
    """The request that sends an alert to `to`. Raises SecretError."""
    secret = [suffix for suffix, value in to.options.items() if isinstance(value, SecretRef)]
    return msgspec.structs.replace(
        to.kind.request(out),
        secrets=tuple(out.given[suffix] for suffix in secret),
        objection=to.kind.objection,
    )
