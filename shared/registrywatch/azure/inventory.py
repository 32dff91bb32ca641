"""How many images each repository holds, as all workers of a deployment remember it."""

from collections.abc import Callable

import msgspec

from registrywatch.events import RegistryEvent, RepositoryDeleted
from registrywatch.rows import Rows
from registrywatch.times import DAY

KEPT_SECONDS = 400 * DAY
"""A repository that was not used for longer is reported without a number of images."""


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
        until = self._clock() + KEPT_SECONDS
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
