"""One table of Azure Table Storage: entities by partition and row key, changed by compare-and-swap.

`x` in an entity is the time after which it may be deleted. The service has no time to live, so a
timer calls `sweep`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from registrywatch.azure.clients import store_errors
from registrywatch.errors import Conflict, NotFound
from registrywatch.rows import Row, Value, row_key

if TYPE_CHECKING:
    from azure.data.tables import TableClient

Entity = Mapping[str, Any]
_OWN = {"PartitionKey", "RowKey", "Timestamp", "x"}


class Table:
    """The table of a client of azure-data-tables. May be shared by threads, as the client may.

    Every method raises StoreError if the service fails; `until` is in seconds since the epoch.
    """

    def __init__(self, client: "TableClient") -> None:
        self._client = client

    @property
    def name(self) -> str:
        return self._client.table_name

    def get(self, partition: str, row: str) -> Row | None:
        """The entity's values without keys and `x`; None if there is none."""
        try:
            with store_errors(f"table {self.name}"):
                entity = self._client.get_entity(partition, row)
        except NotFound:
            return None
        values = {name: value for name, value in entity.items() if name not in _OWN}
        return Row(values, str(entity.metadata["etag"]))

    def create(
        self, partition: str, row: str, values: Entity, until: float | None = None
    ) -> str | None:
        """Create the entity and return its etag; None if it exists already."""
        try:
            with store_errors(f"table {self.name}"):
                written = self._client.create_entity(entity(partition, row, values, until))
        except Conflict:
            return None
        return str(written["etag"])

    def replace(
        self, partition: str, row: str, values: Entity, etag: str, until: float | None = None
    ) -> str | None:
        """Replace the entity and return its etag; None if it has changed or is gone."""
        from azure.core import MatchConditions
        from azure.data.tables import UpdateMode

        try:
            with store_errors(f"table {self.name}"):
                written = self._client.update_entity(
                    entity(partition, row, values, until),
                    mode=UpdateMode.REPLACE,
                    etag=etag,
                    match_condition=MatchConditions.IfNotModified,
                )
        except (Conflict, NotFound):
            return None
        return str(written["etag"])

    def put(self, partition: str, row: str, values: Entity, until: float | None = None) -> None:
        """Create or overwrite the entity."""
        from azure.data.tables import UpdateMode

        with store_errors(f"table {self.name}"):
            self._client.upsert_entity(
                entity(partition, row, values, until), mode=UpdateMode.REPLACE
            )

    def query(
        self, where: str, parameters: Mapping[str, Any], select: Sequence[str]
    ) -> Iterator[Any]:
        """The entities that a filter finds, as the SDK gives them."""
        with store_errors(f"table {self.name}"):
            yield from self._client.query_entities(
                where, parameters=dict(parameters), select=list(select)
            )

    def upsert_once(self, entities: Sequence[Entity]) -> None:
        """Write entities of one partition in one transaction, without repeating the call.

        After StoreError the write may still take effect later.
        """
        from azure.data.tables import UpdateMode

        mode = {"mode": UpdateMode.REPLACE}
        with store_errors(f"table {self.name}"):
            self._client.submit_transaction(
                [("upsert", dict(each), mode) for each in entities], retry_total=0
            )

    def sweep(self, now: float) -> int:
        """Delete the entities that have expired by `now`; returns how many it deleted.

        An entity that is written at the same time stays: only unmodified ones are deleted.
        """
        from azure.core import MatchConditions

        gone = 0
        due = self.query(
            "x lt @now", {"now": datetime.fromtimestamp(now, UTC)}, ("PartitionKey", "RowKey")
        )
        for found in due:
            with suppress(Conflict, NotFound), store_errors(f"table {self.name}"):
                self._client.delete_entity(
                    found,
                    etag=found.metadata["etag"],
                    match_condition=MatchConditions.IfNotModified,
                )
                gone += 1
        return gone


class TableRows:
    """Rows of one kind (see `registrywatch.rows.Rows`), each in its own partition."""

    def __init__(self, table: Table, kind: str) -> None:
        self._table = table
        self._kind = kind

    def get(self, name: str) -> Row | None:
        return self._table.get(row_key(name), self._kind)

    def create(
        self, name: str, values: Mapping[str, Value], until: float | None = None
    ) -> str | None:
        return self._table.create(row_key(name), self._kind, values, until)

    def replace(
        self, name: str, values: Mapping[str, Value], etag: str, until: float | None = None
    ) -> str | None:
        return self._table.replace(row_key(name), self._kind, values, etag, until)

    def put(self, name: str, values: Mapping[str, Value], until: float | None = None) -> None:
        self._table.put(row_key(name), self._kind, values, until)


def entity(partition: str, row: str, values: Entity, until: float | None) -> dict[str, Any]:
    """An entity in the SDK's form."""
    kept = {} if until is None else {"x": datetime.fromtimestamp(until, UTC)}
    return {"PartitionKey": partition, "RowKey": row, **values, **kept}
