"""The ledger in Azure Table Storage.

Entities: PartitionKey the key, RowKey "delivery", `b` the value (binary, 64 KiB at most), `x` the
second since the epoch after which it may go. The version is the ETag. Table Storage has no time to
live: a timer calls `sweep`.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from registrywatch.delivery.ledger import KEEP_SECONDS, Entry
from registrywatch.errors import StoreError

if TYPE_CHECKING:
    from azure.data.tables import TableClient

ROW = "delivery"


class TableLedger:
    """The ledger in the table of `table`, a client of azure-data-tables."""

    def __init__(self, table: "TableClient", clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def read(self, key: str) -> Entry | None:
        from azure.core.exceptions import AzureError, ResourceNotFoundError

        try:
            entity = self._table.get_entity(key, ROW)
        except ResourceNotFoundError:
            return None
        except AzureError as error:
            raise StoreError(f"table: an entry can't be read: {error}") from error
        return Entry(bytes(entity["b"]), str(entity.metadata["etag"]))

    def write(self, key: str, value: bytes, seen: Entry | None) -> Entry | None:
        from azure.core import MatchConditions
        from azure.core.exceptions import (
            AzureError,
            ResourceExistsError,
            ResourceModifiedError,
            ResourceNotFoundError,
        )
        from azure.data.tables import EdmType, UpdateMode

        entity: dict[str, Any] = {
            "PartitionKey": key,
            "RowKey": ROW,
            "b": value,
            "x": (int(self._clock()) + KEEP_SECONDS, EdmType.INT64),
        }
        try:
            if seen is None:
                written = self._table.create_entity(entity)
            else:
                written = self._table.update_entity(
                    entity,
                    mode=UpdateMode.REPLACE,
                    etag=seen.version,
                    match_condition=MatchConditions.IfNotModified,
                )
        except (ResourceExistsError, ResourceModifiedError):
            return None
        except ResourceNotFoundError as error:
            if seen is None:
                raise StoreError(f"table: it is not there: {error}") from error
            return None  # swept meanwhile
        except AzureError as error:
            raise StoreError(f"table: an entry can't be written: {error}") from error
        return Entry(value, str(written["etag"]))

    def sweep(self, now: float) -> int:
        """Delete what has expired by `now`, seconds since the epoch; how many entries that were.

        An entry that is written at the same time stays: it may hold alerts again.
        """
        from azure.core import MatchConditions
        from azure.core.exceptions import (
            AzureError,
            ResourceModifiedError,
            ResourceNotFoundError,
        )

        expired = f"RowKey eq '{ROW}' and x lt {int(now)}L"
        gone = 0
        try:
            for entity in self._table.query_entities(expired, select=["PartitionKey", "RowKey"]):
                with suppress(ResourceModifiedError, ResourceNotFoundError):
                    self._table.delete_entity(
                        entity,
                        etag=entity.metadata["etag"],
                        match_condition=MatchConditions.IfNotModified,
                    )
                    gone += 1
        except AzureError as error:
            raise StoreError(f"table: expired entries can't be deleted: {error}") from error
        return gone
