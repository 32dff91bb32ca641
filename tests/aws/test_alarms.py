"""Each alarm of the template on a simulated metric: it rings in time, clears, and rings again.

CloudWatch as its user guide describes it: a datapoint a period, `DatapointsToAlarm` of the last
`EvaluationPeriods`, missing data as the alarm says. Nothing here was run on CloudWatch.
"""

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import pytest

from functions.aws import wiring
from registrywatch.alerts import Alert
from registrywatch.aws.alarms import alert_of, is_alarm
from registrywatch.delivery.message import decode_message, encode_message
from tests.aws.templates import FORWARDER, Json, resources

ALARMS = resources("AWS::CloudWatch::Alarm")
MINUTE, HOUR = 60, 3600

Samples = Sequence[tuple[float, float]]
"""Values of a metric, each with its time in seconds."""


def datapoints(alarm: Json, samples: Samples, until: float, late: float = 0) -> list[float | None]:
    """The alarm's own series at a time: a value a period, None where there is none.

    CloudWatch has what is measured `late` seconds after it.
    """
    stat = alarm["Metrics"][1]["MetricStat"] if "Metrics" in alarm else alarm
    period, name = stat["Period"], stat.get("Stat") or stat["Statistic"]
    combine: Callable[[list[float]], float] = math.fsum if name == "Sum" else max
    periods: dict[int, list[float]] = {}
    for at, value in samples:
        if at + late < until:
            periods.setdefault(int(at // period), []).append(value)
    found = [
        combine(periods[n]) if n in periods else None for n in range(math.ceil(until / period))
    ]
    if "Metrics" not in alarm:
        return found
    assert alarm["Metrics"][0]["Expression"] == "DIFF(FILL(waiting, 0))"
    filled = [each or 0.0 for each in found]
    return [None, *(after - before for before, after in pairwise(filled))]


def rings(name: str, samples: Samples, until: float, late: float = 0) -> list[tuple[float, bool]]:
    """When the alarm's state changes, in seconds, and whether it rings from then on."""
    alarm = ALARMS[name]
    period = (alarm["Metrics"][1]["MetricStat"] if "Metrics" in alarm else alarm)["Period"]
    window = alarm["EvaluationPeriods"]
    wanted = alarm.get("DatapointsToAlarm", window)
    compared = {"GreaterThanThreshold": operator.gt, "LessThanThreshold": operator.lt}
    breaches = compared[alarm["ComparisonOperator"]]
    missing = {"notBreaching": False, "breaching": True}[alarm["TreatMissingData"]]
    points = datapoints(alarm, samples, until)
    changes: list[tuple[float, bool]] = []
    ringing = False
    for last in range(len(points)):
        if late:
            points = datapoints(alarm, samples, (last + 1) * period, late)
        seen = points[max(0, last - window + 1) : last + 1]
        breaching = sum(
            missing if each is None else breaches(each, alarm["Threshold"]) for each in seen
        )
        if (breaching >= wanted) != ringing:
            ringing = not ringing
            changes.append(((last + 1) * period, ringing))
    return changes


def failures(start: float, until: float, longest: int) -> list[float]:
    """When one message that always fails is delivered: after 5 s, doubled to `longest`."""
    waits = (min(5 * 2**n, longest) for n in range(1000))
    return [at for at in accumulate(waits, initial=start) if at < until]


@pytest.mark.parametrize(
    ("alarm", "function"),
    [
        ("ChangesFailedAlarm", "changes"),
        ("TrafficFailedAlarm", "traffic"),
        ("DeliveryFailedAlarm", "deliver"),
    ],
)
def test_a_stuck_group_rings_within_minutes_clears_and_rings_again(
    alarm: str, function: str
) -> None:
    longest = wiring.LONGEST_WAIT[function]
    stuck = [
        *failures(0, 20 * MINUTE, longest),
        *failures(2 * HOUR, 2 * HOUR + 20 * MINUTE, longest),
    ]
    [first, clear, second, *_] = rings(alarm, [(at, 1.0) for at in stuck], 3 * HOUR)
    assert first[1]
    assert first[0] <= 5 * MINUTE
    assert not clear[1]
    assert clear[0] <= 30 * MINUTE
    assert 2 * HOUR < second[0] <= 2 * HOUR + 5 * MINUTE


@pytest.mark.parametrize("alarm", ["ChangesFailedAlarm", "TrafficFailedAlarm"])
def test_a_table_that_refuses_every_call_rings_within_minutes(alarm: str) -> None:
    batches = [(at, 1000.0) for at in range(0, HOUR, 5)]
    [(at, ringing)] = rings(alarm, batches, HOUR)
    assert ringing
    assert at <= 5 * MINUTE


def test_one_hiccup_does_not_ring() -> None:
    assert rings("TrafficFailedAlarm", [(30.0, 200.0)], HOUR) == []


def rescheduled(start: float, until: float) -> Iterable[tuple[float, float]]:
    """When a message is put back that no destination takes, with its age: 2 s doubled to 900."""
    waits = (min(2.0 * 2**n, 900.0) for n in range(1000))
    return ((at, at - start) for at in accumulate(waits, initial=start) if at < until)


def test_a_destination_that_does_not_answer_rings_in_time_stays_clears_and_rings_again() -> None:
    """A secret that can't be read is the same to the queue: the message is put back."""
    down = [*rescheduled(0, 3 * HOUR), *rescheduled(5 * HOUR, 6 * HOUR)]
    [first, clear, second, *_] = rings("UndeliveredAlarm", down, 8 * HOUR)
    assert first[0] <= 15 * MINUTE
    assert 3 * HOUR <= clear[0] <= 3 * HOUR + 25 * MINUTE
    assert 5 * HOUR < second[0] <= 5 * HOUR + 15 * MINUTE


@pytest.mark.parametrize("queue", ["Changes", "Traffic", "Alert"])
def test_every_dead_letter_rings_though_others_still_wait(queue: str) -> None:
    level = [(at, 1.0 if at < HOUR else 3.0) for at in range(5 * MINUTE, 2 * HOUR, MINUTE)]
    arrivals = rings(f"{queue}DeadLettersAlarm", level, 3 * HOUR)
    assert [at for at, ringing in arrivals if ringing] == [6 * MINUTE, HOUR + MINUTE]
    waiting = rings(f"{queue}DeadLettersWaitingAlarm", level, 3 * HOUR)
    assert [ringing for _, ringing in waiting] == [True, False]
    assert waiting[-1][0] == 2 * HOUR + MINUTE


@pytest.mark.parametrize("late", [30, 60, 90, 150])
def test_a_dead_letter_rings_though_cloudwatch_hears_of_it_later(late: float) -> None:
    """FILL takes what is late for nothing: the newest datapoints are then always 0, the increase
    is never the newest (CloudWatch user guide, metric math, FILL)."""
    level = [(at, 1.0 if at < HOUR else 3.0) for at in range(5 * MINUTE, 2 * HOUR, MINUTE)]
    begun = [at for at, ringing in rings("AlertDeadLettersAlarm", level, 3 * HOUR, late) if ringing]
    assert len(begun) == 2
    for arrived, rang in zip((5 * MINUTE, HOUR), begun, strict=True):
        assert arrived < rang <= arrived + 5 * MINUTE


def test_the_alarms_on_dead_letters_are_of_one_kind_everywhere() -> None:
    theirs = resources("AWS::CloudWatch::Alarm", FORWARDER)["DeadLettersAlarm"]
    for name in ("EvaluationPeriods", "DatapointsToAlarm", "Threshold", "TreatMissingData"):
        assert {ALARMS[each][name] for each in ALARMS if each.endswith("DeadLettersAlarm")} == {
            theirs[name]
        }


def test_throttles_ring_though_lambda_waits_longer_and_longer_between_its_attempts() -> None:
    """An event that is not taken is tried again after 1 s, doubled to five minutes."""
    waits = (min(2.0**n, 310.0) for n in range(1000))
    throttled = [(at, 1.0) for at in accumulate(waits, initial=0.0) if at < 2 * HOUR]
    [(at, ringing), *rest] = rings("ChangesThrottlesAlarm", throttled, 2 * HOUR)
    assert ringing
    assert at <= 15 * MINUTE
    assert not rest, "and goes on ringing"


@pytest.mark.parametrize("queue", ["Traffic", "Alert", "ChangesRetry"])
def test_a_queue_that_no_function_takes_from_rings_within_a_quarter_of_an_hour(queue: str) -> None:
    ages = [(at, float(at)) for at in range(0, HOUR, MINUTE)]
    [(at, _), (_, back)] = rings(f"{queue}AgeAlarm", ages, 2 * HOUR)
    assert at <= 15 * MINUTE
    assert not back


def test_the_age_alarm_needs_no_message_that_was_received_three_times() -> None:
    """SQS leaves those out of the age; they ring by Failed. The age is for what nobody takes."""
    for name in ("TrafficAgeAlarm", "AlertAgeAlarm", "ChangesRetryAgeAlarm"):
        assert ALARMS[name]["Threshold"] > 5 + 10 + 20


Times = tuple[float, float]
"""When a trouble begins and ends, in seconds."""


def every(seconds: float, value: float = 1.0) -> Callable[[Times], Samples]:
    """A metric that has this value so often while there is trouble."""
    return lambda when: [
        (when[0] + n * seconds, value) for n in range(math.ceil((when[1] - when[0]) / seconds))
    ]


def growing(when: Times) -> Samples:
    """An age, from nothing to the length of the trouble."""
    return [(when[0] + age, age) for age in range(0, int(when[1] - when[0]), MINUTE)]


def failing(function: str) -> Callable[[Times], Samples]:
    """A message that always fails, as the function puts it back."""
    return lambda when: [(at, 1.0) for at in failures(*when, wiring.LONGEST_WAIT[function])]


def by_kind(suffix: str, *of: str, trouble: Callable[[Times], Samples]) -> dict[str, Any]:
    return {f"{each}{suffix}": trouble for each in of}


TROUBLES: dict[str, Callable[[Times], Samples]] = {
    **by_kind("DeadLettersAlarm", "Changes", "Traffic", "Alert", trouble=every(MINUTE)),
    **by_kind("DeadLettersWaitingAlarm", "Changes", "Traffic", "Alert", trouble=every(MINUTE)),
    # Lambda's three attempts within three minutes, then the retry queue's
    **by_kind("ErrorsAlarm", "Changes", "Traffic", "Delivery", trouble=every(2 * MINUTE)),
    "CheckErrorsAlarm": every(15 * MINUTE),  # it is started every quarter of an hour
    **by_kind("ThrottlesAlarm", "Changes", "Traffic", "Delivery", trouble=every(2 * MINUTE)),
    "CheckThrottlesAlarm": every(15 * MINUTE),
    "ChangesFailedAlarm": failing("changes"),
    "TrafficFailedAlarm": failing("traffic"),
    "DeliveryFailedAlarm": failing("deliver"),
    "DeliveryRecursionAlarm": every(10 * MINUTE),
    "UndeliveredAlarm": lambda when: [*rescheduled(*when)],
    "ChangesLostAlarm": every(2 * MINUTE),
    "DeliveryLostAlarm": every(2 * MINUTE),
    **by_kind(
        "UndeliveredAlarm",
        *("Changes", "Monitoring", "Traffic", "OwnAlarms"),
        trouble=every(10 * MINUTE),
    ),
    **by_kind("AgeAlarm", "Traffic", "Alert", "ChangesRetry", trouble=growing),
    **by_kind("ThrottlesAlarm", "TableRead", "TableWrite", trouble=every(20)),
}
"""What each alarm's metric shows in the trouble that the alarm is for."""

WITHIN_THE_HOUR = {"CheckErrorsAlarm", "CheckThrottlesAlarm", "CheckMissingAlarm"}
"""These watch what happens four times an hour."""


@pytest.mark.parametrize("alarm", sorted(ALARMS))
def test_every_alarm_rings_in_time_clears_and_rings_for_the_next_trouble(alarm: str) -> None:
    first, second = (2 * HOUR, 4 * HOUR), (8 * HOUR, 10 * HOUR)
    if alarm == "CheckMissingAlarm":  # the only one on something that must go on
        calm = ((0.0, first[0]), (first[1], second[0]), (second[1], 14.0 * HOUR))
        samples = [each for times in calm for each in every(15 * MINUTE)(times)]
    else:
        samples = [*TROUBLES[alarm](first), *TROUBLES[alarm](second)]
    limit = HOUR if alarm in WITHIN_THE_HOUR else 15 * MINUTE
    found = rings(alarm, samples, 14 * HOUR)
    begun = [at for at, ringing in found if ringing]
    assert not found[-1][1], "and it clears after the last one"
    for start, end in (first, second):
        assert any(start <= at <= start + limit + MINUTE for at in begun)
        assert any(start < at <= end + limit + HOUR for at, ringing in found if not ringing)
    assert not any(at <= first[0] or first[1] + HOUR < at <= second[0] for at in begun)


OCCURRED: Json = {
    "version": "0",
    "id": "00000000-0000-4000-8000-00000000a1a2",
    "detail-type": "CloudWatch Alarm State Change",
    "source": "aws.cloudwatch",
    "account": "111122223333",
    "time": "2026-08-01T09:10:12Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:rw-UndeliveredAlarm-1A"],
    "detail": {
        "alarmName": "rw-UndeliveredAlarm-1A",
        "state": {
            "value": "ALARM",
            "reason": "Threshold Crossed: 1 datapoint [512.0] was greater than 300.0.",
            "timestamp": "2026-08-01T09:10:11.000+0000",
        },
        "configuration": {"description": "registrywatch, an alert has not reached its destination"},
    },
}


def changed(alarm: str, to: str, before: str = "OK") -> Json:
    """The event of an alarm that changes its state."""
    name = f"rw-{alarm}-1A"
    detail = {
        **OCCURRED["detail"],
        "alarmName": name,
        "state": {"value": to, "reason": "…", "timestamp": "2026-08-01T10:00:00.000+0000"},
        "previousState": {"value": before, "timestamp": "2026-08-01T09:10:11.000+0000"},
    }
    return {**OCCURRED, "id": f"{alarm} {to}", "detail": detail}


def alert_about(event: Json) -> Alert:
    alert = alert_of(event)
    assert alert is not None
    return alert


def test_an_alarm_is_an_alert_to_the_destinations() -> None:
    assert is_alarm(OCCURRED)
    alert = alert_about(OCCURRED)
    assert decode_message(encode_message(alert)) == alert
    assert alert == alert_of(OCCURRED), "a repeated delivery is the same alert"
    assert alert.severity.value == "high"
    assert "rw-UndeliveredAlarm-1A" in alert.summary
    assert "Threshold Crossed" in alert.reasons[0]
    assert alert.resource == OCCURRED["resources"][0]


def test_its_end_resolves_the_incident_that_its_beginning_opened() -> None:
    begun, ended = alert_about(OCCURRED), alert_about(changed("UndeliveredAlarm", "OK", "ALARM"))
    assert begun.incident is not None
    assert ended.incident is not None
    assert (begun.incident.state, ended.incident.state) == ("open", "resolved")
    assert begun.incident.id == ended.incident.id == begun.id != ended.id


def test_each_ring_is_an_incident_of_its_own() -> None:
    """Else PagerDuty would add the second ring of a day to the first, and page no one."""
    rings = [alert_about(OCCURRED), alert_about(changed("UndeliveredAlarm", "ALARM"))]
    assert len({each.incident.id for each in rings if each.incident}) == 2


@pytest.mark.parametrize(
    ("alarm", "to", "before"),
    [
        ("UndeliveredAlarm", "OK", "INSUFFICIENT_DATA"),
        ("ChangesDeadLettersAlarm", "OK", "ALARM"),
        ("ChangesDeadLettersWaitingAlarm", "ALARM", "OK"),
    ],
)
def test_what_is_no_news_is_no_alert(alarm: str, to: str, before: str) -> None:
    assert alert_of(changed(alarm, to, before)) is None


def test_the_end_of_waiting_letters_says_that_the_queue_is_empty() -> None:
    assert alert_about(changed("ChangesDeadLettersWaitingAlarm", "OK", "ALARM")).resolved


def test_an_alarm_without_details_is_an_alert_all_the_same() -> None:
    assert alert_about({"detail-type": "CloudWatch Alarm State Change"}).title
