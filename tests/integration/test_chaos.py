"""`make chaos` with the tables of the vendors' own servers: their conditions and their sets."""

import pytest

from registrywatch.azure import names
from registrywatch.azure.clients import Storage
from tests.builders.dynamodb import local_client
from tools.chaos.run import run
from tools.chaos.vendors import azurite, dynamodb
from tools.chaos.world import Bounds

pytestmark = pytest.mark.real

BURSTS = 24
BOUNDS = Bounds(seconds=120.0)


def test_every_promise_is_kept_over_dynamodb_local(dynamodb_endpoint: str) -> None:
    client = local_client(dynamodb_endpoint)
    client.create_table(
        TableName="registrywatch",
        KeySchema=[
            {"AttributeName": "g", "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "g", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    assert run("aws", 1, BURSTS, BOUNDS, tables=dynamodb(client)).broken == []


def test_every_promise_is_kept_over_azurite(azurite_connection: str) -> None:
    storage = Storage(connection_string=azurite_connection)
    clients = {name: storage.table(name) for name in names.TABLES}
    for client in clients.values():
        client.create_table()
    try:
        assert run("azure", 1, BURSTS, BOUNDS, tables=azurite(clients)).broken == []
    finally:
        for client in clients.values():
            client.delete_table()
