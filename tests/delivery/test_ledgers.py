"""The ledgers that need no server: in memory, and DynamoDB as moto plays it."""

import threading
from typing import Any

import boto3
import pytest

from registrywatch.aws.table import Table, TableRows
from registrywatch.delivery.ledger import KEEP_SECONDS, Ledger, MemoryLedger, RowLedger
from registrywatch.errors import StoreError
from registrywatch.rows import MemoryRows
from tests.builders.dynamodb import new_table
from tests.delivery.ledger_contract import LedgerContract

NOW = 1_785_575_412.0


class TestMemory(LedgerContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()


class TestRows(LedgerContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return RowLedger(MemoryRows(), lambda: NOW)


@pytest.fixture
def table(moto: None) -> str:
    return new_table(boto3.client("dynamodb"))


class OneAtATime:
    """A client for threads: moto looks at a condition and writes in two steps, DynamoDB in one."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._client, name)

        def call(**request: Any) -> Any:
            with self._lock:
                return operation(**request)

        return call


class TestDynamoDB(LedgerContract):
    @pytest.fixture
    def ledger(self, table: str) -> Ledger:
        client = OneAtATime(boto3.client("dynamodb"))
        return RowLedger(TableRows(Table(table, client), "delivery"), lambda: NOW)

    def test_entries_have_a_time_to_live(self, ledger: Ledger, table: str) -> None:
        ledger.write("m1", b"one", None)
        [item] = boto3.client("dynamodb").scan(TableName=table)["Items"]
        assert item["g"] == {"S": "delivery#m1"}
        assert int(item["x"]["N"]) == int(NOW) + KEEP_SECONDS

    def test_a_table_that_is_not_there_is_a_store_error(self, moto: None) -> None:
        missing = RowLedger(TableRows(Table("missing", boto3.client("dynamodb")), "delivery"))
        with pytest.raises(StoreError, match="table missing: get_item"):
            missing.read("m1")
        with pytest.raises(StoreError, match="table missing: put_item"):
            missing.write("m1", b"", None)
