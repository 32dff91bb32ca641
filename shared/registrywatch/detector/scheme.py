"""Whose touches are remembered, and each actor's share of a batch."""

from registrywatch.detector.counting import CountedRule
from registrywatch.detector.grouping import Key
from registrywatch.detector.tally import GroupTally
from registrywatch.events import RegistryEvent
from registrywatch.rules.rule import Newness
from registrywatch.windows.sightings import hashed, repository_hash

_FORM = "1"
_CACHED = 4096
_PERSONS = frozenset({"IAMUser", "Root"})


class Share:
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

    def group(self, share: Share) -> str:
        """The group of acquaintances to which these touches belong."""
        if self._by_actor:
            return self.group_of(share.default[0], share.default[3])
        who: str | None = None
        if self.newness.of == "account":
            who = share.first.actor_account
        elif self.newness.of == "kind":
            who = "person" if share.first.actor.type in _PERSONS else "role"
        return self.group_of(share.default[0], who)

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
