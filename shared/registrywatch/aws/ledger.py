"""The ledger in DynamoDB, in the same table as the windows.

Items: `g` (S) the key, `s` (N) 0, `v` (S) the version, `b` (B) the value, `x` (N) the time to live.
Versions are random: an item that expired and was made anew is never taken for the old one.
"""

import secrets
import time
from collections.abc import Callable
from typing import Any

from registrywatch.delivery.ledger import KEEP_SECONDS, Entry
from registrywatch.errors import StoreError


class DynamoLedger:
    """The ledger in `table`. `client` is boto3's for DynamoDB, by default one with tight limits."""

    def __init__(
        self,
        table: str,
        client: Any = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._client = client or _client()
        self._clock = clock

    def read(self, key: str) -> Entry | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.get_item(
                TableName=self._table, Key=_key(key), ConsistentRead=True
            )
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"table {self._table}: an entry can't be read: {error}") from error
        item = answer.get("Item")
        return Entry(bytes(item["b"]["B"]), item["v"]["S"]) if item else None

    def write(self, key: str, value: bytes, seen: Entry | None) -> Entry | None:
        from botocore.exceptions import BotoCoreError, ClientError

        written = Entry(value, secrets.token_hex(8))
        item = {
            **_key(key),
            "v": {"S": written.version},
            "b": {"B": value},
            "x": {"N": str(int(self._clock()) + KEEP_SECONDS)},
        }
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(g)"}
        if seen:
            condition = {
                "ConditionExpression": "v = :seen",
                "ExpressionAttributeValues": {":seen": {"S": seen.version}},
            }
        try:
            self._client.put_item(TableName=self._table, Item=item, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return None
            raise StoreError(f"table {self._table}: an entry can't be written: {error}") from error
        except BotoCoreError as error:
            raise StoreError(f"table {self._table}: an entry can't be written: {error}") from error
        return written


def _key(key: str) -> dict[str, Any]:
    return {"g": {"S": f"delivery#{key}"}, "s": {"N": "0"}}


def _client() -> Any:
    import boto3
    from botocore.config import Config

    limits = Config(
        connect_timeout=2, read_timeout=3, retries={"mode": "adaptive", "total_max_attempts": 4}
    )
    return boto3.client("dynamodb", config=limits)
