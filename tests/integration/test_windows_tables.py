"""The Table Storage store keeps the contract on Microsoft's own Azurite."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseTimeoutError
from azure.data.tables import TableClient

from registrywatch.azure.table import Table
from registrywatch.azure.window_store import TableStore
from registrywatch.errors import StoreError
from registrywatch.windows.meaning import Quiet, Window
from tests.windows.contract import OpenStore, StoreContract
from tests.windows.crowd import ParallelWorkers
from tests.windows.harness import START, Scene, images

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def table(azurite_connection: str) -> TableClient:
    name = f"windows{uuid.uuid4().hex}"
    client = TableClient.from_connection_string(azurite_connection, name)
    client.create_table()
    return client


@pytest.fixture(scope="module")
def open_store(table: TableClient) -> OpenStore:
    return lambda: TableStore(Table(table))


class TestTableStore(StoreContract, ParallelWorkers):
    every = 3


MANY = Window(5000, 600, 600)


class TestRows:
    """What is particular to a store whose rows have one writer each."""

    def test_a_write_that_arrives_after_newer_ones_takes_nothing_away(
        self, table: TableClient
    ) -> None:
        slow = SlowTable(table)
        store, group = TableStore(Table(slow.client), sleep=lambda _: None), uuid.uuid4().hex
        store.add(group, MANY, {1: [1]}, None)
        slow.hold = 1  # times out, but is still on its way
        store.add(group, MANY, {1: [2]}, None)
        store.add(group, MANY, {1: [3]}, None)
        slow.let_go()
        assert store.read(group, 1, 1) == {1: {1, 2, 3}}

    def test_a_write_of_a_failed_batch_that_arrives_later_takes_nothing_away(
        self, table: TableClient
    ) -> None:
        slow = SlowTable(table)
        store, group = TableStore(Table(slow.client), sleep=lambda _: None), uuid.uuid4().hex
        store.add(group, MANY, {1: [1]}, None)
        slow.hold = 3  # as often as it is tried
        with pytest.raises(StoreError, match="Timeout"):
            store.add(group, MANY, {1: [2]}, None)
        store.add(group, MANY, {1: [3]}, None)
        slow.let_go()
        assert store.read(group, 1, 1) == {1: {1, 2, 3}}

    def test_a_row_is_in_the_hands_of_one_call_at_a_time(self, table: TableClient) -> None:
        slow = SlowTable(table)
        store, group = TableStore(Table(slow.client)), uuid.uuid4().hex
        store.add(group, MANY, {1: [1]}, None)
        slow.before_write = lambda: store.add(group, MANY, {1: [3]}, None)  # another thread's
        store.add(group, MANY, {1: [2]}, None)
        assert store.read(group, 1, 1) == {1: {1, 2, 3}}

    def test_a_row_that_was_forgotten_keeps_what_is_in_it(self, table: TableClient) -> None:
        store, group = TableStore(Table(table), most_sightings=20), uuid.uuid4().hex
        for n in range(60):
            store.add(group, MANY, {n % 7: [n]}, None)
        shown = store.read(group, 0, 6)
        assert shown == {step: set(range(step, 60, 7)) for step in range(7)}

    def test_a_writer_writes_a_step_into_one_row(self, table: TableClient) -> None:
        store, group = TableStore(Table(table)), uuid.uuid4().hex
        for n in range(20):
            store.add(group, MANY, {5: [n], 6: [n]}, None)
        assert len(rows(table, group)) == 2

    def test_a_writer_stores_no_more_than_the_threshold_in_a_step(self, table: TableClient) -> None:
        store, group, three = TableStore(Table(table)), uuid.uuid4().hex, Window(3, 600, 600)
        for n in range(20):
            store.add(group, three, {5: [2 * n, 2 * n + 1]}, None)
        assert len(store.read(group, 5, 5)[5]) == 3

    def test_a_read_of_more_rows_than_a_page_holds(self, table: TableClient) -> None:
        store, group = TableStore(Table(table)), uuid.uuid4().hex
        store.add(group, MANY, {step: [step] for step in range(1, 1200)}, None)
        assert store.read(group, 1, 1199) == {step: {step} for step in range(1, 1200)}

    def test_rows_larger_together_than_a_transaction(self, table: TableClient) -> None:
        store, group = TableStore(Table(table)), uuid.uuid4().hex
        most = Window(8000, 600, 600)
        steps = {step: range(10**18, 10**18 + 8000) for step in range(60)}
        store.add(group, most, steps, None)
        assert [len(step) for step in store.read(group, 0, 59).values()] == [8000] * 60


class TestSweep:
    def test_what_need_not_be_kept_goes_and_the_rest_stays(self, table: TableClient) -> None:
        store, old, new = TableStore(Table(table)), uuid.uuid4().hex, uuid.uuid4().hex
        for group, until in [(old, START - 1), (new, START + 1)]:
            store.add(group, MANY, {1: [1], 2: [2]}, until)
            store.swap(group, store.claim(group), Quiet(((1, 2),)), {}, until)
        assert Table(table).sweep(START) == 3
        assert rows(table, old) == []
        assert len(rows(table, new)) == 3
        assert Table(table).sweep(START) == 0

    def test_a_row_renewed_meanwhile_stays(self, table: TableClient) -> None:
        store, group = TableStore(Table(table)), uuid.uuid4().hex
        store.add(group, MANY, {1: [1]}, START - 10)
        racing = SlowTable(table)
        racing.before_delete = lambda: store.add(group, MANY, {1: [2]}, START + 10)
        assert Table(racing.client).sweep(START) == 0
        assert store.read(group, 1, 1) == {1: {1, 2}}

    def test_counting_goes_on_after_a_sweep(self, table: TableClient) -> None:
        now = float(START)
        scene = Scene(lambda: TableStore(Table(table)), Window(3, 600, 600))
        worker = scene.worker(clock=lambda: now, retention_seconds=86_400)
        worker.deliver(*images(1, 2, 3, at=0))
        now += 3 * 86_400
        Table(table).sweep(now)
        worker.deliver(*images(1, 2, 3, at=now - START))
        assert len(scene.anchors) == 2


def rows(table: TableClient, group: str) -> list[str]:
    found = table.query_entities("PartitionKey eq @group", parameters={"group": group})
    return [entity["RowKey"] for entity in found]


class SlowTable:
    """A table whose writes can be held back: the caller is told of a timeout, they come later."""

    def __init__(self, table: TableClient) -> None:
        self._table = table
        self._held: list[Any] = []
        self.hold = 0
        self.before_write: Callable[[], object] | None = None
        self.before_delete: Callable[[], object] = lambda: None

    @property
    def client(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def submit_transaction(self, operations: Any, **options: Any) -> Any:
        if self.before_write:
            meanwhile, self.before_write = self.before_write, None
            meanwhile()
        if self.hold:
            self.hold -= 1
            self._held.append(operations)
            raise ServiceResponseTimeoutError("Timeout: no answer within 10 seconds")
        return self._table.submit_transaction(operations, **options)

    def delete_entity(self, *of: Any, **options: Any) -> None:
        self.before_delete()
        self._table.delete_entity(*of, **options)

    def let_go(self) -> None:
        for operations in self._held:
            self._table.submit_transaction(operations)
