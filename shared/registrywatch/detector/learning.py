"""Learning from events of earlier days: who used what, and since when an account is known.

Nothing is judged, counted or raised. What is learnt is small, whatever the number of events: the
earliest touch of each repository by each actor in each period. In a store it is merged with what is
there: learning the same again changes nothing, and an interrupted run can be repeated.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from registrywatch.detector.grouping import who_and_where
from registrywatch.detector.scheme import Scheme, Share
from registrywatch.detector.views import readers_of
from registrywatch.events import ImagesDeleted, RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Newness, Trust
from registrywatch.rules.tuning import Tuning
from registrywatch.windows.newness import AcquaintanceStore, period_of, second_of

Each = Callable[[Callable[[str], object], Iterable[str]], Iterable[object]]


class Lessons:
    """What has been learnt so far, by the same rules and settings as the detector's."""

    def __init__(
        self, rules: Iterable[AnyRule], tunings: Mapping[str, Tuning], trust: Trust
    ) -> None:
        self._readers = readers_of(rules, tunings, trust)
        self._deletes = Scheme(Newness("delete"))
        self._trust = trust
        self._firsts: dict[str, dict[int, dict[int, int]]] = {}
        self._begun: dict[str, int] = {}
        self.events = 0

    @property
    def repositories(self) -> int:
        """The number of repositories used, counted for each group and period."""
        return sum(len(held) for firsts in self._firsts.values() for held in firsts.values())

    def learn(self, events: Sequence[RegistryEvent]) -> None:
        """Learn from some events, in any order."""
        for event in events:
            schemes = self._schemes(event)
            if schemes:
                self._note(event, schemes)
        self.events += len(events)

    def write(self, store: AcquaintanceStore, each: Each = map) -> None:
        """Add all of it to a store. Raises StoreError; it may then be repeated.

        `each` is `map`, or a map that makes several calls at a time.
        """
        for account, time in self._begun.items():
            store.first_seen(account, time)
        for _ in each(lambda group: store.add(group, self._firsts[group]), self._firsts):
            pass

    def _schemes(self, event: RegistryEvent) -> list[Scheme]:
        readers = self._readers[event.cloud].get(type(event.what))
        schemes = [self._deletes] if isinstance(event.what, ImagesDeleted) else []
        for view in readers.views_of(event, self._trust) if readers else ():
            if view.schemes and (seen := view.sightings(event, self._trust)) and seen[0]:
                schemes += view.schemes
        return schemes

    def _note(self, event: RegistryEvent, schemes: list[Scheme]) -> None:
        share, at = Share(who_and_where(event), event), second_of(event.time)
        account = event.account or ""
        self._begun[account] = min(at, self._begun.get(account, at))
        for scheme in schemes:
            held = self._firsts.setdefault(scheme.group(share), {}).setdefault(period_of(at), {})
            repository = scheme.repository(event)
            held[repository] = min(at, held.get(repository, at))
