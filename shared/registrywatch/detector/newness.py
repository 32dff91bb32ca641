"""What a batch touches: which of it is new, what is familiar, and what is to be remembered.

See `registrywatch.windows.acquaintances` for the order of things, which is what makes it exact.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from registrywatch.detector.counting import CountedRule, GroupTally
from registrywatch.detector.grouping import Key, who_and_where
from registrywatch.events import RegistryEvent
from registrywatch.rules.rule import Newness, Touch, Trust
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.newness import (
    DAY,
    Firsts,
    first_touches,
    is_full,
    is_known,
    merged,
    period_of,
    second_of,
)
from registrywatch.windows.sightings import hashed, repository_hash, repository_of

_FORM = "1"
_CACHED = 4096
_PERSONS = frozenset({"IAMUser", "Root"})


class Scheme:
    """Whose touches of one kind are remembered, and the rules that fire on the new ones."""

    def __init__(self, newness: Newness) -> None:
        self.newness = newness
        self.rules: list[CountedRule] = []
        self._by_actor = newness.of == "actor"
        self._in_repository = newness.of in ("actor", "kind")
        self._groups: dict[Key, str] = {}
        self._repositories: dict[tuple[str | None, str | None], int] = {}

    def key(self, event: RegistryEvent, default: Key) -> Key:
        """Who touched, and where: what is touched together, of one event and its default group."""
        if self._by_actor:
            return default
        if self.newness.of == "kind":
            return (*default[:3], "person" if event.actor.type in _PERSONS else "role")
        return (default[0], None, None, event.actor_account if self.newness.of == "account" else "")

    def group(self, key: Key) -> str:
        """The group of acquaintances: one for all registries of an account."""
        if (known := self._groups.get(key)) is not None:
            return known
        if len(self._groups) >= _CACHED:
            self._groups.clear()
        parts = ("-" if part is None else f"={part}" for part in (key[0], key[3]))
        digest = hashed(_FORM, self.newness.touch, self.newness.of, *parts, size=16).hex()
        self._groups[key] = digest
        return digest

    def repository(self, event: RegistryEvent) -> int:
        """The hash of what was touched: the repository, or whatever it was."""
        if not self._in_repository:
            return 0
        where = (event.registry_id or event.registry, event.repository)
        if (known := self._repositories.get(where)) is not None:
            return known
        if len(self._repositories) >= _CACHED:
            self._repositories.clear()
        made = self._repositories[where] = repository_hash(where[0] or "", where[1] or "")
        return made


type TouchedPlaces = dict[Scheme, dict[Key, list[int]]]
"""By scheme and by who touched where: the places of the events in their batch."""


def touch(touched: TouchedPlaces, scheme: Scheme, key: Key, place: int) -> None:
    """Adds an event, by its place, to what was touched."""
    by_key = touched.get(scheme)
    if by_key is None:
        by_key = touched[scheme] = {}
    places = by_key.get(key)
    if places is None:
        by_key[key] = [place]
    else:
        places.append(place)


class Touched(msgspec.Struct):
    """What one group touched in a batch; `met` is what was known of it, None if it is unknown."""

    scheme: Scheme
    account: str
    default: Key
    group: str
    places: list[int]
    firsts: Firsts
    met: Firsts | None = None


class Touches:
    """All touches of one batch."""

    def __init__(
        self,
        acquaintances: Acquaintances,
        events: Sequence[RegistryEvent],
        places: TouchedPlaces,
    ) -> None:
        self._acquaintances = acquaintances
        self._events = events
        self._reach = acquaintances.reach
        self.touched = [
            Touched(
                scheme,
                key[0] or "",
                key,
                scheme.group(key),
                at,
                self._firsts(scheme, at),
            )
            for scheme, by_key in places.items()
            for key, at in by_key.items()
        ]

    def look(self, touched: Touched) -> None:
        """Look up what is known of the group. Raises StoreError."""
        self._acquaintances.meets(touched.account, self._events[touched.places[0]].time)
        window = max((rule.window.seconds for rule in touched.scheme.rules), default=0)
        touched.met = self._acquaintances.look(touched.group, touched.firsts, window)

    def add_new(self, touched: Touched, trust: Trust, tallies: dict[str, GroupTally]) -> None:
        """Add what is new of it to the tallies of the rules that fire on it."""
        for rule in touched.scheme.rules:
            for place in self._new(touched, rule.window.seconds):
                event = self._events[place]
                seen = rule.sightings(event, trust)
                if seen is not None:
                    rule.add(place, event, seen, self._default(touched, event), tallies)

    def keep(self, touched: Touched, failed: AbstractSet[int]) -> None:
        """Remember it, but for the events that failed: all else was counted. Raises StoreError."""
        if touched.met is None:
            return
        firsts = touched.firsts
        if not failed.isdisjoint(touched.places):
            done = [place for place in touched.places if place not in failed]
            firsts = self._firsts(touched.scheme, done)
        self._acquaintances.keep(touched.group, firsts, touched.met)

    def familiar(self, touch: Touch, key: Key, event: RegistryEvent) -> bool:
        """Whether the event's own repository is familiar to its actor. Raises StoreError."""
        scheme = Scheme(Newness(touch))
        met = self._all(scheme.group(key))
        by = event.time - DAY
        return is_known(met, scheme.repository(event), event.time, by, self._reach)

    def all_familiar(
        self, touch: Touch, key: Key, event: RegistryEvent, seen: AbstractSet[int]
    ) -> bool:
        """Whether the repositories of all these sightings are familiar. Raises StoreError.

        Sightings tell a part of their repository's hash alone. So nothing that is new may match it,
        and something that is familiar has to.
        """
        met = self._all(Scheme(Newness(touch)).group(key))
        if is_full(met, event.time, self._reach):
            return True
        by = event.time - DAY
        old, new = set[int](), set[int]()
        for repository, first in first_touches(met, event.time, self._reach).items():
            (old if first <= by else new).add(repository_of(repository))
        there = set(map(repository_of, seen))
        return there <= old and there.isdisjoint(new)

    def known(self, key: Key, event: RegistryEvent) -> bool:
        """Whether the actor used anything, in any way, a day before. Raises StoreError."""
        kinds: tuple[Touch, ...] = ("pull", "push", "delete")
        by = event.time - DAY
        for kind in kinds:
            met = self._all(Scheme(Newness(kind)).group(key))
            if any(first <= by for first in first_touches(met, event.time, self._reach).values()):
                return True
        return False

    def role_only(self, touch: Touch, key: Key, event: RegistryEvent) -> bool:
        """Whether so far roles alone touched the event's repository. Raises StoreError."""
        scheme = Scheme(Newness(touch, "kind"))
        repository = scheme.repository(event)

        def did(kind: str) -> bool:
            met = self._acquaintances.read(scheme.group((*key[:3], kind)))
            return is_known(met, repository, event.time, event.time - DAY, self._reach)

        return did("role") and not did("person")

    def learning(self, account: str | None, time: float) -> bool:
        """Whether the account is being learnt at that time. Raises StoreError."""
        return self._acquaintances.learning(account or "", time)

    def _all(self, group: str) -> Firsts:
        """What is stored of the group now, and what this batch adds."""
        met = self._acquaintances.read(group)
        for touched in self.touched:
            if touched.group == group:
                met = merged(met, touched.firsts)
        return met

    def _new(self, touched: Touched, window_seconds: int) -> Iterator[int]:
        """The places of the events that are new, by what was known and by the batch itself."""
        if touched.met is None:
            return
        unknown = {
            (period, repository)
            for period, firsts in touched.firsts.items()
            for repository, first in firsts.items()
            if not self._is_known(touched, repository, first, first - window_seconds)
        }
        if not unknown:
            return
        for place in touched.places:
            event = self._events[place]
            at, repository = second_of(event.time), touched.scheme.repository(event)
            if (period_of(at), repository) not in unknown:
                continue
            if not self._is_known(touched, repository, at, at - window_seconds):
                yield place

    def _is_known(self, touched: Touched, repository: int, time: float, by: float) -> bool:
        """By what was known, or by the batch itself: what is old in it is no news either."""
        met = touched.met or {}
        return is_known(met, repository, time, by, self._reach) or is_known(
            touched.firsts, repository, time, by, self._reach
        )

    def _firsts(self, scheme: Scheme, places: Sequence[int]) -> Firsts:
        firsts: dict[int, dict[int, int]] = {}
        repository_of_event = scheme.repository
        for place in places:
            event = self._events[place]
            at, repository = second_of(event.time), repository_of_event(event)
            held = firsts.get(period_of(at))
            if held is None:
                held = firsts[period_of(at)] = {}
            if at < held.get(repository, at + 1):
                held[repository] = at
        return firsts

    def _default(self, touched: Touched, event: RegistryEvent) -> Key:
        if touched.scheme.newness.of == "actor":
            return touched.default
        return who_and_where(event)
