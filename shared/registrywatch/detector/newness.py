"""What a batch touches: what of it is new, what is familiar, and what to remember.

See `registrywatch.windows.acquaintances` for the order of the steps, which makes it exact.
"""

import functools
import math
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from registrywatch.detector.grouping import Key
from registrywatch.detector.outcome import Outcome, reason_of
from registrywatch.detector.scheme import Scheme, Share
from registrywatch.detector.tally import GroupTally
from registrywatch.events import RegistryEvent
from registrywatch.rules.rule import Newness, Touch, Trust
from registrywatch.times import DAY
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.newness import (
    FirstTouches,
    first_touches,
    is_full,
    is_known,
    known_since,
    merged,
    period_of,
    second_of,
)
from registrywatch.windows.sightings import repository_of

_scheme = functools.cache(Scheme)
"""The schemes by which alerts look up what is stored: they keep the digests of groups."""


class Touched(msgspec.Struct):
    """What one group touched in a batch; `stored` is what it touched before, None if unknown."""

    scheme: Scheme
    share: Share
    group: str
    firsts: FirstTouches
    stored: FirstTouches | None = None

    @property
    def places(self) -> list[int]:
        """The places of the events."""
        return self.share.places


class Touches:
    """All touches of one batch."""

    def __init__(
        self,
        acquaintances: Acquaintances,
        events: Sequence[RegistryEvent],
        seen: Sequence[tuple[Sequence[Scheme], Collection[Share]]],
    ) -> None:
        self._acquaintances = acquaintances
        self._events = events
        self._reach = acquaintances.reach
        times = [event.time for event in events] or [0.0]
        periods = {period_of(second_of(time)) for time in (min(times), max(times))}
        self._period = periods.pop() if len(periods) == 1 else None
        self._seen = seen
        self._accounts: set[str] = set()
        self._own: dict[str, FirstTouches] | None = None
        self.touched: list[Touched] = []

    def look_up(self, outcome: Outcome) -> None:
        """Look up what is known; afterwards `touched` holds the touches that this does not settle.

        If the look-up fails, the events fail.
        """
        look_up = self._acquaintances.look_up
        for schemes, shares in self._seen:
            for scheme in schemes:
                window = scheme.window_seconds
                for share in shares:
                    touched = Touched(
                        scheme, share, scheme.group(share), self._firsts(scheme, share)
                    )
                    try:
                        self._begin(share)
                        touched.stored = look_up(touched.group, touched.firsts, window)
                    except Exception as error:  # noqa: BLE001 - the caller hands them in again
                        outcome.failed |= dict.fromkeys(share.places, reason_of(error))
                        self.touched.append(touched)
                        continue
                    if touched.stored is not None:
                        self.touched.append(touched)

    def _begin(self, share: Share) -> None:
        account = share.default[0] or ""
        if account not in self._accounts:
            self._acquaintances.see_account(account, share.first.time)
            self._accounts.add(account)

    def add_new(self, touched: Touched, trust: Trust, tallies: dict[str, GroupTally]) -> None:
        """Add the new touches to the tallies of the rules that fire on them."""
        for rule in touched.scheme.rules:
            for place in self._new(touched, rule.window.seconds):
                event = self._events[place]
                seen = rule.sightings(event, trust)
                if seen is not None:
                    rule.add(place, event, seen, touched.share.default, tallies)

    def remember(self, touched: Touched, failed: AbstractSet[int]) -> None:
        """Remember the touches, except of events that failed: the others were counted.

        Raises StoreError.
        """
        if touched.stored is None:
            return
        firsts = touched.firsts
        if not failed.isdisjoint(touched.places):
            done = [place for place in touched.places if place not in failed]
            firsts = self._firsts_of(touched.scheme, done)
        self._acquaintances.add(touched.group, firsts, touched.stored)

    def familiar(self, touch: Touch, key: Key, event: RegistryEvent) -> bool:
        """Whether the event's own repository is familiar to its actor. Raises StoreError."""
        scheme = _scheme(Newness(touch))
        stored = self._all(scheme.group_of(key[0], key[3]))
        by = event.time - DAY
        return is_known(stored, scheme.repository(event), event.time, by, self._reach)

    def unfamiliar(
        self, touch: Touch, key: Key, event: RegistryEvent, repositories: AbstractSet[int]
    ) -> int:
        """How many of these repositories are not familiar to the actor. Raises StoreError.

        They are identified by a part of their hash (`repository_of`). So a repository is familiar
        if it matches a familiar one and none that is not familiar.
        """
        stored = self._all(_scheme(Newness(touch)).group_of(key[0], key[3]))
        if is_full(stored, event.time, self._reach):
            return 0
        by = event.time - DAY
        old, new = set[int](), set[int]()
        for repository, first in first_touches(stored, event.time, self._reach).items():
            (old if first <= by else new).add(repository_of(repository))
        return len(repositories - (old - new))

    def known(self, key: Key, event: RegistryEvent) -> bool:
        """Whether the actor used anything, in any way, a day before. Raises StoreError."""
        kinds: tuple[Touch, ...] = ("pull", "push", "delete")
        by = event.time - DAY
        for kind in kinds:
            stored = self._all(_scheme(Newness(kind)).group_of(key[0], key[3]))
            if any(
                first <= by for first in first_touches(stored, event.time, self._reach).values()
            ):
                return True
        return False

    def role_only(self, touch: Touch, key: Key, event: RegistryEvent) -> bool:
        """Whether, until now, only roles touched the event's repository. Raises StoreError."""
        scheme = _scheme(Newness(touch, "kind"))
        repository = scheme.repository(event)

        def did(kind: str) -> bool:
            stored = self._all(scheme.group_of(key[0], kind))
            return is_known(stored, repository, event.time, event.time - DAY, self._reach)

        return did("role") and not did("person")

    def is_learning(self, account: str | None, time: float) -> bool:
        """Whether that time is in the account's learning days. Raises StoreError."""
        return self._acquaintances.is_learning(account or "", time)

    def _all(self, group: str) -> FirstTouches:
        """What is stored of the group now, and what this batch adds."""
        if self._own is None:
            self._own = {}
            for schemes, shares in self._seen:
                for scheme in schemes:
                    for share in shares:
                        mine, firsts = scheme.group(share), self._firsts(scheme, share)
                        self._own[mine] = merged(self._own.get(mine, {}), firsts)
        return merged(self._acquaintances.read(group), self._own.get(group, {}))

    def _new(self, touched: Touched, window_seconds: int) -> Iterator[int]:
        """The places of the events that are new, by what was known and by the batch itself."""
        if touched.stored is None:
            return
        new_until = {
            (period, repository): since + window_seconds
            for period, firsts in touched.firsts.items()
            for repository, first in firsts.items()
            if (since := self._known_since(touched, repository, period)) > first - window_seconds
        }
        if not new_until:
            return
        for place in touched.places:
            event = self._events[place]
            at, repository = second_of(event.time), touched.scheme.repository(event)
            if at < new_until.get((period_of(at), repository), -math.inf):
                yield place

    def _known_since(self, touched: Touched, repository: int, period: int) -> float:
        """The earliest touch of the repository that counts in that period, in the batch or not."""
        of = repository, period, self._reach
        return min(known_since(touched.stored or {}, *of), known_since(touched.firsts, *of))

    def _firsts(self, scheme: Scheme, share: Share) -> FirstTouches:
        """The earliest touch of each repository, by period; a batch rarely spans two periods."""
        if self._period is None:
            return self._firsts_of(scheme, share.places)
        if not scheme.in_repository:
            return {self._period: {0: second_of(min(share.firsts.values()))}}
        if share.hashed is None:
            of, registry = scheme.repository_named, share.default[2]
            share.hashed = {
                of(registry, name): second_of(first) for name, first in share.firsts.items()
            }
        return {self._period: share.hashed}

    def _firsts_of(self, scheme: Scheme, places: Sequence[int]) -> FirstTouches:
        firsts: dict[int, dict[int, int]] = {}
        for place in places:
            event = self._events[place]
            at, repository = second_of(event.time), scheme.repository(event)
            held = firsts.setdefault(period_of(at), {})
            held[repository] = min(at, held.get(repository, at))
        return firsts
