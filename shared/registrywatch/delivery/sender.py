"""Sends an alert to a destination: secrets, request and POST, without a queue or a ledger."""

import time
from collections.abc import Callable, Mapping

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.text import shown
from registrywatch.delivery.credentials import SecretStore
from registrywatch.delivery.destinations.kind import (
    Answer,
    Destination,
    Outgoing,
    Request,
    SecretRef,
)
from registrywatch.delivery.message import Message
from registrywatch.delivery.post import post
from registrywatch.digests import digest
from registrywatch.errors import SecretError


class Sender:
    """Sends alerts, with one store of secrets. May be shared by threads.

    `post` makes a POST; its second argument is the time, in seconds since the epoch.
    """

    def __init__(
        self,
        secrets: SecretStore,
        clock: Callable[[], float] = time.time,
        post: Callable[[Request, float], Answer] = post,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._post = post

    def attempt(self, message: Message, to: Destination, fold: str = "") -> Answer:
        """Send the alert of a message; once more if it is refused and its secrets have changed.

        `fold` is the id of the alert's fold, if it has one. Never raises for what a network, a
        server or a store of secrets may do: a secret that can't be read is an answer to try again.
        """
        try:
            given = resolved_options(to, self._secrets)
            answer = self._send(message, to, fold, given)
            # PagerDuty answers 400 to a revoked key, Slack 410 to a webhook that was removed
            if answer.verdict == "refused" and answer.status and 400 <= answer.status < 500:
                fresh = self._fresh_options(to)
                if fresh != given:
                    answer = self._send(message, to, fold, fresh)
        except SecretError as error:
            return Answer("try_again", str(error))
        return answer

    def _send(
        self, message: Message, to: Destination, fold: str, given: Mapping[str, str]
    ) -> Answer:
        alert, now = message.alert, self._clock()
        out = Outgoing(
            alert=alert,
            given=given,
            now=now,
            raised=message.raised or message.since,
            incident=message.incident or incident(alert, fold, alert.severity.rank),
        )
        return self._post(request_for(out, to), now)

    def _fresh_options(self, to: Destination) -> dict[str, str]:
        for value in to.options.values():
            if isinstance(value, SecretRef):
                self._secrets.refresh(value)
        return resolved_options(to, self._secrets)


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


def incident(alert: Alert, fold: str, rank: int) -> str:
    """The key under which a receiver keeps alerts together: those of a fold and a severity.

    A higher severity is another incident, because a person may have acknowledged the first one.
    An alert without a fold shares an incident with similar alerts of the same day. An alert about
    the beginning or the end of a state has the incident of that state.
    """
    if alert.incident:
        return f"registrywatch/{shown(alert.incident.id, 200)}"
    parts = (alert.cloud, alert.registry, alert.account, alert.actor.id, alert.time[:10])
    about = (fold,) if fold else tuple(part or "" for part in parts)
    return f"registrywatch/{shown(alert.rule, 100)}/{digest(*about, str(rank)).hex()}"
