"""registrywatch's own CloudWatch alarms as alerts, so that they reach the alert destinations too.

The event is EventBridge's "CloudWatch Alarm State Change" (CloudWatch user guide, "Alarm events and
EventBridge"). The end of an alarm is taken to name the time of its beginning, as
`previousState.timestamp`: so the guide's samples read, but it was not tried on CloudWatch.
"""

from collections.abc import Mapping
from typing import Any

from registrywatch.alerts.alarm import Alarm, alert_of_alarm
from registrywatch.alerts.alert import Alert
from registrywatch.severity import Severity

DETAIL_TYPE = "CloudWatch Alarm State Change"
_EACH_LETTER, _LETTERS_WAIT = "DeadLettersAlarm", "DeadLettersWaitingAlarm"


def is_alarm(event: object) -> bool:
    """Whether an event is the change of an alarm's state."""
    return isinstance(event, Mapping) and event.get("detail-type") == DETAIL_TYPE


def alert_of(event: Mapping[str, Any]) -> Alert | None:
    """The alert about an alarm that begins to ring or ends. The same event is the same alert.

    None where an event says nothing new: an alarm is OK that did not ring; one that rings for each
    dead letter ends after five minutes; and one on waiting letters begins with the first of them.
    """
    detail = _mapping(event.get("detail"))
    name = str(detail.get("alarmName"))
    state, previous = _mapping(detail.get("state")), _mapping(detail.get("previousState"))
    configured = _mapping(detail.get("configuration"))
    over = state.get("value") == "OK"
    if over and (previous.get("value") != "ALARM" or _EACH_LETTER in name):
        return None
    if not over and _LETTERS_WAIT in name:
        return None
    began = previous if over else state
    return alert_of_alarm(
        Alarm(
            cloud="aws",
            name=name,
            instance=str(began.get("timestamp") or event.get("id")),
            description=str(configured.get("description") or "no description"),
            severity=Severity.HIGH,
            time=str(event.get("time") or state.get("timestamp")),
            reasons=(str(state.get("reason") or "CloudWatch gives no reason"),),
            account=_text(event.get("account")),
            region=_text(event.get("region")),
            resource=next(iter(map(str, event.get("resources") or ())), None),
            events=(str(event["id"]),) if event.get("id") else (),
            lasts=True,
            over=over,
        )
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
