"""Windows in DynamoDB: one table, with an item for each step and one claim item for each group.

Table: partition key `g` (string, the group), sort key `s` (number), time to live `x`.

    (g, step)   h  binary set: the step's sightings, 8 bytes each
    (g, 0)      v  version, q  what is quiet as a flat list of numbers (low, high, low, high, …),
                p  map: alert id -> body, of alerts not yet known to be handed over

A step's set is capped by a condition, so the item stays small in any storm. A refused write is not
an error, because a full step crosses on its own. A claim item is always updated, never put: a put
would drop the pending alerts of others.
"""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet

from registrywatch.aws.table import Item, Table
from registrywatch.errors import Conflict
from registrywatch.windows.claims import Claim
from registrywatch.windows.meaning import Quiet, Window

CLAIM = 0
"""The sort key of the claim item. Step 0 is in 1970; no retention reaches back that far."""


class DynamoStore:
    """A `Store` over a table. May be shared by threads."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(
        self, group: str, window: Window, steps: Mapping[int, Collection[int]], until: int | None
    ) -> Mapping[int, AbstractSet[int]]:
        return {
            step: self._add(group, window, step, hashes, until) for step, hashes in steps.items()
        }

    def read(self, group: str, first: int, last: int) -> Mapping[int, AbstractSet[int]]:
        request: Item = {
            "ConsistentRead": True,
            "KeyConditionExpression": "g = :g AND s BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":g": {"S": group},
                ":first": _number(first),
                ":last": _number(last),
            },
        }
        sets: dict[int, AbstractSet[int]] = {}
        while True:
            page = self._call("query", request)
            sets |= {int(item["s"]["N"]): _sightings(item) for item in page["Items"] if "h" in item}
            if "LastEvaluatedKey" not in page:
                return sets
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def claim(self, group: str) -> Claim:
        request = {"Key": _key(group, CLAIM), "ConsistentRead": True}
        return _claim(self._call("get_item", request).get("Item"))

    def swap(
        self, group: str, seen: Claim, quiet: Quiet, raised: Mapping[str, bytes], until: int | None
    ) -> Claim:
        bodies = {alert: {"B": body} for alert, body in raised.items()}
        sets = ["q = :q", "v = :next"]
        names: dict[str, str] = {}
        values: Item = {":q": {"L": [_number(n) for pair in quiet.intervals for n in pair]}}
        if seen.version is None:
            condition = "attribute_not_exists(v)"
            sets.append("p = :bodies")
            values |= {":next": _number(1), ":bodies": {"M": bodies}}
        else:
            condition = "v = :seen"
            values |= {":next": _number(int(seen.version) + 1), ":seen": _number(seen.version)}
            for n, (alert, body) in enumerate(bodies.items()):
                sets.append(f"p.#p{n} = :p{n}")
                names[f"#p{n}"] = alert
                values[f":p{n}"] = body
        request = {
            "Key": _key(group, CLAIM),
            "UpdateExpression": "SET " + ", ".join([*sets, *_keep_until(until, values)]),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if names:
            request["ExpressionAttributeNames"] = names
        return _claim(self._call("update_item", request).get("Attributes"))

    def settle(self, group: str, claim: Claim, until: int | None) -> Claim:
        names = {f"#p{n}": alert for n, alert in enumerate(claim.pending)}
        values: Item = {}
        keep = "".join(f" SET {x}" for x in _keep_until(until, values))
        request: Item = {
            "Key": _key(group, CLAIM),
            "UpdateExpression": "REMOVE " + ", ".join(f"p.{name}" for name in names) + keep,
            # otherwise a claim that has expired would be created again without what is quiet
            "ConditionExpression": "attribute_exists(v)",
            "ExpressionAttributeNames": names,
        }
        if values:
            request["ExpressionAttributeValues"] = values
        self._call("update_item", request)
        return Claim(claim.version, claim.quiet)

    def _add(
        self, group: str, window: Window, step: int, hashes: Collection[int], until: int | None
    ) -> AbstractSet[int]:
        values: Item = {
            ":h": {"BS": [sighting.to_bytes(8) for sighting in hashes]},
            ":full": _number(window.cap),
        }
        keep = "".join(f" SET {x}" for x in _keep_until(until, values))
        request = {
            "Key": _key(group, step),
            "UpdateExpression": "ADD h :h" + keep,
            "ConditionExpression": "attribute_not_exists(h) OR size(h) < :full",
            "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return _sightings(self._call("update_item", request)["Attributes"])

    def _call(self, operation: str, request: Item) -> Item:
        """The answer. If a condition did not hold, the present item as `Attributes`."""
        try:
            return self._table.call(operation, request)
        except Conflict as conflict:
            return {} if conflict.item is None else {"Attributes": conflict.item}


def _key(group: str, sort: int) -> Item:
    return {"g": {"S": group}, "s": _number(sort)}


def _number(value: float | str) -> dict[str, str]:
    return {"N": str(value)}


def _keep_until(until: int | None, values: Item) -> list[str]:
    if until is None:
        return []
    values[":x"] = _number(until)
    return ["x = :x"]


def _sightings(item: Item) -> AbstractSet[int]:
    return frozenset(map(int.from_bytes, item["h"]["BS"]))


def _claim(item: Item | None) -> Claim:
    if item is None:
        return Claim()
    numbers = [int(number["N"]) for number in item["q"]["L"]]
    return Claim(
        int(item["v"]["N"]),
        Quiet(tuple(zip(numbers[::2], numbers[1::2], strict=True))),
        {alert: body["B"] for alert, body in item["p"]["M"].items()},
    )
