"""Asks registries how many images a repository holds: after pushes, and after deletes.

Pushes keep the inventory up to date. After deleted images the answer shows whether their repository
is gone, which no event says.
"""

import logging
from collections.abc import Callable

from registrywatch.azure import rechecks
from registrywatch.azure.inventory import Inventory
from registrywatch.azure.log_lines import log
from registrywatch.azure.rechecks import CountImages
from registrywatch.azure.registry_api import RegistryApi
from registrywatch.azure.scope import WatchScope
from registrywatch.delivery.queue import Texts
from registrywatch.detector.dedup import several_at_once
from registrywatch.detector.memory import Memory
from registrywatch.errors import StateUnknown
from registrywatch.events import ImagesDeleted, Push, RegistryEvent, RepositoryDeleted, What

_COUNT_AGAIN: dict[type[What], int] = {ImagesDeleted: 60, Push: 900}
"""Seconds of event time within which a repository is counted once, however many events there are.
After deletes it must be less than the delay of the first count (rechecks.COUNT_DELAYS)."""
_MOST_KNOWN = 10_000


class RepositoryCounts:
    """Counts repositories of watched registries, later and once for many events.

    `judge` raises the alerts of an event, or StoreError. `memory` is shared by the workers and is
    also the detector's.
    """

    def __init__(
        self,
        judge: Callable[[RegistryEvent], None],
        watched: WatchScope,
        registries: RegistryApi,
        inventory: Inventory,
        memory: Memory,
        queue: Texts,
    ) -> None:
        self._judge = judge
        self._watched = watched
        self._registries = registries
        self._inventory = inventory
        self._memory = memory
        self._queue = queue
        self._counted: set[str] = set()

    def count_later(self, event: RegistryEvent) -> None:
        """Queue a count of the repository if images were pushed or deleted. Raises StoreError."""
        seconds = _COUNT_AGAIN.get(type(event.what))
        if seconds is None or event.repository is None:
            return
        if self._watched.login_server(event.registry) is None:
            return
        about = f"{type(event.what).__name__} {event.registry}/{event.repository}"
        once = f"count {about} {int(event.time // seconds)}"
        if once in self._counted:
            return
        if self._memory.keep(once, event.key, event.time) == event.key:
            deleted = isinstance(event.what, ImagesDeleted)
            rechecks.send(self._queue, CountImages(rechecks.origin(event), deleted))
        if len(self._counted) >= _MOST_KNOWN:
            self._counted.clear()
        self._counted.add(once)

    def count(self, recheck: CountImages) -> None:
        """Ask the registry; report the repository if it is gone. Raises StoreError."""
        origin = recheck.origin
        host = self._watched.login_server(origin.registry)
        if host is None or origin.repository is None:
            return
        try:
            images = self._registries.manifest_count(host, origin.repository)
        except StateUnknown as unknown:
            self._ask_again(recheck, host, str(unknown))
            return
        if images is None and recheck.deleted:
            several = self._several(recheck)
            held = self._inventory.known(host, origin.repository)
            if gone := rechecks.gone(recheck, held, several=several):
                self._judge(gone)
        self._inventory.note(host, origin.repository, images or 0)

    def _ask_again(self, recheck: CountImages, host: str, reason: str) -> None:
        """Queue the next attempt; after the last one, report what several deletes may mean."""
        again = rechecks.send(self._queue, rechecks.later(recheck))
        level = logging.INFO if again else logging.WARNING
        log("repository_unreadable", level=level, registry=host, reason=reason)
        if not again and recheck.deleted and self._several(recheck):
            self._judge(rechecks.perhaps_gone(recheck))

    def _several(self, recheck: CountImages) -> bool:
        return several_at_once(rechecks.perhaps_gone(recheck), self._memory)


def completed(
    watched: WatchScope, inventory: Inventory
) -> Callable[[RegistryEvent], RegistryEvent | None]:
    """The detector's `completed`: adds details to an event, or holds it back.

    Several images deleted by one request are held back if the registry can be asked. Its answer
    then shows whether the repository is gone, and that is reported.
    """

    def complete(event: RegistryEvent) -> RegistryEvent | None:
        what = event.what
        assumed = isinstance(what, RepositoryDeleted) and what.assumed
        if assumed and event.source != rechecks.SOURCE and watched.login_server(event.registry):
            return None
        return inventory.completed(event)

    return complete
