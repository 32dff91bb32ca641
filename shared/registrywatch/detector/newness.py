"""What a batch touches: what of it is new, what is familiar, and what to remember.

See `registrywatch.windows.acquaintances` for the order of the steps, which makes it exact.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from registrywatch.detector.counting import CountedRule
from registrywatch.detector.grouping import Key
from registrywatch.detector.outcome import Outcome, reason_of
from registrywatch.detector.tally import GroupTally
from registrywatch.events import RegistryEvent
from registrywatch.rules.rule import Newness, Touch, Trust
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.newness import (
    DAY,
    Firsts,
    first_touches,
    is_full,
    is_known,
    known_since,
    merged,
    period_of,
    second_of,
)
from registrywatch.windows.sightings import hashed, repository_hash, repository_of

_FORM = "1"
_CACHED = 4096
_PERSONS = frozenset({"IAMUser", "Root"})


class Here:
    """One actor's share of a batch in one registry, as one view sees it.

    `default` is its default group, `first` its first event; `firsts` has the earliest time of each
    repository by name, `hashed` the same by hash, after all events were gathered. `tallies` are
    those of the rules for which it is one group.
    """

    __slots__ = ("default", "first", "firsts", "hashed", "places", "tallies")

    def __init__(self, default: Key, first: RegistryEvent) -> None:
        self.default = default
        self.first = first
        self.places: list[int] = []
        self.firsts: dict[str | None, float] = {}
        self.hashed: dict[int, int] | None = None
        self.tallies: list[GroupTally] = []


class Scheme:
    """Whose touches of one kind are remembered, and the rules that fire on the new ones."""

    def __init__(self, newness: Newness) -> None:
        self.newness = newness
        self.rules: list[CountedRule] = []
        self.in_repository = newness.of in ("actor", "kind")
        self._by_actor = newness.of == "actor"
        self._groups: dict[tuple[str | None, str | None], str] = {}
        self._repositories: dict[tuple[str | None, str | None], int] = {}

    def group(self, here: Here) -> str:
        """The group of acquaintances to which these touches belong."""
        if self._by_actor:
            return self.group_of(here.default[0], here.default[3])
        who: str | None = None
        if self.newness.of == "account":
            who = here.first.actor_account
        elif self.newness.of == "kind":
            who = "person" if here.first.actor.type in _PERSONS else "role"
        return self.group_of(here.default[0], who)

    def group_of(self, account: str | None, who: str | None) -> str:
        """The group of a caller: one for all registries of an account."""
        if (known := self._groups.get((account, who))) is not None:
            return known
        if len(self._groups) >= _CACHED:
            self._groups.clear()
        parts = ("-" if part is None else f"={part}" for part in (account, who))
        digest = hashed(_FORM, self.newness.touch, self.newness.of, *parts, size=16).hex()
        self._groups[account, who] = digest
        return digest

    @property
    def window_seconds(self) -> int:
        """The longest window of the rules: what is older by that is new to none of them."""
        return max((rule.window.seconds for rule in self.rules), default=0)

    def repository(self, event: RegistryEvent) -> int:
        """The hash of what was touched: the repository, or 0 if the repository does not matter."""
        if not self.in_repository:
            return 0
        return self.repository_named(event.registry_id or event.registry, event.repository)

    def repository_named(self, registry: str | None, name: str | None) -> int:
        """The hash of a repository."""
        if (known := self._repositories.get((registry, name))) is not None:
            return known
        if len(self._repositories) >= _CACHED:
            self._repositories.clear()
        made = self._repositories[registry, name] = repository_hash(registry or "", name or "")
        return made


class Touched(msgspec.Struct):
    """What one group touched in a batch; `met` is what it had touched before, None if unknown."""

    scheme: Scheme
    here: Here
    group: str
    firsts: Firsts
    met: Firsts | None = None

    @property
    def places(self) -> list[int]:
        """The places of the events."""
        return self.here.places


class Touches:
    """All touches of one batch."""

    def __init__(
        self,
        acquaintances: Acquaintances,
        events: Sequence[RegistryEvent],
        seen: Sequence[tuple[Sequence[Scheme], Collection[Here]]],
    ) -> None:
        self._acquaintances = acquaintances
        self._events = events
        self._reach = acquaintances.reach
        times = [event.time for event in events] or [0.0]
        periods = {period_of(second_of(time)) for time in (min(times), max(times))}
        self._period = periods.pop() if len(periods) == 1 else None
        self._seen = seen
        self._begun: set[str] = set()
        self._own: dict[str, Firsts] | None = None
        self.touched: list[Touched] = []

    def look(self, outcome: Outcome) -> None:
        """Look up what is known; afterwards `touched` holds the touches that this does not settle.

        If the look-up fails, the events fail.
        """
        look = self._acquaintances.look
        for schemes, heres in self._seen:
            for scheme in schemes:
                window = scheme.window_seconds
                for here in heres:
                    touched = Touched(scheme, here, scheme.group(here), self._firsts(scheme, here))
                    try:
                        self._begin(here)
                        touched.met = look(touched.group, touched.firsts, window)
                    except Exception as error:  # noqa: BLE001 - the caller hands them in again
                        outcome.failed |= dict.fromkeys(here.places, reason_of(error))
                        self.touched.append(touched)
                        continue
                    if touched.met is not None:
                        self.touched.append(touched)

    def _begin(self, here: Here) -> None:
        account = here.default[0] or ""
        if account not in self._begun:
            self._acquaintances.meets(account, here.first.time)
            self._begun.add(account)

    def add_new(self, touched: Touched, trust: Trust, tallies: dict[str, GroupTally]) -> None:
        """Add the new touches to the tallies of the rules that fire on them."""
        for rule in touched.scheme.rules:
            for place in self._new(touched, rule.window.seconds):
                event = self._events[place]
                seen = rule.sightings(event, trust)
                if seen is not None:
                    rule.add(place, event, seen, touched.here.default, tallies)

    def keep(self, touched: Touched, failed: AbstractSet[int]) -> None:
        """Remember the touches, except of events that failed: the others were counted.

        Raises StoreError.
        """
        if touched.met is None:
            return
        firsts = touched.firsts
        if not failed.isdisjoint(touched.places):
            done = [place for place in touched.places if place not in failed]
            firsts = self._firsts_of(touched.scheme, done)
        self._acquaintances.keep(touched.group, firsts, touched.met)

    def familiar(self, touch: Touch, key: Key, event: RegistryEvent) -> bool:
        """Whether the event's own repository is familiar to its actor. Raises StoreError."""
        scheme = Scheme(Newness(touch))
        met = self._all(scheme.group_of(key[0], key[3]))
        by = event.time - DAY
        return is_known(met, scheme.repository(event), event.time, by, self._reach)

    def unfamiliar(
        self, touch: Touch, key: Key, event: RegistryEvent, repositories: AbstractSet[int]
    ) -> int:
        """How many of these repositories are not familiar to the actor. Raises StoreError.

        They are identified by a part of their hash (`repository_of`). So a repository is familiar
        if it matches a familiar one and none that is not familiar.
        """
        met = self._all(Scheme(Newness(touch)).group_of(key[0], key[3]))
        if is_full(met, event.time, self._reach):
            return 0
        by = event.time - DAY
        old, new = set[int](), set[int]()
        for repository, first in first_touches(met, event.time, self._reach).items():
            (old if first <= by else new).add(repository_of(repository))
        return len(repositories - (old - new))

    def known(self, key: Key, event: RegistryEvent) -> bool:
        """Whether the actor used anything, in any way, a day before. Raises StoreError."""
        kinds: tuple[Touch, ...] = ("pull", "push", "delete")
        by = event.time - DAY
        for kind in kinds:
            met = self._all(Scheme(Newness(kind)).group_of(key[0], key[3]))
            if any(first <= by for first in first_touches(met, event.time, self._reach).values()):
                return True
        return False

    def role_only(self, touch: Touch, key: Key, event: RegistryEvent) -> bool:
        """Whether, until now, only roles touched the event's repository. Raises StoreError."""
        scheme = Scheme(Newness(touch, "kind"))
        repository = scheme.repository(event)

        def did(kind: str) -> bool:
            met = self._all(scheme.group_of(key[0], kind))
            return is_known(met, repository, event.time, event.time - DAY, self._reach)

        return did("role") and not did("person")

    def learning(self, account: str | None, time: float) -> bool:
        """Whether that time is in the account's learning days. Raises StoreError."""
        return self._acquaintances.learning(account or "", time)

    def _all(self, group: str) -> Firsts:
        """What is stored of the group now, and what this batch adds."""
        if self._own is None:
            self._own = {}
            for schemes, heres in self._seen:
                for scheme in schemes:
                    for here in heres:
                        mine, firsts = scheme.group(here), self._firsts(scheme, here)
                        self._own[mine] = merged(self._own.get(mine, {}), firsts)
        return merged(self._acquaintances.read(group), self._own.get(group, {}))

    def _new(self, touched: Touched, window_seconds: int) -> Iterator[int]:
        """The places of the events that are new, by what was known and by the batch itself."""
        if touched.met is None:
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
        """The earliest touch of the repository that counts in that period, before or in the batch.

        What is touched a window later, or more, is not new.
        """
        of = repository, period, self._reach
        return min(known_since(touched.met or {}, *of), known_since(touched.firsts, *of))

    def _firsts(self, scheme: Scheme, here: Here) -> Firsts:
        """The earliest touch of each repository, by period; a batch rarely spans two periods."""
        if self._period is None:
            return self._firsts_of(scheme, here.places)
        if not scheme.in_repository:
            return {self._period: {0: second_of(min(here.firsts.values()))}}
        if here.hashed is None:
            of, registry = scheme.repository_named, here.default[2]
            here.hashed = {
                of(registry, name): second_of(first) for name, first in here.firsts.items()
            }
        return {self._period: here.hashed}

    def _firsts_of(self, scheme: Scheme, places: Sequence[int]) -> Firsts:
        firsts: dict[int, dict[int, int]] = {}
        for place in places:
            event = self._events[place]
            at, repository = second_of(event.time), scheme.repository(event)
            held = firsts.setdefault(period_of(at), {})
            held[repository] = min(at, held.get(repository, at))
        return firsts
