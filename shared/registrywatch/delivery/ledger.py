"""The ledger: what was delivered, claimed, folded or slowed down, shared by all workers.

It needs one thing of a store: small values, read consistently, and written only if no other worker
wrote first. A `Cell` is one entry, decoded.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from registrywatch.errors import StoreError
from registrywatch.rows import Rows

KEEP_SECONDS = 15 * 24 * 3600  # a day longer than the longest stay in a dead-letter queue
MOST_ATTEMPTS = 25  # at one entry; a worker that loses this often hands its message back


class Entry(msgspec.Struct, frozen=True):
    """A value as it was read; `version` names this very state of it."""

    value: bytes
    version: str


class Ledger(Protocol):
    """Small values under short keys of letters and digits; each is kept for KEEP_SECONDS at least.

    A store that does not answer raises StoreError.
    """

    def read(self, key: str) -> Entry | None:
        """The value, strongly consistent."""
        ...

    def write(self, key: str, value: bytes, seen: Entry | None) -> Entry | None:
        """Store `value` if the entry is still as `seen` (None: absent); the new entry if it was.

        A write that was answered with None may still have been this caller's own, repeated by an
        SDK after a lost answer: the caller reads again and finds out.
        """
        ...


class Codec[T](msgspec.Struct, frozen=True):
    """How values of one type are written and read."""

    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]


def json_codec[T](kind: type[T]) -> Codec[T]:
    return Codec(msgspec.json.encode, msgspec.json.Decoder(kind).decode)


def msgpack_codec[T](kind: type[T]) -> Codec[T]:
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
        """Store `value` if the entry is as this cell last read or wrote it. If not: read again."""
        written = self._ledger.write(self._key, self._codec.encode(value), self._seen)
        if written is None:
            return False
        self._seen = written
        return True

    def update(self, change: Callable[[T | None], T]) -> T:
        """Apply `change` to the value as it is, until no other worker writes in between."""
        for _ in range(MOST_ATTEMPTS):
            value = self.read()
            changed = change(value)
            if changed is value or self.swap(changed):
                return changed
        raise contended()


def contended() -> StoreError:
    """What to raise after MOST_ATTEMPTS lost races."""
    return StoreError(f"ledger: {MOST_ATTEMPTS} attempts at one entry, other workers were faster")


class DeliveryStatus(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"fold": "window"}
):
    """How far an alert is on its way to one destination. Absent: nothing is known of it.

    `folding`: on its way into the fold, and counted there if that fold holds it. `sending`: the
    worker `by` is about to POST it, and no other does before `until` (seconds since the epoch).
    `waiting`: it is to be sent alone and could not be yet; it is no longer folded. `delivered`:
    the destination has answered that it took it. `fold` is the fold's id, in whatever state.
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


def digest(*parts: str, size: int = 16) -> bytes:
    """A short name for `parts`, of letters and digits once it is in hex."""
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=size).digest()


class MemoryLedger:
    """The ledger in memory: the reference, and what one process needs."""

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
    """The ledger over rows, in whatever store these are: one row an entry, the value in `b`."""

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
