"""A simulated DynamoDB client with the calls of registrywatch: items, conditions, expressions."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from botocore.exceptions import ClientError, ReadTimeoutError

from tools.chaos.faults import Faults
from tools.chaos.world import Unsupported

Item = dict[str, Any]

_TERM = re.compile(
    r"^(attribute_not_exists|attribute_exists|size)?\(?([\w.#]+)\)?(?: ([=<]) (:\w+))?$"
)
_CLAUSES = re.compile(r"\b(SET|REMOVE|ADD)\b")


class DynamoDb:
    """The operations of the client; all table names share one table."""

    def __init__(self, faults: Faults) -> None:
        self.items: dict[tuple[str, int], Item] = {}
        self._faults = faults

    def get_item(self, **request: Any) -> Item:
        return self._around("GetItem", lambda: self._get(request))

    def query(self, **request: Any) -> Item:
        return self._around("Query", lambda: self._query(request))

    def put_item(self, **request: Any) -> Item:
        return self._around("PutItem", lambda: self._put(request), writes=True)

    def update_item(self, **request: Any) -> Item:
        return self._around("UpdateItem", lambda: self._update(request), writes=True)

    def _around(self, operation: str, call: Callable[[], Item], *, writes: bool = False) -> Item:
        def error(reason: str) -> Exception:
            if reason.endswith("refused"):
                code = {"Code": "ThrottlingException", "Message": reason}
                return cast("Exception", ClientError({"Error": code}, operation))
            return cast("Exception", ReadTimeoutError(endpoint_url="https://dynamodb.chaos.test"))

        return self._faults.around("table", call, error, writes=writes)

    def _get(self, request: Item) -> Item:
        found = self.items.get(_key(request["Key"]))
        return {} if found is None else {"Item": found}

    def _query(self, request: Item) -> Item:
        if request["KeyConditionExpression"] != "g = :g AND s BETWEEN :first AND :last":
            raise Unsupported(request["KeyConditionExpression"])
        values = request["ExpressionAttributeValues"]
        group = values[":g"]["S"]
        first, last = int(values[":first"]["N"]), int(values[":last"]["N"])
        steps: Iterable[int] = range(first, last + 1)
        if last - first > len(self.items):
            steps = sorted(at for of, at in self.items if of == group and first <= at <= last)
        found = (self.items.get((group, at)) for at in steps)
        return {"Items": [item for item in found if item is not None]}

    def _put(self, request: Item) -> Item:
        key = _key(request["Item"])
        _check("PutItem", request, self.items.get(key))
        self.items[key] = dict(request["Item"])
        return {}

    def _update(self, request: Item) -> Item:
        key = _key(request["Key"])
        before = self.items.get(key)
        _check("UpdateItem", request, before)
        item = dict(before or request["Key"])
        values = request.get("ExpressionAttributeValues", {})
        names = request.get("ExpressionAttributeNames", {})
        parts = _CLAUSES.split(request["UpdateExpression"])[1:]
        for clause, text in zip(parts[::2], parts[1::2], strict=True):
            for action in text.split(","):
                _apply(item, clause, action.strip(), names, values)
        self.items[key] = item
        return {"Attributes": item}


def _key(of: Mapping[str, Any]) -> tuple[str, int]:
    return of["g"]["S"], int(of["s"]["N"])


def _apply(
    item: Item, clause: str, action: str, names: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    """One action of an update; a path has one or two parts."""
    path, value = action, None
    if clause != "REMOVE":
        path, _, named = action.replace(" = ", " ").partition(" ")
        value = values[named]
    first, _, second = path.partition(".")
    if clause == "ADD":
        held = item.get(first, {"BS": []})["BS"]
        item[first] = {"BS": list({*held, *value["BS"]})}  # type: ignore[index]
        return
    holder = item
    if second:
        item[first] = {"M": dict(item[first]["M"])}
        holder, first = item[first]["M"], names[second]
    if clause == "SET":
        holder[first] = value
    else:
        holder.pop(first, None)


def _check(operation: str, request: Item, item: Item | None) -> None:
    """Raise the error that DynamoDB raises if the condition does not hold."""
    condition = request.get("ConditionExpression")
    values = request.get("ExpressionAttributeValues", {})
    if condition is None or any(_holds(term, item, values) for term in condition.split(" OR ")):
        return
    answer: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "refused"}}
    if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and item is not None:
        answer["Item"] = item
    raise ClientError(answer, operation)


def _holds(term: str, item: Item | None, values: Mapping[str, Any]) -> bool:
    match = _TERM.match(term)
    if match is None:
        raise Unsupported(term)
    function, name, sign, other = match.groups()
    held = (item or {}).get(name)
    if function == "attribute_not_exists":
        return held is None
    if function == "attribute_exists":
        return held is not None
    if function == "size" and sign == "<":
        return held is not None and len(held["BS"]) < int(values[other]["N"])
    if function is None and sign == "=":
        return bool(held == values[other])
    raise Unsupported(term)
