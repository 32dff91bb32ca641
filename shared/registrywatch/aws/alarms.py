"""registrywatch's own CloudWatch alarms as alerts, so that they reach the alert destinations too.

The event is EventBridge's "CloudWatch Alarm State Change" (CloudWatch user guide, "Alarm events and
EventBridge").
"""

from collections.abc import Mapping
from typing import Any

from registrywatch.alerts.alarm import Alarm, alert_of_alarm
from registrywatch.alerts.alert import Alert
from registrywatch.severity import Severity

DETAIL_TYPE = "CloudWatch Alarm State Change"


def is_alarm(event: object) -> bool:
    """Whether an event is the change of an alarm's state."""
    return isinstance(event, Mapping) and event.get("detail-type") == DETAIL_TYPE


def alert_of(event: Mapping[str, Any]) -> Alert:
    """The alert about an alarm. A delivery of the same event is the same alert."""
    detail = _mapping(event.get("detail"))
    state = _mapping(detail.get("state"))
    configured = _mapping(detail.get("configuration"))
    return alert_of_alarm(
        Alarm(
            cloud="aws",
            name=str(detail.get("alarmName")),
            instance=str(state.get("timestamp") or event.get("id")),
            description=str(configured.get("description") or "no description"),
            severity=Severity.HIGH,
            time=str(event.get("time") or state.get("timestamp")),
            reasons=(str(state.get("reason") or "CloudWatch gives no reason"),),
            account=_text(event.get("account")),
            region=_text(event.get("region")),
            resource=next(iter(map(str, event.get("resources") or ())), None),
            events=(str(event["id"]),) if event.get("id") else (),
        )
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
