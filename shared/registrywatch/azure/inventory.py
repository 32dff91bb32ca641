"""How many images each repository held when last looked: what a deleted one has lost."""

from collections.abc import Callable

import msgspec

from registrywatch.azure.table import Rows
from registrywatch.events import RegistryEvent, RepositoryDeleted

KEPT_SECONDS = 400 * 86_400
"""A repository that nobody has touched for longer is reported without a number."""


class Inventory:
    """Counts by login server and repository. `clock` gives seconds since the epoch."""

    def __init__(self, rows: Rows, clock: Callable[[], float]) -> None:
        self._rows = rows
        self._clock = clock

    def known(self, registry: str | None, repository: str | None) -> int | None:
        """The last count, None if there is none. Raises StoreError."""
        row = self._rows.get(_name(registry, repository))
        return None if row is None else int(row.values["images"])

    def note(self, registry: str | None, repository: str | None, images: int) -> None:
        """Remembers a count. Raises StoreError."""
        until = self._clock() + KEPT_SECONDS
        self._rows.put(_name(registry, repository), {"images": images, "until": until})

    def completed(self, event: RegistryEvent) -> RegistryEvent:
        """The event, with the number of lost images added where a repository went and it is known.

        Raises StoreError.
        """
        what = event.what
        if not isinstance(what, RepositoryDeleted) or what.images_lost is not None:
            return event
        lost = self.known(event.registry, event.repository)
        if not lost:
            return event
        return msgspec.structs.replace(event, what=msgspec.structs.replace(what, images_lost=lost))

    def sweep(self) -> int:
        """Forgets what is too old; returns how many repositories."""
        return self._rows.sweep(self._clock())


def _name(registry: str | None, repository: str | None) -> str:
    return f"{registry}/{repository}"
