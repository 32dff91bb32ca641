"""Destinations that do not answer: reported to the others once, and again when they recover.

One entry of the ledger for each destination says since when every attempt has failed. It is read
after each attempt, because another process may have failed or succeeded in the meantime.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert, Incident, alert_id
from registrywatch.delivery.destinations.kind import Destination
from registrywatch.delivery.ledger import Cell, Ledger, digest, json_codec
from registrywatch.delivery.queue import Message
from registrywatch.events import Actor
from registrywatch.severity import Severity
from registrywatch.times import rfc3339, span

SILENT_SECONDS = 1800.0  # without success, after which the other destinations are informed
RULE = "registrywatch-destination-failing"


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of a destination.

    `since` is the time of the first failure with no success after it, in seconds since the epoch, 0
    if there is none. `waiting` is about how many alerts failed since then, `dead` how many of them
    are dead letters. `reason` is that of the first failure; `informed` are the destinations that
    were informed.
    """

    since: float = 0
    waiting: int = 0
    dead: int = 0
    reason: str = ""
    informed: tuple[str, ...] = ()


_CODEC = json_codec(Health)
_WELL = Health()


class HealthWatch:
    """Watches the destinations. `send` puts a message for another destination on the queue."""

    def __init__(
        self,
        destinations: Iterable[Destination],
        ledger: Ledger,
        send: Callable[[Message], None],
        give_up_seconds: float,
    ) -> None:
        self._destinations = tuple(destinations)
        self._ledger = ledger
        self._send = send
        self._give_up_seconds = give_up_seconds

    def failed(
        self, message: Message, to: Destination, now: float, reason: str, *, dead: bool
    ) -> None:
        """An attempt failed; `dead`: it was the message's last. Raises StoreError."""
        cell = self._cell(to)
        before = cell.read() or _WELL
        health = before
        if not before.since:
            health = Health(since=now, waiting=1, reason=reason[:200])
        elif message.reason is None:  # otherwise it was counted before
            health = msgspec.structs.replace(before, waiting=before.waiting + 1)
        if dead:
            health = msgspec.structs.replace(health, dead=health.dead + 1)
        if now - health.since >= SILENT_SECONDS and not health.informed:
            others = tuple(each.name for each in self._destinations if each is not to)
            # Sent before it is recorded: after a crash in between the messages are sent again, and
            # recognised by their ids.
            notice = _notice(to, health, message.alert, self._give_up_seconds)
            self._inform(others, notice, now)
            health = msgspec.structs.replace(health, informed=others)
        if health is not before:
            cell.swap(health)  # a lost race miscounts by one, or repeats a message

    def held(self, to: Destination) -> None:
        """An alert waits without an attempt, because other alerts failed. Raises StoreError."""
        cell = self._cell(to)
        health = cell.read()
        if health and health.since:
            cell.swap(msgspec.structs.replace(health, waiting=health.waiting + 1))

    def answered(self, message: Message, to: Destination, now: float) -> None:
        """An attempt succeeded. Raises StoreError."""
        cell = self._cell(to)
        health = cell.read() or _WELL
        if health.since:
            self._inform(health.informed, _recovery(to, health, message.alert, now), now)
            cell.swap(_WELL)

    def _inform(self, names: Iterable[str], alert: Alert, now: float) -> None:
        for name in names:
            self._send(Message(destination=name, alert=alert, kind="notice", since=now, raised=now))

    def _cell(self, to: Destination) -> Cell[Health]:
        return Cell(self._ledger, "h" + digest(to.name).hex(), _CODEC)


def _notice(to: Destination, health: Health, sample: Alert, give_up_seconds: float) -> Alert:
    if health.dead:
        alerts = f"about {health.dead} of {health.waiting} alerts are dead letters"
    else:
        alerts = "1 alert waits" if health.waiting == 1 else f"about {health.waiting} alerts wait"
    return _alert(
        "open",
        to,
        health,
        sample,
        severity=Severity.HIGH,
        title="Destination Not Answering",
        summary=f"{_named(to)} has not accepted any alert since {_hour(health.since)}; {alerts}",
        reasons=(f"The first attempt that failed: {health.reason}.",),
        time=health.since + SILENT_SECONDS,
        impact=f"Alerts for {_named(to)} alone reach no one. They wait for "
        f"{span(int(give_up_seconds))}, then they go to the dead-letter queue.",
        mitigation="Fix the destination or its secret. Waiting alerts are then sent; those in the "
        "dead-letter queue need `registrywatch redeliver`.",
    )


def _recovery(to: Destination, health: Health, sample: Alert, now: float) -> Alert:
    return _alert(
        "resolved",
        to,
        health,
        sample,
        severity=Severity.INFORMATIONAL,
        title="Destination Answers Again",
        summary=f"{_named(to)} accepts alerts again, for the first time since "
        f"{_hour(health.since)}",
        reasons=("An alert was delivered.",),
        time=now,
        impact="The waiting alerts are being sent.",
        mitigation="Check the dead-letter queue: alerts that were given up are there. Send them "
        "with `registrywatch redeliver`.",
    )


def _alert(
    state: Literal["open", "resolved"],
    to: Destination,
    health: Health,
    sample: Alert,
    *,
    severity: Severity,
    title: str,
    summary: str,
    reasons: tuple[str, ...],
    time: float,
    impact: str,
    mitigation: str,
) -> Alert:
    ids = {each: alert_id(RULE, each, to.name, str(health.since)) for each in ("open", "resolved")}
    return Alert(
        id=ids[state],
        rule=RULE,
        title=title,
        summary=summary,
        severity=severity,
        reasons=reasons,
        cloud=sample.cloud,
        account=sample.account,
        region=None,
        registry=None,
        repository=None,
        actor=Actor(name="registrywatch"),
        time=rfc3339(int(time)),
        mitre=(),
        events=(),
        impact=impact,
        mitigation=mitigation,
        references=(),
        incident=Incident(ids["open"], state, Severity.HIGH),
    )


def _named(to: Destination) -> str:
    _, _, name = to.name.partition("/")
    return f"{to.kind.label} ({name})" if name else to.kind.label


def _hour(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%H:%M UTC")
