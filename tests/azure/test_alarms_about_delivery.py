"""The whole way of an alarm, simulated: log lines, alarms, action group, delivery, and again.

What the functions log is what the alarms look at, and what the alarms raise is what the functions
deliver. So an alarm about delivery could feed itself: how many alarms a trouble raises is counted
here. Azure Monitor is simulated by `tests.azure.monitor`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from functions.azure import triggers
from registrywatch.azure import names
from registrywatch.azure.dead_letters import DeadLetterWatch
from registrywatch.azure.stuck_queues import FirstMessage, StuckWatch
from registrywatch.delivery import Destination, encode_message, messages_for
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.destinations.slack import SLACK
from registrywatch.delivery.ledger import MemoryLedger
from registrywatch.delivery.message import Message, Unreadable
from registrywatch.errors import StoreError
from registrywatch.rows import MemoryRows, Row
from tests.azure.monitor import HOUR, MINUTE, Series
from tests.builders.alerts import an_alert
from tests.builders.azure_alarms import common_alert
from tests.delivery.world import START, TAKEN, MemoryQueue, World, all_kinds, of_kind

DOWN = Answer("try_again", "answered 503", 503)
STEP = 5 * MINUTE
_WATCHED = ("late", "failures", "dead-letters", "stuck")
_MOST_RECEIPTS, _HIDDEN_SECONDS = 5, 30  # host.json
Down = Callable[[float], bool]
"""Whether something is down, so many seconds after the start."""


class Poison:
    """The dead-letter queue, as housekeeping sees it."""

    name = names.ALERTS_POISON

    def __init__(self) -> None:
        self.times: list[float] = []

    def depth(self) -> int:
        return len(self.times)

    def newest(self) -> float | None:
        return max(self.times, default=None)


class Alerts:
    """The alert queue, as housekeeping sees it."""

    name = names.ALERTS

    def __init__(self, queue: MemoryQueue, clock: Callable[[], float]) -> None:
        self._queue = queue
        self._clock = clock

    def depth(self) -> int:
        return len(self._queue)

    def first_message(self) -> FirstMessage | None:
        due = self._queue.next_due
        if due is None or due > self._clock():
            return None
        return FirstMessage(str(self._queue._waiting[0][1]), 0)


class Ledger(MemoryLedger):
    """A table that is down at times."""

    def __init__(self, down: Callable[[], bool]) -> None:
        super().__init__()
        self._down = down

    def read(self, key: str) -> Any:
        if self._down():
            raise StoreError("table deliveries: no answer")
        return super().read(key)


class Rows(MemoryRows):
    """The same, for what housekeeping remembers."""

    def __init__(self, down: Callable[[], bool]) -> None:
        super().__init__()
        self._down = down

    def get(self, name: str) -> Row | None:
        if self._down():
            raise StoreError("table state: no answer")
        return super().get(name)


class Deployment:
    """The functions with their queue, Azure Monitor, and the action group between the two."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        *,
        slack: Down = lambda _: False,
        table: Down = lambda _: False,
        deliver: Down = lambda _: False,
        destinations: Sequence[Destination] = all_kinds(),
    ) -> None:
        def answer(request: Request, now: float) -> Answer:
            return DOWN if slack(now - START) else TAKEN

        self.world = World(*destinations, slack=answer)
        ledger = Ledger(lambda: table(self.world.now - START))
        self.world.courier = self.world.new_courier(ledger=ledger)
        self.poison = Poison()
        self._deliver_is_off = deliver
        self.receipts: Counter[str] = Counter()
        self.lines: dict[str, dict[str, list[float]]] = {
            name: defaultdict(list) for name in _WATCHED
        }
        self.series: dict[tuple[str, str], Series] = {}
        self.fired: list[tuple[float, str, str]] = []
        self.resolved: list[tuple[float, str, str]] = []
        rows = Rows(lambda: table(self.world.now - START))
        watch = DeadLetterWatch(rows, lambda: self.world.now)
        app = SimpleNamespace(
            courier=self.world.courier,
            clock=lambda: self.world.now,
            dead_letters=(self.poison,),
            dead_letter_watch=watch,
            triggers_queues=(Alerts(self.world.queue, lambda: self.world.now),),
            stuck_watch=StuckWatch(rows, lambda: self.world.now),
        )
        monkeypatch.setattr(triggers, "app", lambda: app)
        monkeypatch.setattr(triggers, "log", self._log)

    def run(self, seconds: float, alerts: Mapping[float, Any]) -> None:
        """`alerts` by the time when each is raised, in seconds from the start."""
        raised = dict(sorted(alerts.items()))
        for at in range(0, int(seconds), MINUTE):
            while raised and next(iter(raised)) <= at:
                alert = raised.pop(next(iter(raised)))
                for each in messages_for(alert, self.world.destinations, self.world.now):
                    self.world.queue.put(encode_message(each))
            self._pump(START + at)
            if at % STEP == 0:
                with suppress(StoreError):  # the host logs it; the timer starts again
                    triggers.housekeeping()
                self._evaluate(at)

    def _pump(self, until: float) -> None:
        """The Functions host: five receipts, then the poison queue."""
        off = self._deliver_is_off(until - START)
        while (due := self.world.queue.next_due) is not None and due <= until and not off:
            self.world.now = max(self.world.now, due)
            body = self.world.queue.take() or ""
            try:
                triggers.deliver(body)
            except StoreError:
                self._seen("failures", "deliver")
                self.receipts[body] += 1
                if self.receipts[body] < _MOST_RECEIPTS:
                    self.world.queue.put(body, _HIDDEN_SECONDS)
                else:
                    self.poison.times.append(self.world.now)
            while self.world.queue.dead:
                assert isinstance(self.world.queue.dead.pop(), Message | Unreadable)
                self.poison.times.append(self.world.now)
        self.world.now = until

    def _log(self, event: str, *, level: int = 0, **values: Any) -> None:
        """The queries of the alarms, in Python."""
        if event == "dead_letters":
            self._seen("dead-letters", f"{values['queue']} {values['newest']}")
        if event == "stuck":
            self._seen("stuck", values["queue"])
        late = event == "delivery" and values["result"] in ("rescheduled", "failed")
        if late and (values["age"] or 0) > 300:
            self._seen("late", values["destination"])

    def _seen(self, alarm: str, series: str) -> None:
        self.lines[alarm][series].append(self.world.now - START)

    def _evaluate(self, at: float) -> None:
        """What changed since the last evaluation goes to the hub, and to the function."""
        for name, of in self.lines.items():
            for which, rows in list(of.items()):
                series = self.series.setdefault((name, which), Series(name))
                if series.evaluate(at, rows):
                    changes = self.fired if series.ringing else self.resolved
                    changes.append((at, name, which))
                    self._to_the_hub(name, which, resolved=not series.ringing)

    def _to_the_hub(self, name: str, series: str, *, resolved: bool) -> None:
        number = [each[1:] for each in self.fired].count((name, series))
        document = common_alert(
            f"registrywatch-{name}",
            alert=f"{name} {series} {number}",
            resolved=resolved,
            dimensions={"series": series},
        )
        message = SimpleNamespace(get_body=lambda: json.dumps(document).encode())
        triggers.own_alarms([message])

    def alarms_at(self, destination: str) -> list[str]:
        """The bodies of alerts about alarms that a destination took."""
        bodies = [body.decode() for body in self.world.posts[destination]]
        return [body for body in bodies if "registrywatch-alarm" in body or "Alarm regis" in body]


@pytest.mark.parametrize("days", [1, 6])
def test_a_destination_that_stays_down_rings_twice_however_long_for_one_alert(
    monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Late within 15 minutes, a dead letter after six hours; then silence, not an endless loop."""
    deployment = Deployment(monkeypatch, slack=lambda _: True)
    deployment.run(days * 24 * HOUR, {0: an_alert()})
    assert [(name, series.split()[0]) for _, name, series in deployment.fired] == [
        ("late", "slack"),
        ("dead-letters", names.ALERTS_POISON),
    ]
    assert deployment.fired[0][0] <= 15 * MINUTE
    assert len(deployment.poison.times) == 1, "no alert about an alarm is a dead letter"
    for other in ("pagerduty", "teams", "webhook"):
        assert len(deployment.alarms_at(other)) >= 2
    assert deployment.alarms_at("slack") == []


def test_the_bound_is_two_alarms_for_each_alert_that_a_destination_does_not_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = Deployment(monkeypatch, slack=lambda _: True)
    alerts = {n * 2.0 * HOUR: an_alert(id=f"alert-{n}", repository=f"r{n}") for n in range(12)}
    deployment.run(5 * 24 * HOUR, alerts)
    assert 2 <= len(deployment.fired) <= 2 * len(alerts)
    last = max(alerts) + 6 * HOUR
    assert all(at <= last + HOUR for at, _, _ in deployment.fired)


def test_a_destination_that_recovers_clears_the_alarm_and_the_next_outage_rings_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outages = ((0.0, 2.0 * HOUR), (10.0 * HOUR, 12.0 * HOUR))
    deployment = Deployment(
        monkeypatch, slack=lambda at: any(start <= at < end for start, end in outages)
    )
    second = an_alert(id="second", repository="another")
    deployment.run(20 * HOUR, {0: an_alert(), 10 * HOUR + 1: second})
    assert [name for _, name, _ in deployment.fired] == ["late", "late"]
    for (start, _), (at, _, _) in zip(outages, deployment.fired, strict=True):
        assert start < at <= start + 15 * MINUTE
    assert [name for _, name, _ in deployment.resolved] == ["late", "late"]
    assert deployment.poison.times == []
    ends = [body for body in deployment.world.posts["pagerduty"] if b'"resolve"' in body]
    assert len(ends) == 4, "of each outage: the alarm's end, and that Slack answers again"


def test_a_dead_table_rings_and_is_reported_without_it_and_rings_for_each_letter_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every message fails five times; those about alarms do not, so the alarms come to an end."""
    deployment = Deployment(monkeypatch, table=lambda at: at < 24 * HOUR)
    deployment.run(30 * HOUR, {0: an_alert()})
    assert [name for _, name, _ in deployment.fired] == ["failures", "dead-letters"]
    assert all(at <= 15 * MINUTE for at, _, _ in deployment.fired)
    assert len(deployment.poison.times) == 4, "of the alert, one for each destination"
    for taken in deployment.world.posts.values():
        assert len(taken) == 3, "two alarms, and the end of one; the letters still wait"


def test_a_missing_secret_is_late_at_its_own_destination_and_told_to_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unresolved = "@Microsoft.KeyVault(VaultName=rw-1;SecretName=slack-webhook-url)"
    slack = of_kind(SLACK, unresolved)
    others = [each for each in all_kinds() if each.name != slack.name]
    deployment = Deployment(monkeypatch, destinations=(slack, *others))
    deployment.run(4 * HOUR, {0: an_alert()})
    assert [(name, series) for _, name, series in deployment.fired] == [("late", "slack")]
    assert deployment.fired[0][0] <= 15 * MINUTE
    assert len(deployment.alarms_at("teams")) == 1


def test_a_queue_that_nobody_takes_from_is_reported_to_the_destinations_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = Deployment(monkeypatch, deliver=lambda at: HOUR <= at < 4 * HOUR)
    deployment.run(8 * HOUR, {HOUR + 60.0: an_alert()})
    assert [(name, series) for _, name, series in deployment.fired] == [("stuck", names.ALERTS)]
    assert HOUR < deployment.fired[0][0] <= HOUR + 60 + 15 * MINUTE
    assert [name for _, name, _ in deployment.resolved] == ["stuck"]
    for taken in deployment.world.posts.values():
        assert len(taken) == 3, "the alarm at once, its end, and the alert once it is taken"
