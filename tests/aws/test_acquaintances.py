"""Acquaintances in DynamoDB keep the contract on moto; tests/integration has the real ones."""

from collections.abc import Iterator

import boto3
import pytest

from registrywatch.aws.table import Table, TableRows
from registrywatch.windows.acquaintance_stores import KIND, RowAcquaintances
from tests.builders.dynamodb import new_table
from tests.builders.moto import aws_in_memory
from tests.windows.acquaintance_contract import NOW, AcquaintanceContract, OpenAcquaintances


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """One table for all tests here: each uses groups of its own."""
    with aws_in_memory():
        client = boto3.client("dynamodb")
        yield Table(new_table(client), client)


class TestDynamoAcquaintances(AcquaintanceContract):
    @pytest.fixture
    def open_acquaintances(self, table: Table) -> OpenAcquaintances:
        return lambda: RowAcquaintances(TableRows(table, KIND), lambda: NOW)
