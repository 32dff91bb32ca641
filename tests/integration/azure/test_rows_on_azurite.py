"""Rows, memory and queues on Azurite."""

import uuid
from collections.abc import Iterator

import pytest

from registrywatch.azure.clients import Storage
from registrywatch.azure.memory_table import TableMemory
from registrywatch.azure.parked_queue import Parking, decode
from registrywatch.azure.queues import Queue
from registrywatch.azure.table import Rows
from registrywatch.errors import StoreError
from tests.azure.rows_contract import RowsContract
from tests.builders.clock import T0

pytestmark = pytest.mark.real


@pytest.fixture
def storage(azurite_connection: str) -> Storage:
    return Storage(connection_string=azurite_connection)


@pytest.fixture
def rows(storage: Storage) -> Iterator[Rows]:
    table = storage.table(f"t{uuid.uuid4().hex}")
    table.create_table()
    yield Rows(table, "kind")
    table.delete_table()


class TestRows(RowsContract):
    """The same expectations as of the rows in memory."""


def test_kinds_of_rows_are_apart(storage: Storage) -> None:
    table = storage.table(f"t{uuid.uuid4().hex}")
    table.create_table()
    one, other = Rows(table, "one"), Rows(table, "other")
    one.put("name", {"until": 1.0})
    assert other.get("name") is None
    assert other.sweep(2.0) == 0


def test_a_table_that_is_missing_is_a_store_error(storage: Storage) -> None:
    rows = Rows(storage.table("nosuchtable"), "kind")
    with pytest.raises(StoreError, match="table nosuchtable, rows kind"):
        rows.put("name", {"value": "x"})


def test_more_is_swept_than_fits_into_a_page(rows: Rows) -> None:
    for number in range(1_050):
        rows.put(str(number), {"until": 1.0})
    assert rows.sweep(2.0) == 1_050


def test_the_detectors_memory(rows: Rows) -> None:
    memory = TableMemory(rows, lambda: T0)
    assert memory.keep("alert-1", "", T0) == ""
    assert memory.keep("alert-1", "other", T0) == ""
    assert memory.get("alert-1") == ""


@pytest.fixture
def queue(storage: Storage) -> Iterator[Queue]:
    client = storage.queue(f"q{uuid.uuid4().hex}")
    client.create_queue()
    yield Queue(client)
    client.delete_queue()


def test_the_largest_record_that_is_parked_fits_into_a_queue(queue: Queue) -> None:
    Parking(queue).park("event-hub", "\U0001f600".encode() * 100_000, "x" * 10_000)
    assert queue.depth() == 1
    [message] = queue._client.receive_messages()
    assert decode(message.content).record.startswith("\U0001f600")


def test_a_delayed_message_is_not_seen_before(queue: Queue) -> None:
    queue.send("later", 60)
    queue.send("now")
    assert [message.content for message in queue._client.receive_messages()] == ["now"]


def test_a_queue_that_is_missing_is_a_store_error(storage: Storage) -> None:
    missing = Queue(storage.queue("nosuchqueue"))
    with pytest.raises(StoreError, match="queue nosuchqueue"):
        missing.send("text")
    with pytest.raises(StoreError, match="queue nosuchqueue"):
        missing.depth()
