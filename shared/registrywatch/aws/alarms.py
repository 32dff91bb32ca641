"""registrywatch's own CloudWatch alarms as alerts, so that they reach the alert destinations too.

The event is EventBridge's "CloudWatch Alarm State Change" (CloudWatch user guide, "Alarm events and
EventBridge").
"""

from collections.abc import Mapping
from typing import Any

from registrywatch.alerts.alert import Alert, alert_id
from registrywatch.events import Actor
from registrywatch.severity import Severity

DETAIL_TYPE = "CloudWatch Alarm State Change"
RULE = "registrywatch-alarm"


def is_alarm(event: object) -> bool:
    """Whether an event is the change of an alarm's state."""
    return isinstance(event, Mapping) and event.get("detail-type") == DETAIL_TYPE


def alert_of(event: Mapping[str, Any]) -> Alert:
    """The alert about an alarm. A delivery of the same event is the same alert."""
    detail = _mapping(event.get("detail"))
    name = str(detail.get("alarmName"))
    state = _mapping(detail.get("state"))
    configured = _mapping(detail.get("configuration"))
    return Alert(
        id=alert_id(RULE, name, str(state.get("timestamp") or event.get("id"))),
        rule=RULE,
        title="registrywatch Needs Attention",
        summary=f"Alarm {name}: {configured.get('description') or 'no description'}",
        severity=Severity.HIGH,
        reasons=(str(state.get("reason") or "CloudWatch gives no reason"),),
        cloud="aws",
        account=_text(event.get("account")),
        region=_text(event.get("region")),
        registry=None,
        repository=None,
        resource=next(iter(map(str, event.get("resources") or ())), None),
        actor=Actor(),
        time=str(event.get("time") or state.get("timestamp")),
        mitre=(),
        events=(str(event["id"]),) if event.get("id") else (),
        impact="While this lasts, registrywatch may miss events or deliver alerts late.",
        mitigation="Look the alarm up in docs/runbook.md: its meaning, first command and fix.",
        references=(),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
