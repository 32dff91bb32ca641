"""Alerts about registrywatch itself: the alarms of both clouds, in one form.

What carries such an alert never rings an alarm itself (see `is_alarm`): an alarm about delivery
that can't be delivered would otherwise raise the next one.
"""

import msgspec

from registrywatch.alerts.alert import Alert, Incident, alert_id
from registrywatch.events import Actor, Cloud
from registrywatch.severity import Severity

RULE = "registrywatch-alarm"
_LONGEST = 500  # characters of a text that the cloud wrote


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that begins to ring or, if `over`, ends.

    `instance` identifies this ring, and is the same at its end; `lasts` says whether an end is
    reported at all. `about` are short texts on what rings, such as the queue. `time` is RFC 3339
    in UTC.
    """

    cloud: Cloud
    name: str
    instance: str
    description: str
    severity: Severity
    time: str
    reasons: tuple[str, ...]
    about: tuple[str, ...] = ()
    account: str | None = None
    region: str | None = None
    resource: str | None = None
    events: tuple[str, ...] = ()
    lasts: bool = False
    over: bool = False


def alert_of_alarm(alarm: Alarm) -> Alert:
    """The alert about an alarm. A repeated delivery of the same alarm is the same alert."""
    begun = alert_id(RULE, alarm.name, alarm.instance)
    about = f" ({', '.join(alarm.about)})" if alarm.about else ""
    incident = None
    if alarm.lasts or alarm.over:
        incident = Incident(begun, "resolved" if alarm.over else "open", alarm.severity)
    return Alert(
        id=alert_id(RULE, alarm.name, alarm.instance, "over") if alarm.over else begun,
        rule=RULE,
        title="registrywatch Alarm Is Over" if alarm.over else "registrywatch Needs Attention",
        summary=f"Alarm {alarm.name}{' is over' if alarm.over else ''}{about}: {alarm.description}"[
            :_LONGEST
        ],
        severity=Severity.INFORMATIONAL if alarm.over else alarm.severity,
        reasons=tuple(each[:_LONGEST] for each in alarm.reasons),
        cloud=alarm.cloud,
        account=alarm.account,
        region=alarm.region,
        registry=None,
        repository=None,
        resource=alarm.resource,
        actor=Actor(),
        time=alarm.time,
        mitre=(),
        events=alarm.events,
        impact="The alarm has ended by itself."
        if alarm.over
        else "While this lasts, registrywatch may miss events or deliver alerts late.",
        mitigation="Look the alarm up in docs/runbook.md: its meaning, first command and fix.",
        references=(),
        incident=incident,
    )


def is_alarm(alert: Alert) -> bool:
    """Whether an alert is about an alarm of registrywatch's own."""
    return alert.rule == RULE
