"""The ledger over rows, in whatever store these are: one row an entry, the value in `b`."""

import time
from collections.abc import Callable

from registrywatch.delivery.ledger import KEEP_SECONDS, Entry
from registrywatch.rows import Rows


class RowLedger:
    """See `registrywatch.delivery.ledger.Ledger`. `clock` gives seconds since the epoch."""

    def __init__(self, rows: Rows, clock: Callable[[], float] = time.time) -> None:
        self._rows = rows
        self._clock = clock

    def read(self, key: str) -> Entry | None:
        row = self._rows.get(key)
        return None if row is None else Entry(bytes(row.values["b"]), row.etag)

    def write(self, key: str, value: bytes, seen: Entry | None) -> Entry | None:
        values, until = {"b": value}, self._clock() + KEEP_SECONDS
        if seen is None:
            etag = self._rows.create(key, values, until)
        else:
            etag = self._rows.replace(key, values, seen.version, until)
        return None if etag is None else Entry(value, etag)
