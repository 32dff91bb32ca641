"""Rows in memory and, as moto plays it, in DynamoDB; both keep one contract."""

from typing import Any

import boto3
import pytest

from registrywatch.aws.table import Table, TableRows
from registrywatch.rows import MemoryRows, Rows, row_key
from tests.builders.dynamodb import new_table
from tests.builders.rows_contract import HOSTILE, RowsContract


class TestMemoryRows(RowsContract):
    @pytest.fixture
    def rows(self) -> Rows:
        return MemoryRows()

    def test_what_may_go_is_swept_and_nothing_else(self) -> None:
        rows = MemoryRows()
        rows.put("due", {}, 1.5)
        rows.put("not yet", {}, 2.5)
        rows.put("never", {})
        assert rows.sweep(2.0) == 1
        assert sorted(rows.rows) == ["never", "not yet"]


class TestDynamoRows(RowsContract):
    @pytest.fixture
    def client(self, moto: None) -> Any:
        return boto3.client("dynamodb")

    @pytest.fixture
    def table(self, client: Any) -> Table:
        return Table(new_table(client), client)

    @pytest.fixture
    def rows(self, table: Table) -> Rows:
        return TableRows(table, "kind")

    def test_kinds_of_rows_are_apart(self, table: Table) -> None:
        TableRows(table, "one").put("name", {"value": "x"})
        assert TableRows(table, "other").get("name") is None

    def test_a_row_has_its_time_to_live(self, client: Any, table: Table) -> None:
        TableRows(table, "kind").put("name", {}, 1_785_575_412.7)
        [item] = client.scan(TableName=table.name)["Items"]
        assert item["g"] == {"S": "kind#name"}
        assert item["x"] == {"N": "1785575412"}


def test_a_key_of_letters_and_digits_stays_readable_and_no_other_takes_its_form() -> None:
    assert row_key("m0123456789abcdef") == "m0123456789abcdef"
    assert len(row_key(HOSTILE)) == len(row_key("a" * 40)) == 40
