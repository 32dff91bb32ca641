"""The activity of each actor: first and last event, addresses, tools, repositories."""

from collections.abc import Iterable

import msgspec

from registrywatch.events import Actor, RegistryEvent

_SHOWN = 20  # distinct values of each kind that a page shows
_COUNTED = 10_000  # distinct values of each kind that are counted


class Values(msgspec.Struct):
    """Distinct values, in the order of their first appearance."""

    seen: dict[str, None] = {}

    def add(self, value: str | None) -> None:
        """Add a value; None is ignored."""
        if value is not None and value not in self.seen and len(self.seen) < _COUNTED:
            self.seen[value] = None

    def first(self) -> list[str]:
        """The values that a page shows."""
        return [*self.seen][:_SHOWN]


class Activity(msgspec.Struct):
    """What one actor did. Times are in seconds since the epoch."""

    first: float
    last: float
    events: int = 0
    addresses: Values = msgspec.field(default_factory=Values)
    tools: Values = msgspec.field(default_factory=Values)
    repositories: Values = msgspec.field(default_factory=Values)


def actor_key(actor: Actor) -> str | None:
    """What identifies an actor: the id, or else the name; None if the event has neither."""
    return actor.id or actor.name


class Activities:
    """Collects the activity of all actors, by `actor_key`."""

    def __init__(self) -> None:
        self.by_id: dict[str | None, Activity] = {}

    def note(self, events: Iterable[RegistryEvent]) -> None:
        """Add events."""
        for event in events:
            actor, time = event.actor, event.time
            key = actor_key(actor)
            activity = self.by_id.get(key)
            if activity is None:
                activity = self.by_id[key] = Activity(time, time)
            activity.first = min(activity.first, time)
            activity.last = max(activity.last, time)
            activity.events += 1
            activity.addresses.add(actor.ip)
            activity.tools.add(actor.user_agent)
            activity.repositories.add(event.repository)
