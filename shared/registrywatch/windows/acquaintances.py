"""The protocol of newness: when a worker reads acquaintances, and when it adds to them.

For one batch, in this order:

1. If the worker's cache does not know every touch of the batch, the worker reads the acquaintances.
   What the cache knows stays known. What it lacks may have been added by other workers, so nothing
   counts as new without that read.
2. The touches that are not known are new. They are counted by the window protocol, to its end.
3. Only then are the batch's touches added to the acquaintances, and after that to the cache.

Two things prevent a touch from being known before it was counted. Touches are compared by time: a
touch within the window makes nothing old, least of all itself, so a batch that is delivered again
is as new as before. And acquaintances are added last: otherwise the batch that fills a period, in
which everything is then known, would never be counted. So every truly new touch is counted,
whatever the order, repetition and crashes. A touch that is counted without being new was judged
before the touch that makes it old had been acknowledged. Familiar touches cost nothing in a warm
worker: no write and no read.
"""

from collections import OrderedDict
from threading import Lock

from registrywatch.times import DAY
from registrywatch.windows.newness import (
    AcquaintanceStore,
    FirstTouches,
    is_known,
    is_settled,
    lacking,
    merged,
    reach,
)


class Acquaintances:
    """One worker's access to a store of acquaintances; may be shared by threads if its store may.

    `memory_days` is how long touches are remembered; for `learning_days` after an account is first
    seen the worker learns. `most_cached` is about how many repositories the cache holds, over all
    groups; 0: no cache, for a store in the same process.
    """

    def __init__(
        self,
        store: AcquaintanceStore,
        *,
        memory_days: int = 30,
        learning_days: int = 7,
        most_cached: int = 200_000,
    ) -> None:
        self._store = store
        self._most_cached = most_cached
        self.reach = reach(memory_days * DAY)
        self._learning_seconds = learning_days * DAY
        self._cache: OrderedDict[str, FirstTouches] = OrderedDict()
        self._held = 0
        self._first_seen: dict[str, int] = {}
        self._lock = Lock()

    def look_up(self, group: str, firsts: FirstTouches, window_seconds: int) -> FirstTouches | None:
        """What the group has touched; None if nothing in `firsts` is new or has to be added.

        That is so if each was touched before in its period, at least a window earlier.
        """
        stored = self._cached(group) if self._most_cached else self._store.read(group)
        if stored is not None:
            if is_settled(stored, firsts, window_seconds):
                return None
            if not self._most_cached:
                return stored
            if not lacking(stored, firsts) and self._knows(stored, firsts, window_seconds):
                return stored
        return self.read(group)

    def _knows(self, stored: FirstTouches, firsts: FirstTouches, window_seconds: int) -> bool:
        return all(
            is_known(stored, repository, first, first - window_seconds, self.reach)
            for touches in firsts.values()
            for repository, first in touches.items()
        )

    def read(self, group: str) -> FirstTouches:
        """What the group has touched, by a consistent read."""
        stored = self._store.read(group)
        if self._most_cached:
            stored = self._remember(group, stored)
        return stored

    def add(self, group: str, firsts: FirstTouches, stored: FirstTouches) -> None:
        """Add what `stored`, the answer of `look_up`, lacks. Called after all of it was counted."""
        if new := lacking(stored, firsts):
            now = self._store.add(group, new)
            if self._most_cached:
                self._remember(group, now)

    def see_account(self, account: str, time: float) -> None:
        """Record that an account was seen; its learning days begin with the first time."""
        if account not in self._first_seen:
            first_seen = self._store.first_seen(account, int(time))
            if self._most_cached:
                self._first_seen[account] = first_seen

    def is_learning(self, account: str, time: float) -> bool:
        """Whether at `time` the account has been known for less than the learning days."""
        first_seen = self._first_seen.get(account)
        if first_seen is None:
            first_seen = self._store.first_seen(account, int(time))
        return time < first_seen + self._learning_seconds

    def _cached(self, group: str) -> FirstTouches | None:
        with self._lock:
            held = self._cache.get(group)
            if held is not None:
                self._cache.move_to_end(group)
            return held

    def _remember(self, group: str, stored: FirstTouches) -> FirstTouches:
        with self._lock:
            before = self._cache.pop(group, None)
            if before is not None:
                self._held -= _weight(before)
                stored = merged(before, stored)
            self._cache[group] = stored
            self._held += _weight(stored)
            while self._held > self._most_cached and len(self._cache) > 1:
                self._held -= _weight(self._cache.popitem(last=False)[1])
        return stored


def _weight(stored: FirstTouches) -> int:
    # an entry costs about as much memory as four repositories, even an empty one
    return 4 + sum(map(len, stored.values()))
