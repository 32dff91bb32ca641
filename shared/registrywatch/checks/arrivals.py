"""Whether events of each registry still arrive. Functions record each hour in which one arrived.

A registry is a row: the last hour in which an event of it arrived, and a bit for each hour before.
A function records an hour at its first event in it, so the cost does not grow with traffic. The
self-check reads the rows and reports silence, and its end, once each.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise

import msgspec

from registrywatch.checks import silence
from registrywatch.checks.item import Item, checked, right, unknown, wrong
from registrywatch.errors import StoreError
from registrywatch.events import CheckChanged, MonitoringChanged, RegistryEvent
from registrywatch.rows import Row, Rows, Value, contended, write

KIND = "arrivals"
"""The kind of these rows, in a table of several kinds."""

MOST_REGISTRIES = 1000
"""How many are watched; the deployment's own item covers the others."""

KNOWN_HOURS = 7 * 24
"""For how long events must have arrived before silence is reported: a week with its weekend."""

_HISTORY_HOURS = int(silence.HISTORY_SECONDS / silence.HOUR)
_KEPT_SECONDS = 90 * 24 * silence.HOUR
_INDEX = "registries"
_ATTEMPTS = 5


class Arrived(msgspec.Struct, frozen=True):
    """What is known of a registry's events; hours are counted since the epoch.

    Bit n of `seen` stands for the hour `last - n`. `reported` is the last hour before a silence
    that was reported and is not over; 0 if there is none.
    """

    last: int
    seen: int = 1
    reported: int = 0

    def at(self, hour: int) -> "Arrived":
        """This, with an arrival in that hour too."""
        if hour <= self.last:
            return msgspec.structs.replace(self, seen=self.seen | 1 << (self.last - hour))
        seen = (self.seen << (hour - self.last) | 1) & ((1 << _HISTORY_HOURS) - 1)
        return msgspec.structs.replace(self, last=hour, seen=seen)

    @property
    def longest_gap(self) -> int:
        """The longest gap between two hours in which something arrived, in hours."""
        hours = [n for n in range(self.seen.bit_length()) if self.seen >> n & 1]
        return max((after - before for before, after in pairwise(hours)), default=0)

    @property
    def is_known(self) -> bool:
        """Whether events have arrived for long enough to say what is usual."""
        return self.seen.bit_length() > KNOWN_HOURS


class Arrivals:
    """The arrivals of all registries. One for the life of a process; processes share the rows.

    The name of a registry is account and region on AWS ("111122223333 eu-west-1"), its resource id
    in lower case on Azure. `only`: the registries to watch; None: all from which events arrived.
    `clock` gives seconds since the epoch.
    """

    def __init__(
        self, rows: Rows, clock: Callable[[], float], only: Collection[str] | None = None
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._only = only
        self._noted: dict[str, int] = {}

    def note(self, events: Iterable[RegistryEvent]) -> None:
        """Record that events have just arrived. Raises StoreError.

        A process reads a registry's row once an hour, and only one process writes it.
        """
        hour = int(self._clock() // silence.HOUR)
        for registry in {registry_of(event) for event in events}:
            if registry is None or self._noted.get(registry) == hour:
                continue
            if self._is_watched(registry):
                self._note(registry, hour)
                self._noted[registry] = hour

    def items(self) -> Iterator[Item]:
        """An item for each registry. An item that can't be read is unknown."""
        try:
            registries = self._registries()
        except StoreError as error:
            yield unknown(f"{KIND} of registries", error)
            return
        for registry in registries:
            yield checked(_item_name(registry), partial(self._item, registry))

    def report(
        self, raise_alert: Callable[[RegistryEvent], None], *, all_silent: bool
    ) -> tuple[Item, ...]:
        """The items, after `raise_alert` was called for each change. Raises StoreError.

        A change is reported before it is stored: after a crash in between it is reported again,
        with the same key. While the deployment gets no event at all (`all_silent`), which has its
        own item, no registry is reported.
        """
        found = []
        for registry in self._registries():
            row = self._rows.get(registry)
            if row is None:
                self._forget(registry)
                continue
            arrived = _read(row)
            item = self._judged(registry, arrived)
            found.append(item)
            if arrived.reported and arrived.reported != arrived.last:
                raise_alert(self._event(registry, item, arrived.reported, recovered=True))
                self._write(registry, row, msgspec.structs.replace(arrived, reported=0))
            elif not item.ok and not arrived.reported and not all_silent:
                raise_alert(self._event(registry, item, arrived.last, recovered=False))
                silent = msgspec.structs.replace(arrived, reported=arrived.last)
                self._write(registry, row, silent)
        return tuple(found)

    def _event(self, registry: str, item: Item, last: int, *, recovered: bool) -> RegistryEvent:
        # what only notes arrivals, as the functions do, reports none
        from registrywatch.checks.report import event_of, place_of_registry

        began = f"arrivals {registry} after {last}"
        return event_of(
            item,
            place_of_registry(registry),
            key=f"{began} again" if recovered else began,
            began=began,
            minor=True,
            recovered=recovered,
            time=self._clock(),
        )

    def _item(self, registry: str) -> Item:
        row = self._rows.get(registry)
        if row is None:
            return right(_item_name(registry), "no event has arrived yet, or not for three months")
        return self._judged(registry, _read(row))

    def _judged(self, registry: str, arrived: Arrived) -> Item:
        name = _item_name(registry)
        gap = int(self._clock() // silence.HOUR) - arrived.last - 1
        usual = arrived.longest_gap
        if not arrived.is_known:
            return right(name, "events have not arrived for long enough to know what is usual")
        if gap <= max(2 * usual, int(silence.LEAST_SECONDS // silence.HOUR)):
            return right(name, f"the last event arrived within {_span(gap + 1)}")
        longest = f"the longest gap in the four weeks before was {_span(usual)}"
        return wrong(
            name,
            f"no event has arrived for {_span(gap)}; {longest}",
            "If the registry is still used, check what brings its events: trail, forwarder, "
            "diagnostic setting, Event Grid subscription.",
            minor=True,
        )

    def _note(self, registry: str, hour: int) -> None:
        for _ in range(_ATTEMPTS):
            row = self._rows.get(registry)
            if row is None and self._only is None:
                self._index(registry)
            arrived = _read(row).at(hour) if row else Arrived(hour)
            if (row and arrived == _read(row)) or self._write(registry, row, arrived):
                return
        raise contended("arrivals", _ATTEMPTS)

    def _index(self, registry: str) -> None:
        for _ in range(_ATTEMPTS):
            row = self._rows.get(_INDEX)
            known = _names(row)
            if registry in known or len(known) >= MOST_REGISTRIES:
                return
            values = {"names": "\n".join((*known, registry))}
            if write(self._rows, _INDEX, values, row):
                return
        raise contended("arrivals", _ATTEMPTS)

    def _registries(self) -> Sequence[str]:
        return _names(self._rows.get(_INDEX)) if self._only is None else sorted(self._only)

    def _is_watched(self, registry: str) -> bool:
        return self._only is None or registry in self._only

    def _forget(self, registry: str) -> None:
        """Remove a registry from the index; if another worker writes first, the next check does."""
        row = self._rows.get(_INDEX) if self._only is None else None
        if row is not None:
            names = [each for each in _names(row) if each != registry]
            self._rows.replace(_INDEX, {"names": "\n".join(names)}, row.etag)

    def _write(self, registry: str, row: Row | None, arrived: Arrived) -> bool:
        values: dict[str, Value] = {
            "last": arrived.last,
            "seen": f"{arrived.seen:x}",
            "reported": arrived.reported,
        }
        until = self._clock() + _KEPT_SECONDS
        return write(self._rows, registry, values, row, until)


def registry_of(event: RegistryEvent) -> str | None:
    """The registry whose events arrive, as this event shows; None if it shows none.

    A trail also records what its own account does in other accounts' registries. On Azure, changes
    of resources arrive by another path than the registry's own events.
    """
    if event.cloud == "azure":
        return event.registry_id if event.repository is not None else None
    if isinstance(event.what, MonitoringChanged | CheckChanged) or event.account is None:
        return None
    if event.region is None or event.seen_in not in (None, event.account):
        return None
    return f"{event.account} {event.region}"


def _read(row: Row) -> Arrived:
    values = row.values
    return Arrived(int(values["last"]), int(str(values["seen"]), 16), int(values["reported"]))


def _names(row: Row | None) -> tuple[str, ...]:
    return tuple(filter(None, str(row.values["names"]).split("\n"))) if row else ()


def _item_name(registry: str) -> str:
    """For example "arrivals 111122223333 eu-west-1" or "arrivals example"."""
    return f"{KIND} {registry.rpartition('/')[2]}"


def _span(hours: int) -> str:
    return silence.in_hours(hours * silence.HOUR)
