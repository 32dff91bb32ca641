"""Windows in Azure Table Storage: a partition for each group, with rows by step and writer.

    (group, s<step>-<writer>)  h, h1, h2  the sightings that this writer has seen in the step, 8
                               bytes each, 8,192 to a property (which may hold 64 KiB)
    (group, c)                 q  what is quiet, packed; p0, p1, …  alerts not yet known to be
                               handed over: id, a zero byte, body
    x in every row: the time after which it may be deleted; the service has no time to live

Table Storage can't add to a set, so no two writers share a row: a writer keeps the row's sightings
in memory and replaces the whole row. That is safe as long as no older write can arrive after a
newer one. So a row is written by one call at a time. After a failed call, whose write may still
arrive, the row is not written again: the next write uses a new row. The SDK repeats no write.

All steps of a group in a batch are one entity group transaction, and a read is one query: two
transactions for each group and batch, in whatever order events arrive.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from threading import Lock
from typing import Any

import msgspec

from registrywatch.azure.packing import packed, packed_quiet, unpacked, unpacked_quiet
from registrywatch.azure.table import Table, entity
from registrywatch.errors import StoreError
from registrywatch.windows.claims import Claim
from registrywatch.windows.meaning import Quiet, Window, missing

CLAIM = "c"

_PAUSES = (0.2, 1.0)
"""Seconds between attempts to write sightings; each attempt writes new rows."""

_PROPERTIES = ("h", "h1", "h2")
_SIGHTINGS_A_PROPERTY = 8192
_ROWS_A_TRANSACTION = 100
_SIGHTINGS_A_TRANSACTION = 200_000
"""The service's limits are 100 rows and 4 MiB; a sighting takes 11 bytes in a request."""


class _Row(msgspec.Struct, frozen=True):
    """A row of this writer: its key, and the sightings that are certainly in it."""

    key: str
    sightings: frozenset[int] = frozenset()


class TableStore:
    """A `Store` over a table. May be shared by threads, as its client may.

    Keeps up to about `most_sightings` of what it has written in memory. A row that it has forgotten
    stays as it is, and the next write uses a new row.
    """

    def __init__(
        self,
        table: Table,
        *,
        most_sightings: int = 200_000,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._table = table
        self._most_sightings = most_sightings
        self._sleep = sleep
        self._rows: OrderedDict[tuple[str, int], _Row] = OrderedDict()
        self._held = 0
        self._lock = Lock()

    def add(
        self, group: str, window: Window, steps: Mapping[int, Collection[int]], until: int | None
    ) -> Mapping[int, AbstractSet[int]]:
        stored = {step: self._take(group, step) for step in steps}
        news = {
            step: _Row(stored[step].key, stored[step].sightings.union(new))
            for step, hashes in steps.items()
            if (new := missing(stored[step].sightings, hashes, window.cap))
        }
        for pause in (*_PAUSES, None):
            try:
                self._write(group, news.values(), until)
                break
            except StoreError:
                if pause is None:
                    raise
                self._sleep(pause)  # the write may still take effect: continue with a new row
                news = {step: _Row(_new_key(step), row.sightings) for step, row in news.items()}
        stored |= news
        self._give_back(group, stored)
        return {step: row.sightings for step, row in stored.items()}

    def read(self, group: str, first: int, last: int) -> Mapping[int, AbstractSet[int]]:
        sets: dict[int, set[int]] = {}
        found = self._table.query(
            "PartitionKey eq @group and RowKey ge @first and RowKey lt @end",
            {"group": group, "first": _prefix(first), "end": _prefix(last + 1)},
            ("RowKey", *_PROPERTIES),
        )
        for row in found:
            step = int(row["RowKey"][1:].partition("-")[0])
            seen = sets.setdefault(step, set())
            for name in _PROPERTIES:
                seen.update(unpacked(row.get(name) or b""))
        return sets

    def claim(self, group: str) -> Claim:
        row = self._table.get(group, CLAIM)
        if row is None:
            return Claim()
        pending = (body.split(b"\x00", 1) for name, body in row.values.items() if _is_pending(name))
        return Claim(
            row.etag,
            unpacked_quiet(row.values["q"]),
            {alert.decode(): body for alert, body in pending},
        )

    def swap(
        self, group: str, seen: Claim, quiet: Quiet, raised: Mapping[str, bytes], until: int | None
    ) -> Claim:
        wanted = Claim(seen.version, quiet, {**seen.pending, **raised})
        return self._replace(group, wanted, until) or self.claim(group)

    def settle(self, group: str, claim: Claim, until: int | None) -> Claim:
        now = claim
        while not now.pending.keys().isdisjoint(claim.pending):
            left = {alert: now.pending[alert] for alert in now.pending.keys() - claim.pending}
            wanted = Claim(now.version, now.quiet, left)
            now = self._replace(group, wanted, until) or self.claim(group)
        return now

    def _replace(self, group: str, wanted: Claim, until: int | None) -> Claim | None:
        """Write the claim if the row still has its version; None if not."""
        values: dict[str, Any] = {"q": packed_quiet(wanted.quiet)}
        for number, (alert, body) in enumerate(wanted.pending.items()):
            values[f"p{number}"] = alert.encode() + b"\x00" + body
        if wanted.version is None:
            etag = self._table.create(group, CLAIM, values, until)
        else:
            etag = self._table.replace(group, CLAIM, values, str(wanted.version), until)
        return None if etag is None else Claim(etag, wanted.quiet, wanted.pending)

    def _take(self, group: str, step: int) -> _Row:
        """A row of the step, for one call alone until it is given back."""
        with self._lock:
            row = self._rows.pop((group, step), None)
            if row is not None:
                self._held -= _weight(row)
        return row or _Row(_new_key(step))

    def _give_back(self, group: str, rows: Mapping[int, _Row]) -> None:
        with self._lock:
            for step, row in rows.items():
                other = self._rows.pop((group, step), None)
                if other is not None:
                    self._held -= _weight(other)
                self._rows[group, step] = row
                self._held += _weight(row)
            while self._held > self._most_sightings:
                self._held -= _weight(self._rows.popitem(last=False)[1])

    def _write(self, group: str, rows: Collection[_Row], until: int | None) -> None:
        for some in _transactions(rows):
            self._table.upsert_once(
                [entity(group, row.key, _properties(row.sightings), until) for row in some]
            )


def _transactions(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    some: list[_Row] = []
    weight = 0
    for row in rows:
        weight += len(row.sightings)
        if some and (len(some) == _ROWS_A_TRANSACTION or weight > _SIGHTINGS_A_TRANSACTION):
            yield some
            some, weight = [], len(row.sightings)
        some.append(row)
    if some:
        yield some


def _prefix(step: int) -> str:
    return f"s{step:011d}"


def _new_key(step: int) -> str:
    return f"{_prefix(step)}-{secrets.token_hex(8)}"


def _properties(sightings: Collection[int]) -> dict[str, bytes]:
    data = packed(sightings)
    size = _SIGHTINGS_A_PROPERTY * 8
    parts = (data[start : start + size] for start in range(0, len(data), size))
    return dict(zip(_PROPERTIES, parts, strict=False))


def _is_pending(name: str) -> bool:
    return name[0] == "p" and name[1:].isdecimal()


def _weight(row: _Row) -> int:
    # an entry costs about as much memory as four sightings, even an empty one
    return 4 + len(row.sightings)
