"""An answer that is cut in the middle is a failure, whatever the SDK makes of it."""

from collections.abc import Callable

import pytest

from registrywatch.azure import clients
from registrywatch.azure.queue import Queue
from registrywatch.azure.table import Table
from registrywatch.errors import StoreError
from tests.builders.cases import for_each
from tests.delivery.misbehaving import answer, raw, serving

HALF = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Type: application/json\r\n\r\n{"v')
NOT_OF_THE_SERVICE = answer("202 Accepted", b"<html></html>", "Content-Type: text/html")

CALLS: dict[str, Callable[[Table, Queue], object]] = {
    "get": lambda table, _: table.get("partition", "row"),
    "create": lambda table, _: table.create("partition", "row", {}),
    "replace": lambda table, _: table.replace("partition", "row", {}, "etag"),
    "put": lambda table, _: table.put("partition", "row", {}),
    "query": lambda table, _: [*table.query("x eq @a", {"a": 1}, ("x",))],
    "upsert": lambda table, _: table.upsert_once([{"PartitionKey": "p", "RowKey": "r"}]),
    "sweep": lambda table, _: table.sweep(0.0),
    "send": lambda _, queue: queue.send("text"),
    "depth": lambda _, queue: queue.depth(),
    "newest": lambda _, queue: queue.newest(),
    "first message": lambda _, queue: queue.first_message(),
    "letters": lambda _, queue: [*queue.letters(0.0)],
}


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for options in (clients._TABLE_OPTIONS, clients._QUEUE_OPTIONS):
        monkeypatch.setitem(options, "retry_total", 0)


def parts(port: int) -> tuple[Table, Queue]:
    address = clients._DEVELOPMENT.replace("10001", str(port)).replace("10002", str(port))
    storage = clients.Storage(connection_string=address)
    return Table(storage.table("table")), Queue(storage.queue("queue"))


@for_each("call", CALLS.values(), ids=CALLS)
def test_half_an_answer_is_a_store_error(call: Callable[[Table, Queue], object]) -> None:
    with serving(HALF) as server, pytest.raises(StoreError):
        call(*parts(server.port))


def test_an_answer_that_is_none_of_the_service_is_a_store_error() -> None:
    with serving(NOT_OF_THE_SERVICE) as server, pytest.raises(StoreError, match="no answer of the"):
        CALLS["upsert"](*parts(server.port))
