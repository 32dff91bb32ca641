"""The ledger: the state of delivery that all workers share: statuses, folds, turns, health.

It needs one thing from a store: small values that are read consistently and written only if no
other worker wrote first. A `Cell` is one entry, decoded.
"""

import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from registrywatch.digests import digest
from registrywatch.errors import StoreError
from registrywatch.rows import Rows

KEEP_SECONDS = 15 * 24 * 3600  # a day longer than the longest stay in a dead-letter queue
MOST_ATTEMPTS = 25  # at one entry; a worker that loses this often returns its message to the queue


class Entry(msgspec.Struct, frozen=True):
    """A value as it was read; `version` identifies this state of it."""

    value: bytes
    version: str


class Ledger(Protocol):
    """Small values under short keys of letters and digits, each kept for at least KEEP_SECONDS.

    A store that does not answer raises StoreError.
    """

    def read(self, key: str) -> Entry | None:
        """The value, strongly consistent."""
        ...

    def write(self, key: str, value: bytes, seen: Entry | None) -> Entry | None:
        """Store `value` if the entry is still as `seen` (None: absent); the new entry if it was.

        After None, the entry may still hold this caller's own value: an SDK repeats a write whose
        answer was lost. The caller must read again.
        """
        ...


class Codec[T](msgspec.Struct, frozen=True):
    """How values of one type are written and read."""

    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]


def json_codec[T](kind: type[T]) -> Codec[T]:
    """Values of `kind` as JSON, which a person can read in the store."""
    return Codec(msgspec.json.encode, msgspec.json.Decoder(kind).decode)


def msgpack_codec[T](kind: type[T]) -> Codec[T]:
    """Values of `kind` as MessagePack, which holds bytes as they are."""
    return Codec(msgspec.msgpack.encode, msgspec.msgpack.Decoder(kind).decode)


class Cell[T]:
    """One entry of the ledger, decoded, and changed by compare-and-swap. Raises StoreError."""

    def __init__(self, ledger: Ledger, key: str, codec: Codec[T]) -> None:
        self._ledger = ledger
        self._key = key
        self._codec = codec
        self._seen: Entry | None = None

    def read(self) -> T | None:
        """The value now; None if there is none."""
        self._seen = self._ledger.read(self._key)
        return self._codec.decode(self._seen.value) if self._seen else None

    def swap(self, value: T) -> bool:
        """Store `value` if the entry is as this cell last saw it. If False: read again."""
        written = self._ledger.write(self._key, self._codec.encode(value), self._seen)
        if written is None:
            return False
        self._seen = written
        return True

    def update(self, change: Callable[[T | None], T]) -> T:
        """Apply `change` to the present value; again if another worker writes in between."""
        for _ in range(MOST_ATTEMPTS):
            value = self.read()
            changed = change(value)
            if changed is value or self.swap(changed):
                return changed
        raise contended()


def contended() -> StoreError:
    """The error after MOST_ATTEMPTS lost races."""
    return StoreError(f"ledger: other workers wrote first in {MOST_ATTEMPTS} attempts at one entry")


class DeliveryStatus(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"fold": "window"}
):
    """How far an alert is on its way to one destination. Absent: nothing is known of it.

    `folding`: it is being put into the fold, and is counted there if the fold holds it. `sending`:
    the worker `by` is about to POST it, and no other does before `until` (seconds since the epoch).
    `waiting`: it is to be sent alone but could not be yet; it is no longer folded. `delivered`: the
    destination has accepted it. `fold` is the fold's id, in every state.
    """

    state: Literal["folding", "sending", "waiting", "delivered"]
    fold: str = ""
    by: str = ""
    until: float = 0

    @property
    def alone(self) -> bool:
        """Whether it was decided to send the alert alone."""
        return self.state in ("sending", "waiting")


_STATUS = json_codec(DeliveryStatus)


def status_cell(ledger: Ledger, alert: str, destination: str) -> Cell[DeliveryStatus]:
    """The entry on the alert of that id at the destination of that name."""
    return Cell(ledger, "m" + digest(alert, destination).hex(), _STATUS)


class MemoryLedger:
    """The ledger in memory: the reference for tests, and enough for a single process."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._lock = threading.Lock()
        self._writes = 0

    def read(self, key: str) -> Entry | None:
        with self._lock:
            return self._entries.get(key)

    def write(self, key: str, value: bytes, seen: Entry | None) -> Entry | None:
        with self._lock:
            now = self._entries.get(key)
            if (now and now.version) != (seen and seen.version):
                return None
            self._writes += 1
            self._entries[key] = Entry(value, str(self._writes))
            return self._entries[key]


class RowLedger:
    """The ledger over the rows of any store: one row for each entry, the value in `b`."""

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
