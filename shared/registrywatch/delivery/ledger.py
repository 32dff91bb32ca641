"""The ledger: what was delivered, claimed or folded, remembered where all workers see it.

It needs one thing of a store: small values, read consistently, written only if nobody else was
faster. What the values mean is said by `marks` and `folding`.
"""

import threading
from typing import Protocol

import msgspec

KEEP_SECONDS = 15 * 24 * 3600  # a day longer than the longest stay in a dead-letter queue


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

        A write that was answered with None may yet have been this caller's own, repeated by an SDK
        after a lost answer: the caller reads again and finds out.
        """
        ...


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
