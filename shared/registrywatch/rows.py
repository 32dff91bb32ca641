"""Small rows that several workers share: created once, changed by compare-and-swap.

Both clouds keep such rows (`registrywatch.aws.table`, `registrywatch.azure.table`); `MemoryRows`
is the reference and what one process needs.
"""

import hashlib
import itertools
import threading
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

Value = str | int | float | bytes


class Row(msgspec.Struct, frozen=True):
    """A row's values, and the etag that stands for exactly these."""

    values: Mapping[str, Any]
    etag: str


class Rows(Protocol):
    """The rows of one kind, by name. A store that does not answer raises StoreError.

    `until` is when a row may go, in seconds since the epoch; None: never. A write that was answered
    with None may still have been the caller's own, repeated by an SDK after a lost answer: the
    caller reads again and finds out.
    """

    def get(self, name: str) -> Row | None:
        """The row of that name, strongly consistent."""
        ...

    def create(
        self, name: str, values: Mapping[str, Value], until: float | None = None
    ) -> str | None:
        """Creates the row and returns its etag; None if there is one already."""
        ...

    def replace(
        self, name: str, values: Mapping[str, Value], etag: str, until: float | None = None
    ) -> str | None:
        """Replaces the row and returns its new etag; None if it changed since, or is gone."""
        ...

    def put(self, name: str, values: Mapping[str, Value], until: float | None = None) -> None:
        """Creates or overwrites the row, whatever is in it."""
        ...


class MemoryRows:
    """Rows in this process. `rows` and `until` are for tests to look at."""

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
        """Deletes the rows that may go by `now`; returns how many."""
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
    """A name of any kind as a key that every table takes.

    Short names of letters and digits stay as they are; others become a digest of 40 digits, for
    names from events hold what tables refuse in keys (`/`, `#`, quotes) and have any length.
    """
    if len(name) < 40 and name.isascii() and name.isalnum():
        return name
    text = name.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=20).hexdigest()
