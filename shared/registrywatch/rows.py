"""Small rows that several workers share: created once, changed by compare-and-swap.

Both clouds have such rows (`registrywatch.aws.table`, `registrywatch.azure.table`); `MemoryRows` is
the reference for tests, and enough for a single process.
"""

import itertools
import threading
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from registrywatch.digests import blake2b
from registrywatch.errors import StoreError

Value = str | int | float | bytes


class Row(msgspec.Struct, frozen=True):
    """A row's values, and the etag of this version of them."""

    values: Mapping[str, Any]
    etag: str


class Rows(Protocol):
    """The rows of one kind, by name. A store that does not answer raises StoreError.

    `until` is the time from which a row may be deleted, in seconds since the epoch; None: never.
    After a write that returns None, the row may still hold the caller's own values: an SDK repeats
    a write whose answer was lost. The caller must read the row again.
    """

    def get(self, name: str) -> Row | None:
        """The row of that name, strongly consistent."""
        ...

    def create(
        self, name: str, values: Mapping[str, Value], until: float | None = None
    ) -> str | None:
        """Create the row and return its etag; None if it exists already."""
        ...

    def replace(
        self, name: str, values: Mapping[str, Value], etag: str, until: float | None = None
    ) -> str | None:
        """Replace the row and return its new etag; None if it has changed or is gone."""
        ...

    def put(self, name: str, values: Mapping[str, Value], until: float | None = None) -> None:
        """Create or overwrite the row."""
        ...


def write(
    rows: Rows,
    name: str,
    values: Mapping[str, Value],
    seen: Row | None,
    until: float | None = None,
) -> bool:
    """Create the row, or replace it as it was `seen`. False if another worker wrote first."""
    if seen is None:
        return rows.create(name, values, until) is not None
    return rows.replace(name, values, seen.etag, until) is not None


def contended(what: str, attempts: int) -> StoreError:
    """The error after so many writes of which another worker's was always first."""
    return StoreError(f"{what}: other workers wrote first in {attempts} attempts")


class MemoryRows:
    """Rows in the memory of this process. Tests read `rows` and `until`."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.until: dict[str, float] = {}
        self._etags = itertools.count(1)
        self._lock = threading.Lock()

    def get(self, name: str) -> Row | None:
        with self._lock:
            return self.rows.get(name)

    def create(
        self, name: str, values: Mapping[str, Value], until: float | None = None
    ) -> str | None:
        with self._lock:
            return None if name in self.rows else self._write(name, values, until)

    def replace(
        self, name: str, values: Mapping[str, Value], etag: str, until: float | None = None
    ) -> str | None:
        with self._lock:
            row = self.rows.get(name)
            if row is None or row.etag != etag:
                return None
            return self._write(name, values, until)

    def put(self, name: str, values: Mapping[str, Value], until: float | None = None) -> None:
        with self._lock:
            self._write(name, values, until)

    def sweep(self, now: float) -> int:
        """Delete the rows that have expired by `now`; returns how many."""
        with self._lock:
            due = [name for name, until in self.until.items() if until < now]
            for name in due:
                del self.rows[name], self.until[name]
        return len(due)

    def _write(self, name: str, values: Mapping[str, Value], until: float | None) -> str:
        self.until.pop(name, None)
        if until is not None:
            self.until[name] = until
        self.rows[name] = Row(dict(values), str(next(self._etags)))
        return self.rows[name].etag


def row_key(name: str) -> str:
    """A name of any kind as a key that every table accepts.

    Short names of ASCII letters and digits are unchanged. Others become a digest of 40 hexadecimal
    digits: names from events have any length and contain what tables refuse in keys (`/`, `#`,
    quotes).
    """
    if len(name) < 40 and name.isascii() and name.isalnum():
        return name
    text = name.encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=20).hexdigest()
