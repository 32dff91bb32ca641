"""The ledgers that need no server: in memory, and DynamoDB as moto plays it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from registrywatch.delivery.ledger import KEEP_SECONDS, Ledger, MemoryLedger
from registrywatch.delivery.ledger_dynamodb import DynamoLedger
from registrywatch.errors import StoreError
from tests.delivery.ledger_contract import LedgerContract

NOW = 1_785_575_412.0


class TestMemory(LedgerContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("dynamodb")
        make_table(client, "windows")
        yield client


def make_table(client: Any, name: str) -> None:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "g", "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "g", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": "N"},
        ],
    )


class TestDynamoDB(LedgerContract):
    @pytest.fixture
    def ledger(self, dynamodb: Any) -> Ledger:
        return DynamoLedger("windows", clock=lambda: NOW)

    def test_entries_have_a_time_to_live(self, ledger: Ledger, dynamodb: Any) -> None:
        ledger.write("m1", b"one", None)
        [item] = dynamodb.scan(TableName="windows")["Items"]
        assert item["g"] == {"S": "delivery#m1"}
        assert int(item["x"]["N"]) == int(NOW) + KEEP_SECONDS

    def test_a_table_that_is_not_there_is_a_store_error(self, dynamodb: Any) -> None:
        missing = DynamoLedger("missing")
        with pytest.raises(StoreError, match="table missing: an entry can't be read"):
            missing.read("m1")
        with pytest.raises(StoreError, match="table missing: an entry can't be written"):
            missing.write("m1", b"", None)
