"""What a warm worker remembers between batches, so that it need not write or read again.

Everything in the cache was stored, read back and, if it crossed, handed over before it was added:
skipping it changes nothing. Forgetting is always safe.

Only what the worker's own write returned is cached, never what a read has returned. Other workers
wrote that, and may have crashed before they checked the windows to which it belongs.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from threading import Lock

from registrywatch.windows.meaning import Quiet, missing


class SightingCache:
    """Stored sightings by group and step, and by group what is quiet because of handed over alerts.

    Holds up to about `most_sightings` sightings and what is quiet in `most_groups` groups, and
    drops the least recently used. May be shared by threads.
    """

    def __init__(self, most_sightings: int = 200_000, most_groups: int = 10_000) -> None:
        self._most_sightings = most_sightings
        self._most_groups = most_groups
        # None: the step is full and needs no more sightings
        self._known: OrderedDict[tuple[str, int], frozenset[int] | None] = OrderedDict()
        self._held = 0
        self._quiet: OrderedDict[str, Quiet] = OrderedDict()
        self._lock = Lock()

    def missing(
        self, group: str, cap: int, sightings: Mapping[int, Collection[int]]
    ) -> dict[int, Collection[int]]:
        """Those of a batch's sightings, by step, that have to be stored."""
        needed: dict[int, Collection[int]] = {}
        for step, hashes in sightings.items():
            known = self._known_of((group, step))
            if known is not None and (new := missing(known, hashes, cap)):
                needed[step] = new
        return needed

    def quiet(self, group: str) -> Quiet:
        """What is quiet by alerts known to be handed over."""
        with self._lock:
            return self._quiet.get(group, Quiet())

    def remember(
        self,
        group: str,
        cap: int,
        stored: Mapping[int, AbstractSet[int]],
        quiet: Quiet | None,
    ) -> None:
        """Cache what was stored and, if it was looked up, what is quiet.

        To be called only after all pending alerts were handed over.
        """
        with self._lock:
            for step, sightings in stored.items():
                self._keep((group, step), cap, sightings)
            while self._held > self._most_sightings:
                self._held -= _weight(self._known.popitem(last=False)[1])
            if quiet is not None:
                self._quiet[group] = quiet
                self._quiet.move_to_end(group)
            while len(self._quiet) > self._most_groups:
                self._quiet.popitem(last=False)

    def _known_of(self, at: tuple[str, int]) -> frozenset[int] | None:
        with self._lock:
            if at not in self._known:
                return frozenset()
            self._known.move_to_end(at)
            return self._known[at]

    def _keep(self, at: tuple[str, int], cap: int, sightings: AbstractSet[int]) -> None:
        before = self._known.get(at, frozenset())
        if at in self._known:
            self._held -= _weight(before)
        now = None if before is None or len(sightings) >= cap else before | sightings
        if now is not None and len(now) >= cap:
            now = None
        self._known[at] = now
        self._known.move_to_end(at)
        self._held += _weight(now)


def _weight(known: frozenset[int] | None) -> int:
    # an entry costs about as much memory as four sightings, even an empty one
    return 4 + len(known or ())
