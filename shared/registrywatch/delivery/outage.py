"""An outage of a destination, and the two alerts about it: that it began, and that it is over."""

from datetime import UTC, datetime
from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert, Incident, alert_id
from registrywatch.delivery.destinations.kind import Destination
from registrywatch.events import Actor
from registrywatch.severity import Severity
from registrywatch.times import rfc3339, span

RULE = "registrywatch-destination-failing"
SILENT_SECONDS = 1800.0  # without success, after which the other destinations are informed


class Outage(msgspec.Struct, frozen=True, omit_defaults=True):
    """The time in which a destination has accepted nothing.

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


def not_answering(to: Destination, outage: Outage, sample: Alert, give_up_seconds: float) -> Alert:
    """The alert that `to` does not answer. Cloud and account are those of `sample`, which waits."""
    if outage.dead:
        alerts = f"about {outage.dead} of {outage.waiting} alerts are dead letters"
    else:
        alerts = "1 alert waits" if outage.waiting == 1 else f"about {outage.waiting} alerts wait"
    return _alert(
        "open",
        to,
        outage,
        sample,
        severity=Severity.HIGH,
        title="Destination Not Answering",
        summary=f"{_named(to)} has not accepted any alert since {_hour(outage.since)}; {alerts}",
        reasons=(f"The first attempt that failed: {outage.reason}.",),
        time=outage.since + SILENT_SECONDS,
        impact=f"Alerts for {_named(to)} alone reach no one. They wait for "
        f"{span(int(give_up_seconds))}, then they go to the dead-letter queue.",
        mitigation="Fix the destination or its secret. Waiting alerts are then sent; those in the "
        "dead-letter queue need `registrywatch redeliver`.",
    )


def answers_again(to: Destination, outage: Outage, sample: Alert, now: float) -> Alert:
    """The alert that `to` answers again. Cloud and account are those of `sample`, now accepted."""
    return _alert(
        "resolved",
        to,
        outage,
        sample,
        severity=Severity.INFORMATIONAL,
        title="Destination Answers Again",
        summary=f"{_named(to)} accepts alerts again, for the first time since "
        f"{_hour(outage.since)}",
        reasons=("An alert was delivered.",),
        time=now,
        impact="The waiting alerts are being sent.",
        mitigation="Check the dead-letter queue: alerts that were given up are there. Send them "
        "with `registrywatch redeliver`.",
    )


def _alert(
    state: Literal["open", "resolved"],
    to: Destination,
    outage: Outage,
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
    ids = {each: alert_id(RULE, each, to.name, str(outage.since)) for each in ("open", "resolved")}
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
