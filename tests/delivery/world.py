"""A world to deliver in: a clock of our own, queues in memory, destinations that obey the test."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from registrywatch.alerts import Alert
from registrywatch.delivery import (
    Courier,
    Destination,
    Outcome,
    SecretRef,
    SecretStore,
    messages_for,
    read_message,
)
from registrywatch.delivery.destinations import Answer, Request
from registrywatch.delivery.destinations.kind import DestinationKind
from registrywatch.delivery.destinations.pagerduty import PAGERDUTY
from registrywatch.delivery.destinations.slack import SLACK
from registrywatch.delivery.destinations.teams import TEAMS
from registrywatch.delivery.destinations.webhook import WEBHOOK
from registrywatch.delivery.ledger import MemoryLedger
from registrywatch.delivery.message import Message, Unreadable, encode_message
from registrywatch.delivery.queue import MOST_DELAY_SECONDS
from registrywatch.severity import Severity

START = 1_785_575_412.0
TAKEN = Answer("delivered", "answered 200", 200)

MADE_UP = {
    "TOPIC_ARN": "arn:aws:sns:eu-west-1:111122223333:alerts",
    "BUS_ARN": "arn:aws:events:eu-west-1:111122223333:event-bus/security",
    "PRODUCT_ARN": "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default",
    "RULE_ID": "dcr-" + "0" * 32,
}

Behaviour = Callable[[Request, float], Answer]


class MemoryQueue:
    """A queue with delays and a dead-letter queue, on the world's clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, str]] = []
        self._lock = threading.Lock()
        self.dead: list[Message | Unreadable] = []

    def send(self, message: Message | Alert, delay_seconds: int = 0) -> None:
        assert 0 <= delay_seconds <= MOST_DELAY_SECONDS
        self.put(encode_message(message), delay_seconds)

    def dead_letter(self, message: Message | Unreadable) -> None:
        self.dead.append(message)

    def put(self, body: str, delay_seconds: float = 0) -> None:
        due = self._clock() + delay_seconds
        with self._lock:
            heapq.heappush(self._waiting, (due, next(self._numbers), body))

    def take(self) -> str | None:
        """The next message that is due."""
        if self._waiting and self._waiting[0][0] <= self._clock():
            return heapq.heappop(self._waiting)[2]
        return None

    @property
    def next_due(self) -> float | None:
        return self._waiting[0][0] if self._waiting else None

    def __len__(self) -> int:
        return len(self._waiting)


class World:
    """Destinations by name with what each answers; `posts` holds what each of them took."""

    def __init__(self, *destinations: Destination, **behaviours: Behaviour) -> None:
        self.now = START
        self.queue = MemoryQueue(lambda: self.now)
        self.ledger = MemoryLedger()
        self.posts: dict[str, list[bytes]] = {to.name: [] for to in destinations}
        self.tries: dict[str, int] = {to.name: 0 for to in destinations}
        self._behaviours = behaviours
        self.destinations = destinations
        self.courier = self.new_courier()

    def new_courier(self, **instead: Any) -> Courier:
        """Another process, that knows nothing of the first; with other parts, if they are given."""
        parts: dict[str, Any] = {
            "destinations": self.destinations,
            "ledger": self.ledger,
            "queue": self.queue,
            "secrets": SecretStore(),
            "clock": lambda: self.now,
            "send": self.post,
        }
        return Courier(**parts | instead)

    def post(self, request: Request, now: float) -> Answer:
        name = request.url.rpartition("/")[2]
        self.tries[name] += 1
        answer = self._behaviours[name](request, now) if name in self._behaviours else TAKEN
        if answer.verdict == "delivered":
            self.posts[name].append(request.body)
        return answer

    def send(self, *alerts: Alert) -> None:
        for alert in alerts:
            for message in messages_for(alert, self.destinations, self.now):
                self.queue.send(message)

    def run(self, until: float = float("inf")) -> list[Outcome]:
        """Deliver all that is due until then, moving the clock on to whatever is due next."""
        outcomes = []
        while True:
            while (body := self.queue.take()) is not None:
                outcomes.append(self.courier.handle(read_message(body)))
            due = self.queue.next_due
            if due is None or due > until:
                self.now = max(self.now, until) if until != float("inf") else self.now
                return outcomes
            self.now = due

    def received(self, name: str = "webhook") -> list[Alert]:
        """The alerts that a plain webhook received."""
        return [msgspec.json.decode(body, type=Alert) for body in self.posts[name]]


def webhook(
    fold_seconds: int = 900,
    least: Severity = Severity.LOW,
    url: str = "https://example.test/webhook",
) -> Destination:
    return Destination(
        kind=WEBHOOK,
        name="webhook",
        options={
            "URL": SecretRef(url),
            "SECRET": SecretRef("a-signing-key-of-ours"),
            "FORMAT": "alert",
        },
        fold_seconds=fold_seconds,
        min_severity=least,
    )


def of_kind(kind: DestinationKind, url: str, **changes: Any) -> Destination:
    """A destination whose every address is `url`, with made-up secrets; it takes every alert."""
    options: dict[str, SecretRef | str] = {}
    for option in kind.options:
        if option.suffix in MADE_UP:
            options[option.suffix] = MADE_UP[option.suffix]
        elif option.suffix.endswith(("URL", "ENDPOINT")):
            options[option.suffix] = SecretRef(url) if option.secret else url
        elif option.secret and option.suffix != "HEADERS":
            options[option.suffix] = SecretRef("k" * 32)
        elif option.default is not None:
            options[option.suffix] = option.default
    fields: dict[str, Any] = {"name": kind.name, "fold_seconds": 0, "min_severity": Severity.LOW}
    return Destination(kind=kind, options=options, **fields | changes)


def all_kinds(fold_seconds: int = 0) -> tuple[Destination, ...]:
    """Slack, PagerDuty, Teams and a webhook, each at an address that ends with its name."""
    return tuple(
        of_kind(kind, f"https://example.test/{kind.name}", fold_seconds=fold_seconds)
        for kind in (SLACK, PAGERDUTY, TEAMS, WEBHOOK)
    )


def summaries(alerts: Iterable[Alert]) -> list[str]:
    return [alert.summary for alert in alerts]
