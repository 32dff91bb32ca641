"""Acquaintances keep the contract on DynamoDB Local and on Azurite, and learning is exact there."""

import uuid

import pytest
from azure.data.tables import TableClient

from registrywatch.aws import table as aws
from registrywatch.azure import table as azure
from registrywatch.windows.acquaintance_stores import KIND, MemoryAcquaintances, RowAcquaintances
from tests.builders.clock import T0
from tests.builders.dynamodb import local_client, new_table
from tests.cli.test_learn import DAY, lessons, month
from tests.windows.acquaintance_contract import NOW, AcquaintanceContract, OpenAcquaintances

pytestmark = pytest.mark.real


class LearnsExactly(AcquaintanceContract):
    """A month that is learnt, in parts and again, is there as it is in memory."""

    def test_learning(self, open_acquaintances: OpenAcquaintances) -> None:
        made, expected = month(), MemoryAcquaintances()
        lessons(made).write(expected)
        for part in (made[:100], made[50:], made):
            lessons(part).write(open_acquaintances())
        stored = open_acquaintances()
        for group, firsts in expected._groups.items():
            assert stored.read(group) == firsts
        assert stored.first_seen("111122223333", NOW) == T0


class TestDynamoDb(LearnsExactly):
    @pytest.fixture
    def open_acquaintances(self, dynamodb_endpoint: str) -> OpenAcquaintances:
        client = local_client(dynamodb_endpoint)
        table = aws.Table(new_table(client), client)
        return lambda: RowAcquaintances(aws.TableRows(table, KIND), lambda: T0 + 31 * DAY)


class TestTableStorage(LearnsExactly):
    @pytest.fixture
    def open_acquaintances(self, azurite_connection: str) -> OpenAcquaintances:
        name = f"acquaintances{uuid.uuid4().hex}"
        client = TableClient.from_connection_string(azurite_connection, name)
        client.create_table()
        table = azure.Table(client)
        return lambda: RowAcquaintances(azure.TableRows(table, KIND), lambda: T0 + 31 * DAY)
