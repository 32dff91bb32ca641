"""The one DynamoDB table: partition key `g` (string), sort key `s` (number), time to live `x`."""

import os
from collections.abc import Mapping
from typing import Any

from registrywatch.aws.clients import Deadline, Service
from registrywatch.errors import Conflict
from registrywatch.rows import Row, Value, row_key

Item = dict[str, Any]


class Table:
    """The table of that name. May be shared by threads, as its client may.

    Without `client`, this process's client is used. `deadline` refuses calls that would outlast the
    invocation.
    """

    def __init__(self, name: str, client: Any = None, deadline: Deadline | None = None) -> None:
        self.name = name
        self._dynamodb = Service("dynamodb", client, deadline)

    def call(self, operation: str, request: Mapping[str, Any]) -> Item:
        """The answer. Raises StoreError, a Conflict if a condition did not hold."""
        about = f"DynamoDB table {self.name}"
        answer: Item = self._dynamodb.call(about, operation, TableName=self.name, **request)
        return answer


class TableRows:
    """The rows of one kind in a table, items `<kind>#<name>`. See `registrywatch.rows.Rows`.

    The etag, in `v`, is random: an item that expired and was created again is never taken for the
    old one. Values have their own names, which must not be `g`, `s`, `v` or `x`.
    """

    def __init__(self, table: Table, kind: str) -> None:
        self._table = table
        self._kind = kind

    def get(self, name: str) -> Row | None:
        request = {"Key": self._key(name), "ConsistentRead": True}
        item = self._table.call("get_item", request).get("Item")
        if item is None:
            return None
        values = {key: _value(typed) for key, typed in item.items() if key not in "gsvx"}
        return Row(values, item["v"]["S"])

    def create(
        self, name: str, values: Mapping[str, Value], until: float | None = None
    ) -> str | None:
        return self._put(name, values, until, {"ConditionExpression": "attribute_not_exists(g)"})

    def replace(
        self, name: str, values: Mapping[str, Value], etag: str, until: float | None = None
    ) -> str | None:
        seen = {":seen": {"S": etag}}
        condition = {"ConditionExpression": "v = :seen", "ExpressionAttributeValues": seen}
        return self._put(name, values, until, condition)

    def put(self, name: str, values: Mapping[str, Value], until: float | None = None) -> None:
        self._put(name, values, until, {})

    def _put(
        self, name: str, values: Mapping[str, Value], until: float | None, condition: Item
    ) -> str | None:
        etag = os.urandom(8).hex()
        item = {**self._key(name), "v": {"S": etag}}
        item |= {key: _typed(value) for key, value in values.items()}
        if until is not None:
            item["x"] = {"N": str(int(until))}
        try:
            self._table.call("put_item", {"Item": item, **condition})
        except Conflict:
            return None
        return etag

    def _key(self, name: str) -> Item:
        return {"g": {"S": f"{self._kind}#{row_key(name)}"}, "s": {"N": "0"}}


def _typed(value: Value) -> Item:
    if isinstance(value, str):
        return {"S": value}
    return {"B": value} if isinstance(value, bytes) else {"N": str(value)}


def _value(typed: Item) -> Value:
    [(kind, value)] = typed.items()
    if kind == "N":
        return float(value) if "." in value or "e" in value.lower() else int(value)
    return bytes(value) if kind == "B" else str(value)
