"""What distinguishes groups: who acted, and in which registry."""

from collections.abc import Callable

from registrywatch.events import RegistryEvent
from registrywatch.readers import GroupField

type Key = tuple[str | None, ...]


def who_and_where(event: RegistryEvent) -> Key:
    """The default group: the actor, within account and region.

    A registry with a resource id is identified by it, whatever host name or location is named.
    """
    if event.registry_id is None:
        return (event.account, event.region, event.registry, event.actor.id)
    return (event.account, None, event.registry_id, event.actor.id)


def grouping(fields: tuple[GroupField, ...]) -> Callable[[RegistryEvent, Key], Key]:
    """A function that returns an event's group by these fields, given the event's default group.

    A group is always within one registry, unless the account is among the fields.
    """
    if fields == ("actor",):
        return lambda _event, default: default
    wide = "account" in fields

    def key(event: RegistryEvent, default: Key) -> Key:
        parts = [*default[: 1 if wide else 3]]
        if wide and "registry" in fields:
            parts += default[1:3]
        if "actor" in fields:
            parts.append(event.actor.id)
        if "repository" in fields:
            parts.append(event.repository)
        if "ip" in fields:  # an event without an address groups by its actor
            parts.append(event.actor.ip or event.actor.id)
        return tuple(parts)

    return key
