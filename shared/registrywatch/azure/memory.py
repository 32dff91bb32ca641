"""What all workers of a deployment share: keys seen before, and image counts of repositories."""

from collections.abc import Callable

import msgspec

from registrywatch.events import RegistryEvent, RepositoryDeleted
from registrywatch.rows import Rows

KEPT_SECONDS = 3 * 86_400
"""Longer than Event Grid (24 hours) and an Event Hub (a day) may deliver again."""

INVENTORY_KEPT_SECONDS = 400 * 86_400
"""A repository that was not used for longer is reported without a number of images."""


class TableMemory:
    """See `registrywatch.detector.memory.Memory`. `clock` gives seconds since the epoch.

    Rows expire by the clock, not by the event's time, because a repetition may arrive late.
    """

    def __init__(self, rows: Rows, clock: Callable[[], float]) -> None:
        self._rows = rows
        self._clock = clock

    def get(self, key: str) -> str | None:
        """See `Memory`."""
        row = self._rows.get(key)
        return None if row is None else str(row.values["value"])

    def keep(self, key: str, value: str, time: float) -> str:
        """See `Memory`."""
        until = self._clock() + KEPT_SECONDS
        while self._rows.create(key, {"value": value, "time": time}, until) is None:
            kept = self.get(key)
            if kept is not None:  # otherwise it was swept between the two calls
                return kept
        return value


class Inventory:
    """How many images each repository held at the last look, by login server and repository."""

    def __init__(self, rows: Rows, clock: Callable[[], float]) -> None:
        self._rows = rows
        self._clock = clock

    def known(self, registry: str | None, repository: str | None) -> int | None:
        """The last count, None if there is none. Raises StoreError."""
        row = self._rows.get(_name(registry, repository))
        return None if row is None else int(row.values["images"])

    def note(self, registry: str | None, repository: str | None, images: int) -> None:
        """Remember a count. Raises StoreError."""
        until = self._clock() + INVENTORY_KEPT_SECONDS
        self._rows.put(_name(registry, repository), {"images": images}, until)

    def completed(self, event: RegistryEvent) -> RegistryEvent:
        """The event; if a repository was deleted, with the number of its images, if known.

        Raises StoreError.
        """
        what = event.what
        if not isinstance(what, RepositoryDeleted) or what.images_lost is not None:
            return event
        lost = self.known(event.registry, event.repository)
        if not lost:
            return event
        return msgspec.structs.replace(event, what=msgspec.structs.replace(what, images_lost=lost))


def _name(registry: str | None, repository: str | None) -> str:
    return f"{registry}/{repository}"
