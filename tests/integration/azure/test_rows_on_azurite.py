"""Rows, memory and queues on Azurite."""

import base64
import socket
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from registrywatch.azure.clients import Storage
from registrywatch.azure.parked_queue import Parking, decode
from registrywatch.azure.queue import Queue
from registrywatch.azure.table import Table, TableRows
from registrywatch.errors import StoreError
from tests.builders.rows_contract import RowsContract

pytestmark = pytest.mark.real


@pytest.fixture
def storage(azurite_connection: str) -> Storage:
    return Storage(connection_string=azurite_connection)


@pytest.fixture
def table(storage: Storage) -> Iterator[Table]:
    client = storage.table(f"t{uuid.uuid4().hex}")
    client.create_table()
    yield Table(client)
    client.delete_table()


@pytest.fixture
def rows(table: Table) -> TableRows:
    return TableRows(table, "kind")


class TestRows(RowsContract):
    """The same expectations as of the rows in memory."""


def test_kinds_of_rows_are_apart(table: Table) -> None:
    one, other = TableRows(table, "one"), TableRows(table, "other")
    one.put("name", {}, 1.0)
    assert other.get("name") is None


def test_what_may_go_is_swept_and_nothing_else(table: Table, rows: TableRows) -> None:
    rows.put("due", {}, 1_785_575_412.5)
    rows.put("not yet", {}, 1_785_575_413.5)
    rows.put("never", {"value": "x"})
    assert table.sweep(1_785_575_413.0) == 1
    assert rows.get("due") is None
    assert rows.get("not yet") is not None
    assert rows.get("never") is not None


def test_a_row_that_is_renewed_while_it_is_swept_stays(
    table: Table, rows: TableRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows.put("repository", {"images": 1}, 1.0)
    query = table.query

    def renewed_meanwhile(*how: Any) -> list[Any]:
        found = [*query(*how)]
        rows.put("repository", {"images": 2}, 9e9)
        return found

    monkeypatch.setattr(table, "query", renewed_meanwhile)
    assert table.sweep(2.0) == 0
    kept = rows.get("repository")
    assert kept is not None
    assert kept.values == {"images": 2}


def test_a_table_that_is_missing_is_a_store_error(storage: Storage) -> None:
    rows = TableRows(Table(storage.table("nosuchtable")), "kind")
    with pytest.raises(StoreError, match="table nosuchtable: ResourceNotFoundError"):
        rows.put("name", {"value": "x"})


def test_more_is_swept_than_fits_into_a_page(table: Table, rows: TableRows) -> None:
    for number in range(1_050):
        rows.put(str(number), {}, 1.0)
    assert table.sweep(2.0) == 1_050


@pytest.mark.parametrize("hanging", [False, True])
def test_a_store_that_does_not_answer_fails_within_a_minute(hanging: bool) -> None:
    """Tables and queues have the same patience; without it a call hung for up to ten minutes."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        port = server.getsockname()[1]
        if not hanging:
            server.close()
        key = base64.b64encode(b"key").decode()
        local = Storage(
            connection_string=f"AccountName=a;AccountKey={key};"
            f"QueueEndpoint=http://127.0.0.1:{port}/a;TableEndpoint=http://127.0.0.1:{port}/a"
        )
        for attempt in (
            Queue(local.queue("q")).depth,
            lambda: Table(local.table("t")).get("p", "r"),
        ):
            began = time.monotonic()
            with pytest.raises(StoreError):
                attempt()
            assert time.monotonic() - began < 60


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
