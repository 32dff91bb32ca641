"""Registries of the subscription that this deployment does not watch: reported once, and ended.

The first event that creates or changes such a registry raises an alert. It is over when the
registry is watched, or deleted. A later event reports it again; an earlier one that arrives late
does not.
"""

import logging
from collections.abc import Callable, Iterable

import msgspec

from registrywatch.azure.inventory import KEPT_SECONDS
from registrywatch.azure.log_lines import log
from registrywatch.azure.rechecks import Origin
from registrywatch.checks import right, wrong
from registrywatch.checks.report import CheckedPlace, event_of, place_of_registry
from registrywatch.events import RegistryEvent
from registrywatch.rows import Row, Rows, Value, contended, write
from registrywatch.sources import azure_names

_ATTEMPTS = 5
_WATCH_IT = "add its id to `registries` and deploy again; or watch it by a deployment of its region"


class UnwatchedRegistries:
    """Remembers which were reported: a row each, with the first event and the time of the end.

    `raise_alert` raises the alert of an event, or StoreError. It is called before the end is
    recorded: a crash in between repeats an alert under the same id.
    """

    def __init__(
        self, rows: Rows, raise_alert: Callable[[RegistryEvent], None], clock: Callable[[], float]
    ) -> None:
        self._rows = rows
        self._raise_alert = raise_alert
        self._clock = clock
        self._watched: set[str] = set()

    def report(self, resource: str, origin: Origin) -> None:
        """Report a registry that is not watched, unless it was reported. Raises StoreError."""
        registry = azure_names.registry_id(resource)
        if registry is None or not self._is_first(registry, origin):
            return
        item = wrong(
            _name(registry), "it was created or changed, and is not watched", _WATCH_IT, minor=True
        )
        place = CheckedPlace("azure", origin.account, None, origin.registry, registry)
        key = _key(registry, origin.id)
        found = event_of(
            item, place, key=key, began=key, minor=True, recovered=False, time=origin.time
        )
        log("not_watched", level=logging.WARNING, registry=registry)
        self._raise_alert(msgspec.structs.replace(found, actor=origin.actor))

    def watched(self, registries: Iterable[str]) -> None:
        """End what was reported of registries that are watched now. Raises StoreError.

        Each is looked up once in the life of a process: a new list is a new process.
        """
        for registry in registries:
            known = azure_names.registry_id(registry)
            if known is not None and known not in self._watched:
                self._end(known, "it is watched now", self._clock())
                self._watched.add(known)

    def deleted(self, resource: str, time: float) -> None:
        """End what was reported of a registry that is gone. Raises StoreError."""
        registry = azure_names.registry_id(resource)
        if registry is None:
            return
        until = self._clock() + KEPT_SECONDS
        if self._rows.create(_row(registry), _values("", time), until) is None:
            self._end(registry, "it was deleted", time)

    def _is_first(self, registry: str, origin: Origin) -> bool:
        """Whether this event is the first; true again for a repetition of it."""
        until = self._clock() + KEPT_SECONDS
        for _ in range(_ATTEMPTS):
            row = self._rows.get(_row(registry))
            if row is not None and not _over(row):
                return bool(row.values["first"] == origin.id)
            if row is not None and origin.time <= _over(row):
                return False
            if write(self._rows, _row(registry), _values(origin.id), row, until):
                return True
        raise contended(_row(registry), _ATTEMPTS)

    def _end(self, registry: str, found: str, time: float) -> None:
        row = self._rows.get(_row(registry))
        if row is None or _over(row):
            return
        first = str(row.values["first"])
        began = _key(registry, first)
        self._raise_alert(
            event_of(
                right(_name(registry), found),
                place_of_registry(registry),
                key=f"{began} over",
                began=began,
                minor=True,
                recovered=True,
                time=time,
            )
        )
        until = self._clock() + KEPT_SECONDS
        # If another worker was faster, it has reported the same: nothing is left to do
        self._rows.replace(_row(registry), _values(first, time), row.etag, until)


def _values(first: str, over: float = 0.0) -> dict[str, Value]:
    return {"first": first, "over": over}


def _over(row: Row) -> float:
    """When it was over; 0 while it lasts."""
    return float(row.values.get("over", 0.0))


def _row(registry: str) -> str:
    return f"not watched {registry}"


def _key(registry: str, event_id: str) -> str:
    return f"not watched {registry} since {event_id}"


def _name(registry: str) -> str:
    return f"registry {azure_names.registry_name(registry)}"
