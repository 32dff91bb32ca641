"""Azure Monitor, simulated: the alarms of the templates, and how their rules are evaluated.

As its pages describe it: a rule is evaluated every `evaluationFrequency` over the last
`windowSize`; it fires where enough of the last evaluations found more (or fewer) rows than the
threshold, and is resolved after three evaluations that found nothing, two where they are more than
15 minutes apart. Where rows are split by dimensions, each combination of values is a series that
fires and is resolved by itself. Nothing here was run on Azure Monitor, and no query: which rows a
query finds is said in Python.
"""

import functools
import operator
import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from pycep import BicepParser

from tests.azure.bicep import INFRA

MINUTE, HOUR = 60, 3600
COMPARED = {"GreaterThan": operator.gt, "LessThan": operator.lt}

Rows = list[float]
"""The times of the lines, requests or data points that an alarm's query finds, in order."""
Change = tuple[float, str, bool]
"""When a series changes its state, in seconds, which one, and whether it rings from then on."""


def seconds(duration: str) -> int:
    found = re.fullmatch(r"PT(\d+)([MH])", duration)
    assert found is not None, duration
    return int(found[1]) * {"M": MINUTE, "H": HOUR}[found[2]]


@functools.cache
def alarms() -> dict[str, dict[str, Any]]:
    """All alarms by name. Parsed when the first is used: that takes longer than any test of it."""
    return log_alarms() | metric_alarms()


def log_alarms() -> dict[str, dict[str, Any]]:
    parsed: Any = BicepParser().parse(file_path=INFRA / "monitoring.bicep")
    return {each["name"]: each for each in parsed["variables"]["alarms"]["value"]}


def metric_alarms() -> dict[str, dict[str, Any]]:
    """The alarms on Event Grid's metrics, in the form of the others."""
    declared = BicepParser().parse(file_path=INFRA / "topic.bicep")["resources"]
    found = {}
    for name in ("undelivered", "dropped"):
        parsed = declared[name]
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
            "dimensions": [],
        }
    return found


class Series:
    """One series of an alarm, evaluated step by step."""

    def __init__(self, name: str) -> None:
        alarm = alarms()[name]
        self.window, self.frequency = seconds(alarm["window"]), seconds(alarm["frequency"])
        self.ringing = False
        self._least = 3 if name == "failures" else 1  # `where failed >= 3`, of one function
        self._alarm = alarm
        self._clean = 3 if self.frequency <= 15 * MINUTE else 2
        self._seen: list[bool] = []

    def evaluate(self, at: float, rows: Rows) -> bool:
        """Whether the state changed at this evaluation."""
        alarm = self._alarm
        number = bisect_right(rows, at) - bisect_right(rows, at - self.window)
        found = number // self._least if self._least > 1 else number
        self._seen.append(COMPARED[alarm["operator"]](found, alarm["threshold"]))
        begins = sum(self._seen[-alarm["of"] :]) >= alarm["failing"]
        ends = not any(self._seen[-self._clean :])
        changed = ends if self.ringing else begins
        self.ringing ^= changed
        return changed


def rings(name: str, rows: Rows, until: float) -> list[tuple[float, bool]]:
    """When one series' state changes, in seconds, and whether it rings from then on."""
    series = Series(name)
    # the first evaluation has a whole window behind it, as in a deployment that has run for long
    first = max(series.window, series.frequency)
    times = range(first, int(until), series.frequency)
    return [(at, series.ringing) for at in times if series.evaluate(at, rows)]


def changes_of(name: str, series: Mapping[str, Rows], until: float) -> list[Change]:
    """What happens to the series of an alarm that is split by dimensions, in order of time."""
    assert alarms()[name]["dimensions"]
    found = [(at, of, now) for of, rows in series.items() for at, now in rings(name, rows, until)]
    return sorted(found)
