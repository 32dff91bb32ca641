"""The DynamoDB store keeps the contract on Amazon's own DynamoDB Local."""

import pytest

from registrywatch.aws.table import Table
from registrywatch.aws.window_store import DynamoStore
from tests.builders.dynamodb import local_client, new_table
from tests.windows.contract import OpenStore, StoreContract
from tests.windows.crowd import ParallelWorkers

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def open_store(dynamodb_endpoint: str) -> OpenStore:
    client = local_client(dynamodb_endpoint)
    table = new_table(client)
    return lambda: DynamoStore(Table(table, client))


class TestDynamoStore(StoreContract, ParallelWorkers):
    every = 3
