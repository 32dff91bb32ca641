"""The events about states that ended: one for each registry, or one for several."""

from collections.abc import Iterable

import msgspec

from registrywatch.events import Actor, RegistryEvent, What
from registrywatch.rules.wording import number_of
from registrywatch.sources import azure_names

MOST_NAMED = 5  # registries in one summary


class Cause(msgspec.Struct, frozen=True):
    """The change that caused the look: the provider's event id, its time, who did it."""

    id: str
    time: float
    actor: Actor


def ended_event(
    registry: str, place: tuple[str, int, int], what: What, cause: Cause | None, now: float
) -> RegistryEvent:
    """The event; its key is the same for every worker that finds the same change.

    `place` is the name of the question, the version of the state that ended, and the number of what
    ended with it.
    """
    question, version, number = place
    key = f"{question} ended {registry.lower()} {version}" + (f" {number}" if number else "")
    return RegistryEvent(
        id=cause.id if cause else key,
        key=key,
        time=cause.time if cause else now,
        cloud="azure",
        account=azure_names.subscription(registry),
        region=None,
        registry=azure_names.login_server(registry),
        repository=None,
        actor=cause.actor if cause else Actor(),
        what=what,
        source="resource-manager",
    )


def of_several(first: RegistryEvent, what: What) -> RegistryEvent:
    """The event about what ended for several registries: `first` is that of the first of them."""
    return msgspec.structs.replace(first, key=f"{first.key} and others", registry=None, what=what)


def named(registries: Iterable[str]) -> str:
    """How many registries there are, and the first of them by name: "7 registries: a, b, …"."""
    names = [azure_names.registry_name(each) or each for each in registries]
    shown = ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
    return f"{number_of(len(names), 'registry')}: {shown}"
