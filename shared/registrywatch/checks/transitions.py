"""Remembers the check's results; reports each change for the worse, and each recovery, once."""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from registrywatch.checks.item import Item
from registrywatch.checks.report import CheckedPlace, event_of
from registrywatch.events import RegistryEvent
from registrywatch.rows import Rows, contended, write

UNKNOWN_SECONDS = 3600.0
"""How long a part may stay unknown before it counts as wrong: a right may be missing."""
MOST_OPENED = 5
"""How many open reports of one item are kept; its recovery closes all of them."""
_MOST_ATTEMPTS = 5
_ROW = "check"


class Opened(msgspec.Struct, frozen=True):
    """One report that an item is wrong; the item's recovery closes it."""

    version: int
    minor: bool


class Seen(msgspec.Struct, frozen=True):
    """What is remembered of one item.

    `version` counts how often it was reported. `opened` are the reports since it was last right, at
    most the last MOST_OPENED. `unknown_since` is the time since which it could not be read.
    """

    standing: Literal["right", "minor", "wrong"] = "right"
    version: int = 0
    opened: tuple[Opened, ...] = ()
    unknown_since: float | None = None


_decode = msgspec.json.Decoder(dict[str, Seen]).decode


class Transitions:
    """Compares items with the remembered ones, all of them in one row.

    `raise_alert` raises the alert of an event, or StoreError. It is called before the new state is
    remembered: a crash in between repeats an alert under the same id instead of losing it.
    `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        rows: Rows,
        place: CheckedPlace,
        raise_alert: Callable[[RegistryEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self._rows = rows
        self._place = place
        self._raise_alert = raise_alert
        self._clock = clock

    def note(self, items: Iterable[Item]) -> None:
        """Report what changed, and remember it. Raises StoreError; it may then be repeated."""
        found = tuple(items)
        for _ in range(_MOST_ATTEMPTS):
            row = self._rows.get(_ROW)
            before = _decode(row.values["items"]) if row else {}
            after = {**before, **{each.name: self._compared(each, before) for each in found}}
            if after == before:
                return
            values = {"items": msgspec.json.encode(after).decode()}
            if write(self._rows, _ROW, values, row):
                return
        raise contended("self-check", _MOST_ATTEMPTS)

    def _compared(self, item: Item, before: dict[str, Seen]) -> Seen:
        seen, now = before.get(item.name, Seen()), self._clock()
        if item.standing == "unknown":
            since = now if seen.unknown_since is None else seen.unknown_since
            seen = msgspec.structs.replace(seen, unknown_since=since)
            if seen.standing != "right":
                return seen
            if item.refused and item.name in before and since == now:
                # It could be read before, so the right was taken away: that is not minor
                return self._wrong(msgspec.structs.replace(item, minor=False), seen)
            return self._wrong(item, seen) if now - since >= UNKNOWN_SECONDS else seen
        seen = msgspec.structs.replace(seen, unknown_since=None)
        if item.standing == "wrong":
            if seen.standing == "right" or (seen.standing == "minor" and not item.minor):
                return self._wrong(item, seen)
            return msgspec.structs.replace(seen, standing="minor" if item.minor else "wrong")
        for opened in seen.opened:
            self._report(item, opened, recovered=True)
        return msgspec.structs.replace(seen, standing="right", opened=())

    def _wrong(self, item: Item, seen: Seen) -> Seen:
        opened = Opened(seen.version + 1, item.minor)
        self._report(item, opened, recovered=False)
        return msgspec.structs.replace(
            seen,
            standing="minor" if item.minor else "wrong",
            version=opened.version,
            opened=(*seen.opened, opened)[-MOST_OPENED:],
        )

    def _report(self, item: Item, opened: Opened, *, recovered: bool) -> None:
        """The event; its key is the same for every check that finds this change of this item."""
        place = self._place
        stem = f"check {place.account} {place.region} {item.name} {opened.version}"
        began = f"{stem} wrong"
        self._raise_alert(
            event_of(
                item,
                place,
                key=f"{stem} right again" if recovered else began,
                began=began,
                minor=opened.minor,
                recovered=recovered,
                time=self._clock(),
            )
        )
