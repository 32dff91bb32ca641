"""Rows of a table that several workers share: made once, changed by compare-and-swap.

Keys are digests: names from events hold what Table Storage refuses in keys (`/`, `#`, quotes).
"""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from registrywatch.errors import StoreError

if TYPE_CHECKING:
    from azure.data.tables import TableClient

Value = str | int | float


class Row(msgspec.Struct, frozen=True):
    """A row's values, and the etag that stands for exactly these."""

    values: Mapping[str, Value]
    etag: str


class Rows:
    """The rows of one kind: a partition of their own."""

    def __init__(self, table: "TableClient", kind: str) -> None:
        self._table = table
        self._kind = kind

    def get(self, name: str) -> Row | None:
        """The row of that name. Raises StoreError."""
        from azure.core.exceptions import ResourceNotFoundError

        with self._told_as_store_error():
            try:
                entity = self._table.get_entity(self._kind, row_key(name))
            except ResourceNotFoundError:
                return None
        values = {key: value for key, value in entity.items() if key not in _KEYS}
        return Row(values, str(entity.metadata["etag"]))

    def create(self, name: str, values: Mapping[str, Value]) -> bool:
        """Makes the row; False if there is one already. Raises StoreError."""
        from azure.core.exceptions import ResourceExistsError

        with self._told_as_store_error():
            try:
                self._table.create_entity(self._entity(name, values))
            except ResourceExistsError:
                return False
        return True

    def replace(self, name: str, values: Mapping[str, Value], etag: str) -> bool:
        """Replaces the row; False if it is not as it was (or gone). Raises StoreError."""
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
        from azure.data.tables import UpdateMode

        with self._told_as_store_error():
            try:
                self._table.update_entity(
                    self._entity(name, values),
                    mode=UpdateMode.REPLACE,
                    etag=etag,
                    match_condition=MatchConditions.IfNotModified,
                )
            except (ResourceModifiedError, ResourceNotFoundError):
                return False
        return True

    def put(self, name: str, values: Mapping[str, Value]) -> None:
        """Makes or overwrites the row, whoever wrote it last. Raises StoreError."""
        from azure.data.tables import UpdateMode

        with self._told_as_store_error():
            self._table.upsert_entity(self._entity(name, values), mode=UpdateMode.REPLACE)

    def sweep(self, before: float) -> int:
        """Deletes rows whose `until` (seconds since the epoch) has passed; returns how many."""
        from azure.core.exceptions import ResourceNotFoundError

        gone = 0
        with self._told_as_store_error():
            old = self._table.query_entities(
                "PartitionKey eq @kind and until lt @before",
                parameters={"kind": self._kind, "before": float(before)},
                select=["PartitionKey", "RowKey"],
            )
            for entity in old:
                with contextlib.suppress(ResourceNotFoundError):  # another worker was faster
                    self._table.delete_entity(entity)
                gone += 1
        return gone

    def _entity(self, name: str, values: Mapping[str, Value]) -> dict[str, Value]:
        return {"PartitionKey": self._kind, "RowKey": row_key(name), **values}

    @contextlib.contextmanager
    def _told_as_store_error(self) -> Iterator[None]:
        from azure.core.exceptions import AzureError

        try:
            yield
        except AzureError as error:
            raise StoreError(
                f"table {self._table.table_name}, rows {self._kind}: {type(error).__name__}"
            ) from error


_KEYS = {"PartitionKey", "RowKey", "Timestamp"}


def row_key(name: str) -> str:
    """A name of any kind as a RowKey."""
    text = name.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=20).hexdigest()
