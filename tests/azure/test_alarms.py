"""Each alarm of the templates on a simulated log or metric: it rings in time, clears, rings again.

Azure Monitor as its pages describe it: a rule is evaluated every `evaluationFrequency` over the
last `windowSize`; it fires where enough of the last evaluations found more (or fewer) rows than the
threshold, and is resolved after three evaluations that found nothing, two where they are more than
15 minutes apart. Where rows are split by dimensions, each combination of values is a series that
fires and is resolved by itself. Nothing here was run on Azure Monitor, and no query: which rows a
query finds is said here in Python.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import pytest
from pycep import BicepParser

from registrywatch.azure.dead_letters import DeadLetterWatch
from registrywatch.rows import MemoryRows
from tests.azure.bicep import INFRA

MINUTE, HOUR = 60, 3600
COMPARED = {"GreaterThan": operator.gt, "LessThan": operator.lt}

Times = tuple[float, float]
"""When a trouble begins and ends, in seconds."""
Rows = list[float]
"""The times of the lines, requests or data points that the alarm's query finds."""
Change = tuple[float, str, bool]
"""When a series changes its state, in seconds, which one, and whether it rings from then on."""


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
            "dimensions": [],
        }
    return found


ALARMS = log_alarms() | metric_alarms()


def failed_often(rows: Rows) -> Rows:
    """What `summarize failed = count() by name | where failed >= 3` leaves of one function."""
    return rows[:1] if len(rows) >= 3 else []


def clean_evaluations(alarm: dict[str, Any]) -> int:
    """After how many evaluations that found nothing the alarm is resolved."""
    return 3 if seconds(alarm["frequency"]) <= 15 * MINUTE else 2


def changes_of(name: str, series: Mapping[str, Rows], until: float) -> list[Change]:
    """What happens to the series of an alarm that is split by dimensions, in order of time."""
    assert ALARMS[name]["dimensions"]
    found = [(at, of, now) for of, rows in series.items() for at, now in rings(name, rows, until)]
    return sorted(found)


def rings(name: str, rows: Rows, until: float) -> list[tuple[float, bool]]:
    """When one series' state changes, in seconds, and whether it rings from then on."""
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
        ends = not any(seen[-clean_evaluations(alarm) :])
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
    "dead-letters-waiting": every(5 * MINUTE),
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
LIMITS = dict.fromkeys(
    ("failed-once", "state-unreadable", "silent", "unchecked", "dead-letters-waiting"), HOUR
)
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
    window, frequency = (seconds(ALARMS[name][each]) for each in ("window", "frequency"))
    limit = LIMITS.get(name, 15 * MINUTE) + frequency
    assert [ringing for _, ringing in found] == [True, False, True, False]
    for (start, stop), (began, _), (ended, _) in zip(
        (first, second), found[::2], found[1::2], strict=True
    ):
        assert start <= began <= start + limit
        assert ended <= stop + window + clean_evaluations(ALARMS[name]) * frequency


@pytest.mark.parametrize("name", ["failures", "state-unreadable"])
def test_one_hiccup_does_not_ring(name: str) -> None:
    assert rings(name, [10.0 * HOUR], 20.0 * HOUR) == []


def test_one_failure_rings_by_failed_once() -> None:
    assert [ringing for _, ringing in rings("failed-once", [10.0 * HOUR], 30.0 * HOUR)] == [
        True,
        False,
    ]


class Letters:
    """A dead-letter queue: `times` are those of the letters that wait, in seconds."""

    name = "alerts-poison"

    def __init__(self, shown: int = 32) -> None:
        self.times: list[float] = []
        self._shown = shown

    def depth(self) -> int:
        return len(self.times)

    def newest(self) -> float | None:
        return max(self.times[: self._shown], default=None)


def housekeeping(
    arrivals: Rows, cleared: Rows, until: float, queue: Letters
) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """The lines that housekeeping writes every five minutes, by the series that alarms see.

    The first are those of `dead-letters`, the second those of `dead-letters-waiting`.
    """
    now = [0.0]
    watch = DeadLetterWatch(MemoryRows(), lambda: now[0])
    newest: dict[str, Rows] = {}
    days: dict[str, Rows] = {}
    done = 0.0
    for at in range(0, int(until), 5 * MINUTE):
        now[0] = float(at)
        for when in sorted((*arrivals, *cleared)):
            if done < when <= at:
                queue.times = [] if when in cleared else [*queue.times, when]
        done = at
        waiting = watch.look(queue)
        if waiting.messages:
            newest.setdefault(str(waiting.newest), []).append(at)
            if (waited := at - waiting.newest) >= 24 * HOUR:
                days.setdefault(str(int(waited // (24 * HOUR))), []).append(at)
    return newest, days


@pytest.mark.parametrize("shown", [32, 0], ids=["short queue", "long queue: only the number shows"])
def test_each_letter_rings_though_others_still_wait_and_the_last_stays_until_it_is_gone(
    shown: int,
) -> None:
    arrivals, end = [10 * HOUR + 100.0, 12 * HOUR + 100.0, 12 * HOUR + 500.0], 15 * HOUR + 10.0
    newest, _ = housekeeping(arrivals, [end], 18 * HOUR, Letters(shown))
    found = changes_of("dead-letters", newest, 18 * HOUR)
    begun = [at for at, _, ringing in found if ringing]
    assert len(begun) == len(arrivals)
    assert all(0 < at - sent <= 15 * MINUTE for sent, at in zip(arrivals, begun, strict=True))
    assert not found[-1][2], "the end says that the queue is empty"
    assert end < found[-1][0] <= end + 30 * MINUTE


def test_a_letter_that_arrives_as_another_leaves_rings() -> None:
    first, second = 10 * HOUR + 100.0, 12 * HOUR + 100.0
    newest, _ = housekeeping([first, second], [second - 50], 14 * HOUR, Letters())
    begun = [at for at, _, ringing in changes_of("dead-letters", newest, 14 * HOUR) if ringing]
    assert len(begun) == 2


def test_a_letter_that_is_left_alone_is_a_reminder_a_day() -> None:
    arrival, end = 10 * HOUR + 100.0, 96 * HOUR + 10.0
    _, days = housekeeping([arrival], [end], 120 * HOUR, Letters())
    found = changes_of("dead-letters-waiting", days, 120 * HOUR)
    begun = [at for at, _, ringing in found if ringing]
    assert len(begun) == 3
    for day, at in enumerate(begun, start=1):
        assert 0 < at - arrival - day * 24 * HOUR <= HOUR + 5 * MINUTE
    assert not found[-1][2]


def test_a_second_destination_that_fails_rings_though_the_first_still_does() -> None:
    down = {
        "slack": put_back((10.0 * HOUR, 16.0 * HOUR)),
        "teams": put_back((12.0 * HOUR, 14.0 * HOUR)),
    }
    begun = {of: at for at, of, ringing in changes_of("late", down, 20 * HOUR) if ringing}
    assert begun["slack"] <= 10 * HOUR + 20 * MINUTE
    assert 12 * HOUR < begun["teams"] <= 12 * HOUR + 20 * MINUTE
