"""What the self-check reports of a part: the event that a rule judges, as any other."""

import msgspec

from registrywatch.checks.item import Item
from registrywatch.events import Actor, CheckChanged, Cloud, RegistryEvent

ACTOR = Actor(id="registrywatch", name="The self-check", type="SelfCheck")


class Place(msgspec.Struct, frozen=True):
    """What is checked: a deployment's account (or subscription) and region, or one registry's."""

    cloud: Cloud
    account: str | None
    region: str | None
    registry: str | None = None
    registry_id: str | None = None


def event_of(
    item: Item, place: Place, *, key: str, began: str, minor: bool, recovered: bool, time: float
) -> RegistryEvent:
    """The event of a part that was found wrong, or is right again.

    `key` is the same for every check that finds this change; `began` is the key of the event that
    said that it is wrong, `minor` how wrong that was.
    """
    return RegistryEvent(
        id=key,
        key=key,
        time=time,
        cloud=place.cloud,
        account=place.account,
        region=place.region,
        registry=place.registry,
        repository=None,
        actor=ACTOR,
        what=CheckChanged(item.name, item.found, item.mend, minor, recovered, began),
        source="self-check",
        registry_id=place.registry_id,
    )
