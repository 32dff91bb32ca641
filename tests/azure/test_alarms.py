"""Each alarm of the templates on a simulated log or metric: it rings in time, clears, rings again.

How Azure Monitor is simulated is said in `tests.azure.monitor`.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from types import SimpleNamespace

import pytest

from registrywatch.azure.dead_letters import DeadLetterWatch, Waiting
from registrywatch.azure.stuck_queues import FirstMessage, StuckWatch
from registrywatch.errors import StoreError
from registrywatch.rows import MemoryRows, Row
from tests.azure.monitor import HOUR, MINUTE, Rows, Series, alarms, changes_of, rings

Times = tuple[float, float]
"""When a trouble begins and ends, in seconds."""


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
    "stuck": every(5 * MINUTE),  # housekeeping's line
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
    assert TROUBLES.keys() == alarms().keys()
    below = {name for name, alarm in alarms().items() if alarm["operator"] == "LessThan"}
    assert set(SILENCES) == below


@pytest.mark.parametrize("name", sorted(TROUBLES))
def test_every_alarm_rings_in_time_clears_and_rings_for_the_next_trouble(name: str) -> None:
    first, second, end = (10.0 * HOUR, 12.0 * HOUR), (30.0 * HOUR, 32.0 * HOUR), 50.0 * HOUR
    troubles: Sequence[Times] = (first, second)
    if name in SILENCES:
        troubles = ((0, first[0]), (first[1], second[0]), (second[1], end))
    rows = [at for when in troubles for at in TROUBLES[name](when)]
    found = rings(name, rows, end)
    series = Series(name)
    limit = LIMITS.get(name, 15 * MINUTE) + series.frequency
    assert [ringing for _, ringing in found] == [True, False, True, False]
    for (start, stop), (began, _), (ended, _) in zip(
        (first, second), found[::2], found[1::2], strict=True
    ):
        assert start <= began <= start + limit
        assert ended <= stop + series.window + 3 * series.frequency


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


def test_a_letter_rings_though_the_table_fails_that_looks_are_remembered_in() -> None:
    class Failing(MemoryRows):
        fails = True

        def get(self, name: str) -> Row | None:
            if self.fails:
                raise StoreError("table state: no answer")
            return super().get(name)

    rows, queue = Failing(), Letters()
    queue.times = [100.0]
    watch = DeadLetterWatch(rows, lambda: 500.0)
    during = watch.look(queue)
    rows.fails = False
    assert during == watch.look(queue) == Waiting(1, 100.0), "and it is the same series afterwards"


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


class Untaken:
    """A queue; `taken` says whether functions take from it, so that its first message changes."""

    name = "alerts"

    def __init__(self) -> None:
        self.looks = 0
        self.taken = True

    def first_message(self) -> FirstMessage | None:
        self.looks += self.taken
        return FirstMessage(f"message {self.looks}", 0)


def test_a_queue_that_no_function_takes_from_rings_within_a_quarter_of_an_hour() -> None:
    now, queue, lines = [0.0], Untaken(), list[float]()
    watch = StuckWatch(MemoryRows(), lambda: now[0])
    begun, ended = 10 * HOUR + 10, 12 * HOUR + 10
    for at in range(0, 16 * HOUR, 5 * MINUTE):
        now[0], queue.taken = float(at), not begun <= at < ended
        if watch.is_stuck(queue):
            lines.append(float(at))
    [(start, _), (end, _)] = rings("stuck", lines, 16 * HOUR)
    assert begun < start <= begun + 15 * MINUTE
    assert ended < end <= ended + 30 * MINUTE


def test_a_message_that_fails_again_and_again_is_not_stuck() -> None:
    now, receipts = [0.0], [0]
    queue = SimpleNamespace(
        name="alerts", first_message=lambda: FirstMessage("the same", receipts[0])
    )
    watch = StuckWatch(MemoryRows(), lambda: now[0])
    for look in range(5):
        now[0], receipts[0] = look * 300.0, look
        assert not watch.is_stuck(queue)


def test_two_looks_in_a_row_say_nothing_about_a_message() -> None:
    watch = StuckWatch(MemoryRows(), lambda: 0.0)
    queue = SimpleNamespace(name="alerts", first_message=lambda: FirstMessage("just sent", 0))
    assert [watch.is_stuck(queue) for _ in range(3)] == [False] * 3
