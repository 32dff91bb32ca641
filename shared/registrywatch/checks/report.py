"""What the self-check reports about a part: an event that a rule judges like any other."""

import msgspec

from registrywatch.checks.item import Item
from registrywatch.events import Actor, CheckChanged, Cloud, RegistryEvent
from registrywatch.rules.grading.self_check import SELF_CHECK
from registrywatch.sources import azure_names

ACTOR = Actor(id="registrywatch", name="The self-check", type=SELF_CHECK)


class CheckedPlace(msgspec.Struct, frozen=True):
    """What is checked: a deployment's account (or subscription) and region, or one registry's."""

    cloud: Cloud
    account: str | None
    region: str | None
    registry: str | None = None
    registry_id: str | None = None


def place_of_registry(registry: str) -> CheckedPlace:
    """The place of a registry: "ACCOUNT REGION" on AWS, its resource id in lower case on Azure."""
    if registry.startswith("/"):
        host = azure_names.login_server(registry)
        return CheckedPlace("azure", azure_names.subscription(registry), None, host, registry)
    account, _, region = registry.partition(" ")
    return CheckedPlace("aws", account, region)


def event_of(
    item: Item,
    place: CheckedPlace,
    *,
    key: str,
    began: str,
    minor: bool,
    recovered: bool,
    time: float,
) -> RegistryEvent:
    """The event about a part that was found wrong, or is right again.

    `key` is the same for every check that finds this change; `began` is the key of the event that
    reported the part as wrong, and `minor` says whether that was minor.
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
        what=CheckChanged(item.name, item.found, item.fix, minor, recovered, began),
        source="self-check",
        registry_id=place.registry_id,
    )
