"""Delivery under load: 10,000 alerts to four destinations, two of them in trouble.

Real POSTs to a server on the loopback, batches of ten as SQS hands them over, two workers that know
nothing of each other, one message in a hundred delivered twice. The clock is the bench's own: the
hours that a message waits pass at once. Folding is off.
"""

import itertools
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
    deliver_batch,
    encode_message,
    messages_for,
)
from registrywatch.delivery.destinations.pagerduty import PAGERDUTY
from registrywatch.delivery.destinations.slack import SLACK
from registrywatch.delivery.destinations.teams import TEAMS
from registrywatch.delivery.destinations.webhook import WEBHOOK
from registrywatch.delivery.ledger import Ledger, MemoryLedger, RowLedger
from registrywatch.delivery.message import Message
from tests.builders.alerts import an_alert
from tests.builders.dynamodb import local_client, new_table
from tests.delivery.world import START, MemoryQueue, of_kind
from tests.integration.azurite import azurite
from tests.integration.dynamodb import dynamodb_local

ALERTS = 10_000
BATCH = 10
KINDS = (SLACK, PAGERDUTY, TEAMS, WEBHOOK)


class Receiver:
    """Takes POSTs: /teams always fails, /webhook asks for patience every second time."""

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
                """Nothing: there are tens of thousands."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.strip("/")
        with self._lock:
            self.tries[name] += 1
            status, after = 200, None
            if name == "teams":
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
        return tuple(of_kind(kind, f"{address}/{kind.name}") for kind in KINDS)

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


def load(receiver: Receiver, alerts: int) -> None:
    """All of them through, however long it takes."""
    now = START
    queue = MemoryQueue(lambda: now)
    destinations = receiver.destinations()
    ledger = MemoryLedger()
    workers = [
        Courier(
            destinations=destinations,
            ledger=ledger,
            queue=queue,
            secrets=SecretStore(),
            clock=lambda: now,
        )
        for _ in range(2)
    ]
    for number in range(alerts):
        for message in messages_for(an_alert(number), destinations, now):
            queue.send(message)
            if number % 100 == 0:
                queue.send(message)
    results: Counter[str] = Counter()
    began = time.perf_counter()
    turns = itertools.cycle(workers)
    while len(queue):
        batch = [body for body in (queue.take() for _ in range(BATCH)) if body is not None]
        if not batch:
            now = queue.next_due or now
            continue
        outcomes = deliver_batch({str(n): body for n, body in enumerate(batch)}, next(turns))
        results.update(f"{each.destination} {each.result}" for each in outcomes.values())
    seconds = time.perf_counter() - began
    # A message that was on the queue twice may be buried twice
    letters = {
        (each.destination, each.alert.id) for each in queue.dead if isinstance(each, Message)
    }
    dead = Counter(destination for destination, _ in letters)
    print(f"{alerts:,} alerts in {seconds:.0f} s, for {(now - START) / 3600:.1f} hours of waiting")
    for kind in (each.name for each in KINDS):
        lost = alerts - receiver.taken[kind] - dead[kind]
        print(
            f"  {kind:<10} received {receiver.taken[kind]:>6,}  dead letters {dead[kind]:>6,}  "
            f"lost or doubled {lost}  POSTs {receiver.tries[kind]:>7,}  "
            f"put back {results[f'{kind} rescheduled']:>8,}"
        )
    assert dead == {"teams": alerts}
    assert [receiver.taken[kind.name] for kind in KINDS] == [alerts, alerts, 0, alerts]


def latency(name: str, ledger: Ledger, receiver: Receiver, number: int = 200) -> None:
    """From a message in hand to the POST received; folding on, every alert a first one."""
    queue = MemoryQueue(time.time)
    [slack, *_] = receiver.destinations()
    folding = msgspec.structs.replace(slack, fold_seconds=900)
    courier = Courier((folding,), ledger, queue, SecretStore())
    took = []
    for each in range(number):
        alert = an_alert(each, repository=f"{name}-{each}", registry=f"{name}-{each}")
        [message] = messages_for(alert, courier.destinations, time.time())
        body = encode_message(message)
        began = time.perf_counter()
        assert courier.deliver(body).result == "delivered"
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
