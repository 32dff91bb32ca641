"""Remembers what the check found; reports each change for the worse, and each recovery, once."""

from collections.abc import Callable, Iterable

import msgspec

from registrywatch.checks.item import Item
from registrywatch.errors import StoreError
from registrywatch.events import Actor, CheckChanged, Cloud, RegistryEvent
from registrywatch.rows import Rows

ACTOR = Actor(id="registrywatch", name="The self-check", type="SelfCheck")
UNKNOWN_SECONDS = 3600.0
"""How long a part may stay unknown before it counts as wrong: a right may be missing."""
_MOST_ATTEMPTS = 5
_ROW = "check"


class Place(msgspec.Struct, frozen=True):
    """Which deployment is checked: account (or subscription) and region."""

    cloud: Cloud
    account: str | None
    region: str | None


class Seen(msgspec.Struct, frozen=True):
    """What is remembered of one item.

    `version` counts how often it went wrong, `unknown_since` is when it could no longer be read.
    """

    wrong: bool = False
    version: int = 0
    unknown_since: float | None = None


_decode = msgspec.json.Decoder(dict[str, Seen]).decode


class Transitions:
    """Compares items with the remembered ones, all of them in one row.

    `tell` takes an event and raises its alert; it may raise StoreError. It is called before the new
    state is remembered, so that a crash between the two repeats an alert under the same id instead
    of losing it. `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        rows: Rows,
        place: Place,
        tell: Callable[[RegistryEvent], None],
        clock: Callable[[], float],
    ) -> None:
        self._rows = rows
        self._place = place
        self._tell = tell
        self._clock = clock

    def note(self, items: Iterable[Item]) -> None:
        """Reports what changed, and remembers it. Raises StoreError: to be called again then."""
        found = tuple(items)
        for _ in range(_MOST_ATTEMPTS):
            row = self._rows.get(_ROW)
            before = _decode(row.values["items"]) if row else {}
            after = {**before, **{each.name: self._compared(each, before) for each in found}}
            if after == before:
                return
            values = {"items": msgspec.json.encode(after).decode()}
            if row is None:
                written = self._rows.create(_ROW, values)
            else:
                written = self._rows.replace(_ROW, values, row.etag)
            if written is not None:
                return
        raise StoreError("the self-check's memory: other checks change it again and again")

    def _compared(self, item: Item, before: dict[str, Seen]) -> Seen:
        seen, now = before.get(item.name, Seen()), self._clock()
        if item.standing == "unknown":
            since = now if seen.unknown_since is None else seen.unknown_since
            if now - since < UNKNOWN_SECONDS:
                return msgspec.structs.replace(seen, unknown_since=since)
            return self._wrong(item, seen, since)
        if item.standing == "wrong":
            return self._wrong(item, seen, None)
        if seen.wrong:
            self._report(item, seen.version, recovered=True)
        return msgspec.structs.replace(seen, wrong=False, unknown_since=None)

    def _wrong(self, item: Item, seen: Seen, unknown_since: float | None) -> Seen:
        if seen.wrong:
            return msgspec.structs.replace(seen, unknown_since=unknown_since)
        self._report(item, seen.version + 1, recovered=False)
        return Seen(True, seen.version + 1, unknown_since)

    def _report(self, item: Item, version: int, *, recovered: bool) -> None:
        """The event; its key is the same for every check that finds this change of this item."""
        outcome = "right again" if recovered else "wrong"
        account, region = self._place.account, self._place.region
        key = f"check {account} {region} {item.name} {version} {outcome}"
        self._tell(
            RegistryEvent(
                id=key,
                key=key,
                time=self._clock(),
                cloud=self._place.cloud,
                account=account,
                region=region,
                registry=None,
                repository=None,
                actor=ACTOR,
                what=CheckChanged(item.name, item.found, item.mend, item.minor, recovered),
                source="self-check",
            )
        )
