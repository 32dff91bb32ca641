"""Delivery under load: 10,000 alerts to eight destinations, three of which fail.

Real POSTs to a server on the loopback; batches of ten, as from SQS; two couriers that share no
memory. One message in a hundred is delivered twice, one alert in a hundred is critical. The clock
is simulated: waiting takes no real time, nor does a destination that hangs. Folding is off.
"""

import itertools
import math
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from azure.data.tables import TableClient

from registrywatch.aws.table import Table as DynamoTable
from registrywatch.aws.table import TableRows as DynamoRows
from registrywatch.azure.table import Table, TableRows
from registrywatch.delivery import (
    Courier,
    Destination,
    SecretStore,
    encode_message,
    messages_for,
)
from registrywatch.delivery.destinations import Answer, Request, every_kind
from registrywatch.delivery.ledger import Ledger, MemoryLedger, RowLedger
from registrywatch.delivery.message import Message, read_message
from registrywatch.delivery.post import post
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.builders.dynamodb import local_client, new_table
from tests.delivery.world import START, MemoryQueue, of_kind
from tests.integration.azurite import azurite
from tests.integration.dynamodb import dynamodb_local

ALERTS = 10_000
BATCH = 10
# By name: how each behaves. Slack and those alike take one alert a second, and are sent no more
BEHAVIOURS = {
    "slack": "well",
    "slack/payments": "well",
    "pagerduty": "well",
    "teams": "503, always",
    "google-chat": "hangs",
    "discord": "well",
    "webhook": "429 with `Retry-After: 1`, every second time",
    "webhook/siem": "well",
}
GIVEN_UP = ("teams", "google-chat")


class Receiver:
    """Receives POSTs; a path names the destination, which behaves as BEHAVIOURS says."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.arrived: list[float] = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                receiver.answer(self)

            def log_message(self, *_: object) -> None:
                """Log nothing: there are tens of thousands of requests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.strip("/")
        with self._lock:
            self.tries[name] += 1
            status, after = 200, None
            if name in GIVEN_UP:
                status = 503
            elif name == "webhook" and self.tries[name] % 2:
                status, after = 429, "1"
            if status == 200:
                self.taken[name] += 1
                self.arrived.append(time.perf_counter())
        request.send_response(status)
        if after:
            request.send_header("Retry-After", after)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def destinations(self) -> tuple[Destination, ...]:
        address = f"http://127.0.0.1:{self._server.server_port}"
        kinds = {kind.name: kind for kind in every_kind()}
        return tuple(
            of_kind(kinds[name.partition("/")[0]], f"{address}/{name}", name=name)
            for name in BEHAVIOURS
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


def hanging(request: Request, now: float) -> Answer:
    """The result of a POST; at once a timeout if the destination would not answer."""
    if request.url.endswith("/google-chat"):
        return Answer("try_again", "no answer in time")
    return post(request, now)


def load(receiver: Receiver, alerts: int) -> None:
    """Deliver all alerts, however long it takes."""
    now = START
    queue = MemoryQueue(lambda: now)
    destinations = receiver.destinations()
    ledger = MemoryLedger()
    couriers = [
        Courier(destinations, ledger, queue, SecretStore(), lambda: now, hanging) for _ in range(2)
    ]
    for number in range(alerts):
        critical = number % 100 == 50
        alert = an_alert(
            number,
            severity=Severity.CRITICAL if critical else Severity.LOW,
            registry=f"registry-{number}",
        )
        for message in messages_for(alert, destinations, now):
            queue.send(message)
            if number % 100 == 0:
                queue.send(message)
    results: Counter[str] = Counter()
    waited: dict[str, list[float]] = {}
    began = time.perf_counter()
    turns = itertools.cycle(couriers)
    critical_ids = {an_alert(number).id for number in range(50, alerts, 100)}
    while len(queue):
        batch = [body for body in (queue.take() for _ in range(BATCH)) if body is not None]
        if not batch:
            now = queue.next_due or now
            continue
        outcomes = next(turns).deliver_batch(
            {str(n): read_message(body) for n, body in enumerate(batch)}
        )
        for each in outcomes.values():
            results[f"{each.destination} {each.result}"] += 1
            if each.result == "delivered" and each.alert in critical_ids:
                waited.setdefault(each.destination or "", []).append(each.age or 0.0)
    seconds = time.perf_counter() - began
    # A message that was on the queue twice may become two dead letters
    letters = {
        (each.destination, each.alert.id)
        for each in queue.dead
        if isinstance(each, Message) and each.kind == "alert"
    }
    dead = Counter(destination for destination, _ in letters)
    hours = (now - START) / 3600
    print(f"{alerts:,} alerts in {seconds:.0f} s, for {hours:.1f} hours of waiting")
    for name in BEHAVIOURS:
        taken = receiver.taken[name]
        worst = "never"
        if name in waited:
            median, most = statistics.median(waited[name]), max(waited[name])
            worst = f"{median:.0f} s, at most {most:.0f} s"
        print(
            f"  {name:<15} received {taken:>6,}  dead letters {dead[name]:>6,}  "
            f"POSTs {receiver.tries[name]:>7,}  rescheduled {results[f'{name} rescheduled']:>8,}  "
            f"a critical after {worst}"
        )
    assert dead == dict.fromkeys(GIVEN_UP, alerts)
    for destination in destinations:
        # Each class of severity has turns at 80 % of the rate that a destination takes
        rate = destination.kind.rate or math.inf
        if destination.name not in GIVEN_UP:
            assert len(waited[destination.name]) >= len(critical_ids), "every critical"
            assert max(waited[destination.name]) <= 60 + len(critical_ids) / (0.8 * rate)
    notices = len(GIVEN_UP)  # each of the others is informed of both
    for name in BEHAVIOURS:
        expected = 0 if name in GIVEN_UP else alerts + notices
        assert receiver.taken[name] == expected, (name, receiver.taken[name], expected)


def latency(name: str, ledger: Ledger, receiver: Receiver, number: int = 200) -> None:
    """The time from a message to its POST; folding is on, and no alert is folded.

    The destination has no rate limit: with one, alerts would wait for their turns.
    """
    queue = MemoryQueue(time.time)
    [webhook] = [to for to in receiver.destinations() if to.name == "webhook/siem"]
    folding = msgspec.structs.replace(webhook, fold_seconds=900)
    courier = Courier((folding,), ledger, queue, SecretStore())
    took = []
    for each in range(number):
        alert = an_alert(each, repository=f"{name}-{each}", registry=f"{name}-{each}")
        [message] = messages_for(alert, courier.destinations, time.time())
        body = encode_message(message)
        began = time.perf_counter()
        assert courier.handle(read_message(body)).result == "delivered"
        took.append(receiver.arrived[-1] - began)
    median, slow = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    print(f"  {name:<16} median {1000 * median:.1f} ms, 95 % under {1000 * slow:.1f} ms")


def _dynamodb(endpoint: str) -> Ledger:
    client = local_client(endpoint)
    return RowLedger(DynamoRows(DynamoTable(new_table(client), client), "delivery"))


def _tables(connection: str) -> Ledger:
    client = TableClient.from_connection_string(connection, "bench")
    client.create_table()
    return RowLedger(TableRows(Table(client), "delivery"))


def main() -> None:
    with receiving() as receiver:
        load(receiver, ALERTS)
    print("from the message to the POST, one warm worker, ledger included:")
    with receiving() as receiver, TemporaryDirectory() as logs:
        latency("in memory", MemoryLedger(), receiver)
        with dynamodb_local(Path(logs)) as endpoint:
            latency("DynamoDB Local", _dynamodb(endpoint), receiver)
        with azurite(Path(logs)) as connection:
            latency("Azurite", _tables(connection), receiver)
