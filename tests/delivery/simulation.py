"""Ten workers before destinations that take one request a second, on a clock of our own.

A discrete-event simulation with the real couriers: workers take batches of ten in no particular
order, as SQS hands them over, a POST lasts a quarter of a second and a message put back a fiftieth.
Each destination is a token bucket, as Slack's limit is: one a second, four at once. It may be down
for a while, and the queue may deliver a message twice.
"""

import heapq
from collections.abc import Sequence
from random import Random

import msgspec

from registrywatch.alerts import Alert
from registrywatch.delivery import Courier, SecretStore, encode_message, messages_for
from registrywatch.delivery.courier import urgency
from registrywatch.delivery.destinations import Answer, Destination, Request
from registrywatch.delivery.ledger import MemoryLedger
from registrywatch.delivery.message import Message, Unreadable, read_message
from tests.delivery.world import START, TAKEN

WORKERS, BATCH = 10, 10
POST_SECONDS, PUT_BACK_SECONDS, POLL_SECONDS = 0.25, 0.02, 0.2


class Bucket:
    """A receiver that takes one request a second, `burst` at once, and none while it is down."""

    def __init__(
        self,
        retry_after: float,
        rate: float = 1.0,
        burst: float = 4.0,
        down: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self._retry_after, self._rate, self._burst = retry_after, rate, burst
        self._down = down
        self._tokens, self._at = burst, START
        self.arrived: dict[str, float] = {}
        self.posts = 0
        self.refused = 0
        self.failed = 0

    def post(self, request: Request, now: float) -> Answer:
        if self._down[0] <= now - START < self._down[1]:
            self.failed += 1
            return Answer("try_again", "answered 503", 503)
        self._tokens = min(self._tokens + (now - self._at) * self._rate, self._burst)
        self._at = max(self._at, now)
        if self._tokens < 1:
            self.refused += 1
            return Answer("try_again", "answered 429", 429, self._retry_after)
        self._tokens -= 1
        self.posts += 1
        alert = msgspec.json.decode(request.headers["X-Test-Alert"])
        assert alert not in self.arrived, "posted twice"
        self.arrived[alert] = now
        return TAKEN


class Simulation:
    """`now` is the time of the event at hand; of each hundred messages `repeated` come twice."""

    def __init__(
        self, receivers: Sequence[tuple[Destination, Bucket]], random: Random, repeated: int = 0
    ) -> None:
        self.now = START
        self.dead: list[Message | Unreadable] = []
        self._to = tuple(to for to, _ in receivers)
        self._buckets = {to.name: bucket for to, bucket in receivers}
        self._random = random
        self._repeated = repeated
        self._queue: list[tuple[float, float, str]] = []
        ledger = MemoryLedger()
        self._couriers = [
            Courier(self._to, ledger, self, SecretStore(), lambda: self.now, self._post)
            for _ in range(WORKERS)
        ]
        self._current = self._name = ""
        self._posted = False

    def _post(self, request: Request, now: float) -> Answer:
        self._posted = True
        named = msgspec.structs.replace(
            request, headers={"X-Test-Alert": msgspec.json.encode(self._current).decode()}
        )
        return self._buckets[self._name].post(named, now)

    def send(self, message: Message | Alert, delay_seconds: int = 0) -> None:
        self.put(encode_message(message), self.now + delay_seconds)

    def dead_letter(self, message: Message | Unreadable) -> None:
        self.dead.append(message)

    def put(self, body: str, due: float) -> None:
        """On the queue at that time; what is due at once comes in any order."""
        heapq.heappush(self._queue, (due, self._random.random(), body))

    def raise_alert(self, alert: Alert, at: float) -> None:
        for message in messages_for(alert, self._to, at):
            for again in range(1 + (self._random.randrange(100) < self._repeated)):
                self.put(encode_message(message), at + again * self._random.choice([0, 5, 70]))

    def run(self) -> None:
        """Until nothing is left to deliver."""
        free = [(START, number) for number in range(WORKERS)]
        heapq.heapify(free)
        held: dict[int, list[Message]] = {number: [] for number in range(WORKERS)}
        while self._queue or any(held.values()):
            self.now, number = heapq.heappop(free)
            if not held[number]:
                held[number] = self._take()
            if not held[number]:
                heapq.heappush(free, (self.now + POLL_SECONDS, number))
                continue
            message = held[number].pop(0)
            self._current, self._posted = message.alert.id, False
            self._name = message.destination
            self._couriers[number].handle(message)
            took = POST_SECONDS if self._posted else PUT_BACK_SECONDS
            heapq.heappush(free, (self.now + took, number))

    def _take(self) -> list[Message]:
        """Up to ten messages that are due, by chance, the most urgent first."""
        due: list[tuple[float, float, str]] = []
        while self._queue and self._queue[0][0] <= self.now and len(due) < 200:
            due.append(heapq.heappop(self._queue))
        self._random.shuffle(due)
        for rest in due[BATCH:]:
            heapq.heappush(self._queue, rest)
        read_now = [read_message(body) for _, _, body in due[:BATCH]]
        messages = [message for message in read_now if isinstance(message, Message)]
        return sorted(messages, key=urgency)
