"""Whether events arrive at the event hub, and whether the function reads them.

Source: the Metrics API, and the metrics IncomingMessages and OutgoingMessages of a namespace.
"""

from collections.abc import Sequence
from typing import Any

from registrywatch import times
from registrywatch.azure import names
from registrywatch.azure.answers import elements, member
from registrywatch.azure.arm import Arm
from registrywatch.checks import Item, silence, wrong
from registrywatch.errors import UnreadableInput

METRICS = "2023-10-01"
ITEM = "arrivals"
_IN, _OUT = "IncomingMessages", "OutgoingMessages"
_RECENT_SECONDS = 4 * silence.HOUR
_OVER_SECONDS = silence.HOUR + 600
"""After this an hour is over, and what arrived in its last seconds is read and counted too."""
_FIX = "Check the diagnostic settings above; then pull an image and check again."
_READ_IT = (
    "Look for `event_hub` in the function app's exceptions: a listener that can't start is no "
    "request, and no alarm sees it. Deploy again if its role or the hub changed."
)


def arrivals(arm: Arm, namespace: str, now: float) -> Item:
    """By Event Hubs' own hourly count of messages. Raises StateUnknown.

    Counted by hub (the dimension EntityName), because registrywatch's own alarms are not events.
    """
    start, end = (times.rfc3339(int(at)) for at in (now - silence.HISTORY_SECONDS, now))
    found = arm.get(
        f"{namespace}/providers/Microsoft.Insights/metrics",
        METRICS,
        metricnames=f"{_IN},{_OUT}",
        aggregation="Total",
        interval="PT1H",
        timespan=f"{start}/{end}",
        _filter="EntityName eq '*'",
    )
    given = {str(_name(metric)): _hours(metric) for metric in elements(found)}
    arrived = given.get(_IN, [])
    if _OUT in given and _is_unread(arrived, given[_OUT], now):
        return wrong(ITEM, "messages arrive at the event hub and no function reads them", _READ_IT)
    return silence.arrivals(ITEM, arrived, now, _FIX)


def _is_unread(arrived: Sequence[float], read: Sequence[float], now: float) -> bool:
    """Whether messages arrived in the last hours that are over, and none was read since."""
    recent = [at for at in arrived if now - _RECENT_SECONDS <= at <= now - _OVER_SECONDS]
    return bool(recent) and not any(at >= min(recent) for at in read)


def _hours(metric: dict[str, Any]) -> list[float]:
    """The beginnings of the hours in which there were messages, of the registries' hub."""
    return [
        at
        for series in elements(metric, "timeseries")
        if not any(
            each.get("value") == names.ALARM_HUB for each in elements(series, "metadatavalues")
        )
        for point in elements(series, "data")
        if (point.get("total") or 0) > 0 and (at := _time(point.get("timeStamp"))) is not None
    ]


def _name(metric: dict[str, Any]) -> Any:
    return member(metric, "name").get("value", metric.get("name"))


def _time(text: Any) -> float | None:
    try:
        return times.seconds(text)
    except UnreadableInput:
        return None
