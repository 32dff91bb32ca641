"""Each alarm of the templates on a simulated log or metric: it rings in time, clears, rings again.

Azure Monitor as its pages describe it: a rule is evaluated every `evaluationFrequency` over the
last `windowSize`; it fires where enough of the last evaluations found more (or fewer) rows than the
threshold, and is resolved after three evaluations that found nothing. Nothing here was run on Azure
Monitor, and no query: which rows a query finds is said here in Python.
"""

import operator
import re
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import pytest
from pycep import BicepParser

from tests.azure.bicep import INFRA

MINUTE, HOUR = 60, 3600
CLEAN_EVALUATIONS = 3
COMPARED = {"GreaterThan": operator.gt, "LessThan": operator.lt}

Times = tuple[float, float]
"""When a trouble begins and ends, in seconds."""
Rows = list[float]
"""The times of the lines, requests or data points that the alarm's query finds."""


def seconds(duration: str) -> int:
    found = re.fullmatch(r"PT(\d+)([MH])", duration)
    assert found is not None, duration
    return int(found[1]) * {"M": MINUTE, "H": HOUR}[found[2]]


def log_alarms() -> dict[str, dict[str, Any]]:
    parsed: Any = BicepParser().parse(file_path=INFRA / "monitoring.bicep")
    return {each["name"]: each for each in parsed["variables"]["alarms"]["value"]}


def metric_alarms() -> dict[str, dict[str, Any]]:
    """The alarms on Event Grid's metrics, in the form of the others."""
    found = {}
    for name in ("undelivered", "dropped"):
        parsed = BicepParser().parse(file_path=INFRA / "topic.bicep")["resources"][name]
        properties = (parsed["config"].get("config") or parsed["config"])["properties"]
        [criterion] = properties["criteria"]["allOf"]
        assert criterion["timeAggregation"] == "Total"
        found[name] = {
            "operator": criterion["operator"],
            "threshold": criterion["threshold"],
            "frequency": properties["evaluationFrequency"],
            "window": properties["windowSize"],
            "failing": 1,
            "of": 1,
        }
    return found


ALARMS = log_alarms() | metric_alarms()


def failed_often(rows: Rows) -> Rows:
    """What `summarize failed = count() by name | where failed >= 3` leaves of one function."""
    return rows[:1] if len(rows) >= 3 else []


def rings(name: str, rows: Rows, until: float) -> list[tuple[float, bool]]:
    """When the alarm's state changes, in seconds, and whether it rings from then on."""
    alarm = ALARMS[name]
    window, frequency = seconds(alarm["window"]), seconds(alarm["frequency"])
    found_in: Callable[[Rows], Rows] = failed_often if name == "failures" else lambda each: each
    compared = COMPARED[alarm["operator"]]
    changes: list[tuple[float, bool]] = []
    seen: list[bool] = []
    ringing = False
    # the first evaluation has a whole window behind it, as in a deployment that has run for long
    for at in range(max(window, frequency), int(until), frequency):
        found = found_in([each for each in rows if at - window < each <= at])
        seen.append(compared(len(found), alarm["threshold"]))
        begins = sum(seen[-alarm["of"] :]) >= alarm["failing"]
        ends = not any(seen[-CLEAN_EVALUATIONS:])
        if (begins and not ringing) or (ends and ringing):
            ringing = not ringing
            changes.append((at, ringing))
    return changes


def every(period: float) -> Callable[[Times], Rows]:
    """A line so often while there is trouble."""
    return lambda when: [
        when[0] + n * period for n in range(1, int((when[1] - when[0]) / period) + 1)
    ]


def put_back(when: Times) -> Rows:
    """When an alert that no destination takes is put back, once it is five minutes old."""
    waits = (min(2.0 * 2**n, 900.0) for n in range(100))
    times = [at for at in accumulate(waits, initial=when[0]) if at < when[1]]
    return [at for at in times if at - when[0] > 300]


def tried_again(when: Times) -> Rows:
    """Event Grid's attempts at one event that always fails (its page on delivery and retry)."""
    waits = (10, 30, 60, 300, 600, 1800, 3600)
    return [at for at in accumulate(waits, initial=when[0]) if at < when[1]]


TROUBLES: dict[str, Callable[[Times], Rows]] = {
    "dead-letters": every(5 * MINUTE),  # housekeeping's line, while something lies there
    "state-unreadable": every(10 * MINUTE),  # the timer's look
    "failures": tried_again,
    "failed-once": tried_again,
    "late": put_back,
    "silent": every(5 * MINUTE),
    "unchecked": every(15 * MINUTE),
    "undelivered": every(5 * MINUTE),
    "dropped": every(5 * MINUTE),
}
"""What each alarm's query finds in the trouble that the alarm is for; of the two that watch what
must go on, what it finds in between."""

SILENCES = {"silent", "unchecked"}
LIMITS = {"failed-once": HOUR, "state-unreadable": HOUR, "silent": HOUR, "unchecked": HOUR}
"""The rest rings within 15 minutes, with an evaluation's time to spare."""


def test_every_alarm_is_proved_here() -> None:
    assert TROUBLES.keys() == ALARMS.keys()
    assert set(SILENCES) == {name for name in ALARMS if ALARMS[name]["operator"] == "LessThan"}


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_every_alarm_rings_in_time_clears_and_rings_for_the_next_trouble(name: str) -> None:
    first, second, end = (10.0 * HOUR, 12.0 * HOUR), (30.0 * HOUR, 32.0 * HOUR), 50.0 * HOUR
    troubles: Sequence[Times] = (first, second)
    if name in SILENCES:
        troubles = ((0, first[0]), (first[1], second[0]), (second[1], end))
    rows = [at for when in troubles for at in TROUBLES[name](when)]
    found = rings(name, rows, end)
    limit = LIMITS.get(name, 15 * MINUTE) + seconds(ALARMS[name]["frequency"])
    window = seconds(ALARMS[name]["window"])
    assert [ringing for _, ringing in found] == [True, False, True, False]
    for (start, stop), (began, _), (ended, _) in zip(
        (first, second), found[::2], found[1::2], strict=True
    ):
        assert start <= began <= start + limit
        assert ended <= stop + window + CLEAN_EVALUATIONS * seconds(ALARMS[name]["frequency"])


@pytest.mark.parametrize("name", ["failures", "state-unreadable"])
def test_one_hiccup_does_not_ring(name: str) -> None:
    assert rings(name, [10.0 * HOUR], 20.0 * HOUR) == []


def test_one_failure_rings_by_failed_once() -> None:
    assert [ringing for _, ringing in rings("failed-once", [10.0 * HOUR], 30.0 * HOUR)] == [
        True,
        False,
    ]
