"""Whether events of each registry still arrive. Functions record each hour in which one arrived.

A function records an hour at its first event in it, so the cost does not grow with traffic. The
self-check reads the rows and reports silence, and its end, once each.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

import msgspec

from registrywatch.checks import silence
from registrywatch.checks.arrival_rows import ArrivalRows, Arrived
from registrywatch.checks.item import Item, checked, right, unknown, wrong
from registrywatch.errors import StoreError
from registrywatch.events import CheckChanged, MonitoringChanged, RegistryEvent
from registrywatch.rows import Rows

KIND = "arrivals"
"""The kind of these rows, in a table of several kinds."""


class Arrivals:
    """The arrivals of all registries. One for the life of a process; processes share the rows.

    The name of a registry is account and region on AWS ("111122223333 eu-west-1"), its resource id
    in lower case on Azure. `only`: the registries to watch; None: all from which events arrived.
    `clock` gives seconds since the epoch.
    """

    def __init__(
        self, rows: Rows, clock: Callable[[], float], only: Collection[str] | None = None
    ) -> None:
        self._rows = ArrivalRows(rows, clock, only)
        self._clock = clock
        self._noted: dict[str, int] = {}

    def note(self, events: Iterable[RegistryEvent]) -> None:
        """Record that events have just arrived. Raises StoreError.

        A process reads a registry's row once an hour, and only one process writes it.
        """
        hour = int(self._clock() // silence.HOUR)
        for registry in {registry_of(event) for event in events}:
            if registry is None or self._noted.get(registry) == hour:
                continue
            if self._rows.watches(registry):
                self._rows.note(registry, hour)
                self._noted[registry] = hour

    def items(self) -> Iterator[Item]:
        """An item for each registry. An item that can't be read is unknown."""
        try:
            registries = self._rows.registries()
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
        for registry in self._rows.registries():
            known = self._rows.get(registry)
            if known is None:
                self._rows.forget(registry)
                continue
            row, arrived = known
            item = self._judged(registry, arrived)
            found.append(item)
            if arrived.reported and arrived.reported != arrived.last:
                raise_alert(self._event(registry, item, arrived.reported, recovered=True))
                self._rows.write(registry, row, msgspec.structs.replace(arrived, reported=0))
            elif not item.ok and not arrived.reported and not all_silent:
                raise_alert(self._event(registry, item, arrived.last, recovered=False))
                silent = msgspec.structs.replace(arrived, reported=arrived.last)
                self._rows.write(registry, row, silent)
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
        known = self._rows.get(registry)
        if known is None:
            return right(_item_name(registry), "no event has arrived yet, or not for three months")
        return self._judged(registry, known[1])

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


def _item_name(registry: str) -> str:
    """For example "arrivals 111122223333 eu-west-1" or "arrivals example"."""
    return f"{KIND} {registry.rpartition('/')[2]}"


def _span(hours: int) -> str:
    return silence.in_hours(hours * silence.HOUR)
