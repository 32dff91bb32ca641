"""The cost of exact counting in each store, and a check that sixteen workers at once are exact.

DynamoDB Local reports capacity units (ReturnConsumedCapacity=TOTAL). It leaves out those of refused
writes, which are computed from the size of the item. On Azurite every HTTP request is a
transaction: one entity group transaction, one page of a query, one read or write of a claim.
"""

import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from azure.core.exceptions import ResourceExistsError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.data.tables import TableClient
from botocore.exceptions import ClientError

from registrywatch.aws.table import Table as DynamoTable
from registrywatch.aws.table import TableRows
from registrywatch.aws.window_store import DynamoStore
from registrywatch.azure.table import Table
from registrywatch.azure.window_store import TableStore
from registrywatch.times import DAY
from registrywatch.windows import Counter, MemoryStore, SightingCache, Store
from registrywatch.windows.acquaintance_stores import KIND, RowAcquaintances
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.newness import period_of
from tests.builders.dynamodb import local_client, new_table
from tests.integration.azurite import azurite
from tests.integration.dynamodb import dynamodb_local
from tools.bench import _window_crowd as crowd
from tools.bench._window_traffic import Pull, batches, count, hour, lone_storm

STORM = 1_000_000
SINGLE_EVENTS = 3_000

missed: list[str] = []


class Metered:
    """A DynamoDB client that adds up the capacity units of its calls."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.read = self.written = 0.0

    def query(self, **request: Any) -> Any:
        return self._reading(self._client.query, request)

    def get_item(self, **request: Any) -> Any:
        return self._reading(self._client.get_item, request)

    def put_item(self, **request: Any) -> Any:
        answer = self._client.put_item(**request, ReturnConsumedCapacity="TOTAL")
        self.written += answer["ConsumedCapacity"]["CapacityUnits"]
        return answer

    def update_item(self, **request: Any) -> Any:
        try:
            answer = self._client.update_item(**request, ReturnConsumedCapacity="TOTAL")
        except ClientError as error:
            self.written += _units(error.response)
            raise
        self.written += answer["ConsumedCapacity"]["CapacityUnits"]
        return answer

    def _reading(self, call: Callable[..., Any], request: Any) -> Any:
        answer = call(**request, ReturnConsumedCapacity="TOTAL")
        self.read += answer["ConsumedCapacity"]["CapacityUnits"]
        return answer


class Requests(SansIOHTTPPolicy):  # type: ignore[type-arg]
    """Counts HTTP requests."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    def on_request(self, request: Any) -> None:
        self.sent += 1


class TableAGroup:
    """A `Store` with a table for each group, because Azurite scans the whole table in a query."""

    def __init__(self, connect: Callable[[str], TableClient]) -> None:
        self._connect = connect
        self._stores: dict[str, TableStore] = {}

    def __getattr__(self, call: str) -> Callable[..., Any]:
        return lambda group, *rest: getattr(self._store(group), call)(group, *rest)

    def _store(self, group: str) -> TableStore:
        if group not in self._stores:
            self._stores[group] = TableStore(Table(self._connect(f"windows{group}")))
        return self._stores[group]


class CountingTable(TableClient):
    """A table that counts the rows written in transactions, over all tables."""

    rows = 0

    def submit_transaction(self, operations: Any, **options: Any) -> Any:
        CountingTable.rows += len(operations)
        return super().submit_transaction(operations, **options)


def main() -> None:
    """Print each figure with its bound; exits with 1 if a figure exceeds its bound."""
    normal, storm = hour(), hour(storm=True)
    with tempfile.TemporaryDirectory() as logs:
        _memory(normal, storm)
        with dynamodb_local(Path(logs)) as endpoint:
            _dynamodb(endpoint, normal, storm)
        with azurite(Path(logs)) as connection:
            _tables(connection, normal, storm)
    if missed:
        sys.exit("missed: " + "; ".join(missed))


def _memory(normal: Sequence[Pull], storm: Sequence[Pull]) -> None:
    print("\nmemory: microseconds of CPU an event")
    for name, pulls in [("an hour, in order", normal), ("every group in a storm", storm)]:
        began = time.process_time()
        _deliver([MemoryStore()], pulls, warm=False)
        _show(name, (time.process_time() - began) / len(pulls) * 1e6)


def _dynamodb(endpoint: str, normal: Sequence[Pull], storm: Sequence[Pull]) -> None:
    print("\nDynamoDB Local: units an event")
    client = local_client(endpoint)

    def measure(name: str, pulls: Sequence[Pull], bounds: Sequence[float], **how: Any) -> None:
        metered = Metered(client)
        table = new_table(client)
        workers = how.pop("workers", 1)
        _deliver([DynamoStore(DynamoTable(table, metered)) for _ in range(workers)], pulls, **how)
        for kind, units, bound in zip(
            ("written", "read"), (metered.written, metered.read), bounds, strict=True
        ):
            _show(f"{name}: {kind}", units / len(pulls), bound)

    measure("in order, a warm worker", normal, (0.025, 0.025))
    measure("disorder of 120 s, 3 warm workers", normal, (0.06, 0.03), workers=3, disorder=120)
    measure("every group in a storm, in order", storm, (0.02, 0.01))
    singles = hour(seconds=SINGLE_EVENTS, rate=1)
    measure("single events, cold workers", singles, (1.1, 1.1), size=1, warm=False)
    measure("one actor, 1,000,000 images", [*lone_storm(STORM)], (0.001, 0.001))
    _newness(client, normal)
    _crowd("DynamoDB Local", partial(_dynamo_store, endpoint, new_table(client)))


def _newness(client: Any, pulls: Sequence[Pull]) -> None:
    """The cost of the newness rules, in addition to windows; each image stands for a repository."""
    metered, now = Metered(client), [0.0]
    rows = TableRows(DynamoTable(new_table(client), metered), KIND)

    def measure(name: str, worker: Acquaintances, days: float, bounds: Sequence[float]) -> None:
        metered.read = metered.written = 0.0
        for batch in batches(pulls):
            touched: dict[str, dict[int, int]] = {}
            for pull in batch.pulls:
                at, held = int(pull.time + days * DAY), touched.setdefault(pull.group, {})
                held[pull.image] = min(at, held.get(pull.image, at))
            now[0] = batch.at + days * DAY
            for group, firsts in touched.items():
                by_period = {period_of(now[0]): firsts}
                met = worker.look_up(group, by_period, 3600)
                if met is not None:
                    worker.add(group, by_period, met)
        for kind, units, bound in zip(
            ("written", "read"), (metered.written, metered.read), bounds, strict=True
        ):
            _show(f"{name}: {kind}", units / len(pulls), bound)

    warm, cold = [Acquaintances(RowAcquaintances(rows, lambda: now[0])) for _ in range(2)]
    measure("newness, the first hour of all", warm, 0, (0.01, 0.03))
    measure("newness, a day later, warm", warm, 1, (0, 0))
    measure("newness, a day later, a cold worker", cold, 1.1, (0, 0.001))


def _tables(connection: str, normal: Sequence[Pull], storm: Sequence[Pull]) -> None:
    print("\nAzurite: transactions an event")

    meter = Requests()
    groups = {pull.group for pull in (*normal, *lone_storm(1), *crowd.traffic())}

    def connect(table: str) -> TableClient:
        return CountingTable.from_connection_string(connection, table, per_retry_policies=[meter])

    def measure(name: str, pulls: Sequence[Pull], bound: float, **how: Any) -> None:
        for group in groups:
            _empty(connect(f"windows{group}"))
        meter.sent = CountingTable.rows = 0
        workers = [TableAGroup(connect) for _ in range(how.pop("workers", 1))]
        _deliver([cast("Store", worker) for worker in workers], pulls, **how)
        _show(name, meter.sent / len(pulls), bound)
        _show("  rows written", CountingTable.rows / len(pulls))

    measure("in order, a warm worker", normal, 0.05)
    some = len(normal) // 6  # ten minutes: Azurite is slow
    measure("disorder of 120 s, 3 warm workers", normal[:some], 0.05, workers=3, disorder=120)
    measure("every group in a storm, in order", storm[:some], 0.05)
    measure("one actor, 1,000,000 images", [*lone_storm(STORM)], 0.001)
    _crowd("Azurite", partial(_table_store, connection))


def _deliver(
    stores: Sequence[Store],
    pulls: Sequence[Pull],
    *,
    disorder: float = 0,
    size: int = 1000,
    warm: bool = True,
) -> None:
    """Give batches to workers in turn, each with its own store; the clock is the arrival time."""
    now = 0.0
    alerts: list[bytes] = []
    workers = [
        Counter(
            store,
            lambda: now,
            cache=SightingCache() if warm else None,
            retention_seconds=86_400,
        )
        for store in stores
    ]
    for number, batch in enumerate(batches(pulls, disorder=disorder, size=size)):
        now = batch.at
        count(workers[number % len(workers)], batch.pulls, alerts.append)


def _crowd(where: str, make_store: crowd.MakeStore) -> None:
    began = time.monotonic()
    ran = crowd.run(make_store)
    print(
        f"  {crowd.WORKERS} workers, {crowd.DELIVERIES} deliveries, {ran.crashes:,} crashes:"
        f" {ran.alerts:,} alerts for {ran.bursts:,} bursts, sent {ran.sent:,} times,"
        f" in {time.monotonic() - began:.0f} s"
    )
    if ran.alerts != ran.bursts or ran.broken:
        missed.append(f"{where}: {ran.alerts} alerts for {ran.bursts} bursts {ran.broken[:3]}")


_dynamodb_client = cache(local_client)
"""Connections, one for each process: a worker that crashes loses its memory but not these."""

_table = cache(TableClient.from_connection_string)


def _dynamo_store(endpoint: str, table: str) -> Store:
    return DynamoStore(DynamoTable(table, _dynamodb_client(endpoint)))


def _table_store(connection: str) -> Store:
    return cast("Store", TableAGroup(partial(_table, connection)))


def _empty(table: TableClient) -> None:
    with suppress(ResourceExistsError):
        table.create_table()
        return
    table.delete_table()
    table.create_table()


def _units(refused: Any) -> int:
    item = refused.get("Item", {})
    size = 60 + 8 * len(item.get("h", {}).get("BS", ()))
    return math.ceil(size / 1024)


def _show(name: str, figure: float, bound: float | None = None) -> None:
    verdict = "" if bound is None else f"  at most {bound}"
    if bound is not None and figure > bound:
        verdict += "  MISSED"
        missed.append(name)
    print(f"  {name:48} {figure:8.5f}{verdict}", flush=True)


if __name__ == "__main__":
    main()
