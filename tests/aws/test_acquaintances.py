"""Acquaintances in DynamoDB keep the contract on moto; tests/integration has the real ones."""

from collections.abc import Iterator

import boto3
import pytest

from registrywatch.aws.table import Table, TableRows
from registrywatch.windows.acquaintance_stores import KIND, RowAcquaintances
from tests.builders.dynamodb import new_table
from tests.builders.moto import aws_in_memory
from tests.windows.acquaintance_contract import NOW, AcquaintanceContract, OpenAcquaintances


class TestDynamoAcquaintances(AcquaintanceContract):
    @pytest.fixture(scope="class")
    def open_acquaintances(self) -> Iterator[OpenAcquaintances]:
        with aws_in_memory():
            client = boto3.client("dynamodb")
            table = Table(new_table(client), client)
            yield lambda: RowAcquaintances(TableRows(table, KIND), lambda: NOW)
