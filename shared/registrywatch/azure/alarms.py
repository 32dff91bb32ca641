"""registrywatch's own Azure Monitor alarms as alerts, so that they reach the destinations too.

The action group sends Azure Monitor's common alert schema to an event hub (Microsoft's pages
"Common alert schema" and "Sample alert payloads"). Whatever arrives there becomes an alert: what is
not as documented is an alarm without details, for a record that was set aside would ring the next
alarm.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from registrywatch.alerts.alarm import Alarm, alert_of_alarm
from registrywatch.alerts.alert import Alert
from registrywatch.azure.answers import Json, elements, member
from registrywatch.errors import UnreadableInput
from registrywatch.severity import Severity
from registrywatch.sources import azure_names
from registrywatch.times import rfc3339, seconds

_SEVERITIES = {
    "sev0": Severity.HIGH,
    "sev1": Severity.HIGH,
    "sev2": Severity.HIGH,
    "sev3": Severity.LOW,
    "sev4": Severity.INFORMATIONAL,
}
_MOST_CONDITIONS = 5
_LONGEST_ID = 500


def alert_of(document: bytes, now: float) -> Alert:
    """The alert about an alarm that fired or is resolved; `now` is in seconds since the epoch.

    A delivery of the same message is the same alert.
    """
    data = _data(document)
    essentials = member(data, "essentials")
    found = elements(member(member(data, "alertContext"), "condition"), "allOf")
    conditions = [*islice(found, _MOST_CONDITIONS)]
    over = str(essentials.get("monitorCondition")).lower() == "resolved"
    instance = str(essentials.get("alertId") or document.decode("utf-8", "replace"))
    rule = _text(essentials.get("alertRuleId")) or _text(essentials.get("alertRuleID"))
    targets = essentials.get("alertTargetIDs")
    target = next(iter(targets), None) if isinstance(targets, list) else None
    fired = essentials.get("firedDateTime")
    return alert_of_alarm(
        Alarm(
            cloud="azure",
            name=str(essentials.get("alertRule") or "of an unknown name"),
            instance=instance,
            description=str(essentials.get("description") or "no description"),
            severity=_SEVERITIES.get(str(essentials.get("severity")).lower(), Severity.HIGH),
            time=_time(essentials.get("resolvedDateTime") if over else fired, now),
            reasons=tuple(map(_reason, conditions)) or ("Azure Monitor gives no reason",),
            about=tuple(each for condition in conditions for each in _dimensions(condition)),
            account=azure_names.subscription(rule or _text(essentials.get("alertId"))),
            resource=rule or _text(target),
            events=(instance[:_LONGEST_ID],) if essentials.get("alertId") else (),
            lasts=True,
            over=over,
        )
    )


def _data(document: bytes) -> Json:
    """What the message says; nothing where it is not JSON of the expected shape."""
    try:
        return member(msgspec.json.decode(document), "data")
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {}


def _reason(condition: Json) -> str:
    """Why it fired, as far as the condition says: a number, and what it was compared with."""
    value, limit = condition.get("metricValue"), condition.get("threshold")
    what = condition.get("metricName") or "rows that the query found"
    return f"{what}: {value}; the alarm rings at {condition.get('operator')} {limit}"


def _dimensions(condition: Json) -> Iterator[str]:
    for each in elements(condition, "dimensions"):
        if each.get("value"):
            yield f"{each.get('name')} {each['value']}"


def _time(text: object, now: float) -> str:
    try:
        return rfc3339(int(seconds(str(text))))
    except UnreadableInput:
        return rfc3339(int(now))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
