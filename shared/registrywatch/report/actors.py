"""Who did what: for each actor when they were first seen, from where, with what and where to."""

from collections.abc import Iterable

import msgspec

from registrywatch.events import Actor, RegistryEvent

_KEPT = 20  # distinct values kept of each kind; more are only counted, up to `_COUNTED`
_COUNTED = 10_000


class Values(msgspec.Struct):
    """Distinct values in the order in which they were first seen."""

    seen: dict[str, None] = {}

    def add(self, value: str | None) -> None:
        """Notes a value."""
        if value is not None and value not in self.seen and len(self.seen) < _COUNTED:
            self.seen[value] = None

    def first(self) -> list[str]:
        """Those that are shown."""
        return [*self.seen][:_KEPT]


class Doings(msgspec.Struct):
    """What one actor did. Times are in seconds since the epoch."""

    first: float
    last: float
    events: int = 0
    addresses: Values = msgspec.field(default_factory=Values)
    tools: Values = msgspec.field(default_factory=Values)
    repositories: Values = msgspec.field(default_factory=Values)


def actor_key(actor: Actor) -> str | None:
    """What identifies an actor: the id, else the name; None where the source gives neither."""
    return actor.id or actor.name


class ActorBook:
    """Collects the doings of all actors, by `actor_key`."""

    def __init__(self) -> None:
        self.by_id: dict[str | None, Doings] = {}

    def note(self, events: Iterable[RegistryEvent]) -> None:
        """Adds events."""
        for event in events:
            actor, time = event.actor, event.time
            key = actor_key(actor)
            doings = self.by_id.get(key)
            if doings is None:
                doings = self.by_id[key] = Doings(time, time)
            doings.first = min(doings.first, time)
            doings.last = max(doings.last, time)
            doings.events += 1
            doings.addresses.add(actor.ip)
            doings.tools.add(actor.user_agent)
            doings.repositories.add(event.repository)
