"""What events counted together have in common: their place, their actor, their details."""

from collections.abc import Iterable, Sequence

from registrywatch.alerts.of_rule import Place
from registrywatch.detector.alerting import who
from registrywatch.events import Actor, RegistryEvent
from registrywatch.rules.wording import listed


def place_of(events: Sequence[RegistryEvent], one_repository: bool) -> Place:
    """The place of all events, each part None if it differs between them.

    Repository and resource are None too if what was counted before these events may have others.
    """
    last = events[-1]
    return Place(
        last.cloud,
        last.account,
        _common(event.region for event in events),
        _common(event.registry for event in events),
        _common(event.repository for event in events) if one_repository else None,
        _common(event.resource for event in events) if one_repository else None,
    )


def actor_of(events: Sequence[RegistryEvent]) -> Actor | None:
    """The last event's actor, if all events have the same one."""
    return events[-1].actor if len({event.actor.id for event in events}) == 1 else None


def name_of(actor: Actor) -> str:
    """The role or user without the session, of which a group has several: "Dev"."""
    if actor.id and actor.id.startswith("arn:"):
        return who(Actor(name=actor.id.rpartition("/")[2].rpartition(":")[2]))
    return who(actor)


def several(events: Sequence[RegistryEvent]) -> str:
    """The subject of a sentence on a group that is not one actor's."""
    actors = {event.actor.id for event in events}
    return "Several actors" if len(actors) > 1 else "One or more actors"


def details_of(events: Sequence[RegistryEvent], *, of_one_actor: bool) -> tuple[str, ...]:
    """One sentence: the repositories, addresses and tools of several events.

    The actors too, unless all that was counted is of one.
    """
    if of_one_actor and len(events) == 1:  # the alert itself has them
        return ()
    actors = {} if of_one_actor else {event.actor.id: None for event in events}
    details = (
        (("actor", "actors"), actors),
        (("repository", "repositories"), {event.repository: None for event in events}),
        (("address", "addresses"), {event.actor.ip: None for event in events}),
        (("tool", "tools"), {event.actor.user_agent: None for event in events}),
    )
    parts = [
        f"the {one if len(values) == 1 else several} {listed(values)}"
        for (one, several), found in details
        if (values := [value for value in found if value])
    ]
    return (f"The latest events name {'; '.join(parts)}.",) if parts else ()


def _common(values: Iterable[str | None]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
