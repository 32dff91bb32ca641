"""Whether a registry's images are scanned for vulnerabilities, and which switches decide it.

Scanning runs if registry access, the extension ContainerRegistriesVulnerabilityAssessments, is on
in the Defender plan Containers or CloudPosture of the subscription. Containers may be overridden
for a single registry. Source: "Agentless vulnerability assessment" and the Pricings API 2024-01-01.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Literal

import msgspec

from registrywatch.azure.answers import properties
from registrywatch.azure.arm import Arm
from registrywatch.azure.state_watch import Question
from registrywatch.errors import StateUnknown
from registrywatch.events import ScanningStopped, What

API_VERSION = "2024-01-01"
_EXTENSION = "ContainerRegistriesVulnerabilityAssessments"

Switch = Literal["on", "plan free", "registry access off"]


class ScanState(msgspec.Struct, frozen=True):
    """The state of the switches. `overridden`: this registry has its own Containers setting."""

    containers: Switch
    cloud_posture: Switch
    overridden: bool = False

    @property
    def on(self) -> bool:
        return "on" in (self.containers, self.cloud_posture)


def question(arm: Arm) -> Question[ScanState]:
    """Whether images are scanned."""
    return Question("scanning", ScanState, partial(ask, arm), _ended, _is_shared, _of_several)


def _ended(_registry: str, before: ScanState, after: ScanState) -> tuple[ScanningStopped, ...]:
    switch = what_stopped(before, after)
    return () if switch is None else (ScanningStopped(switch),)


def _is_shared(what: What) -> bool:
    """Whether a plan of the subscription ended it, so for all its registries."""
    return isinstance(what, ScanningStopped) and "for this registry" not in what.switch


def _of_several(what: What, registries: str) -> What:
    if not isinstance(what, ScanningStopped):
        return what
    return ScanningStopped(f"{what.switch} ({registries})")


def ask(arm: Arm, registries: Iterable[str]) -> Iterator[tuple[str, ScanState | StateUnknown]]:
    """The state of each registry, by resource id; a plan of a subscription is read once.

    A registry whose state can't be read is unknown, and affects no other.
    """
    plans: dict[str, Switch | StateUnknown] = {}

    def of_subscription(subscription: str, plan: str) -> Switch:
        resource_id = f"/subscriptions/{subscription}/providers/Microsoft.Security/pricings/{plan}"
        if resource_id not in plans:
            try:
                plans[resource_id] = _switch(resource_id, arm.get(resource_id, API_VERSION))
            except StateUnknown as unknown:
                plans[resource_id] = unknown
        found = plans[resource_id]
        if isinstance(found, StateUnknown):
            raise type(found)(str(found))
        return found

    for registry in registries:
        try:
            subscription = registry.split("/")[2]
            override = _override(arm, registry)
            yield (
                registry,
                ScanState(
                    containers=override or of_subscription(subscription, "Containers"),
                    cloud_posture=of_subscription(subscription, "CloudPosture"),
                    overridden=override is not None,
                ),
            )
        except StateUnknown as unknown:
            yield registry, unknown


def what_stopped(before: ScanState, after: ScanState) -> str | None:
    """Which switch ended the scanning, in words; None if it did not go from on to off."""
    if not before.on or after.on:
        return None
    parts = []
    if before.containers == "on":
        where = "for this registry" if after.overridden else "of the subscription"
        parts.append(f"plan Containers {where}: {after.containers}")
    if before.cloud_posture == "on":
        parts.append(f"plan CloudPosture of the subscription: {after.cloud_posture}")
    return " and ".join(parts)


def _override(arm: Arm, registry: str) -> Switch | None:
    """The registry's own switch of the plan Containers; None if it has the subscription's.

    A 404 says that the registry has no own setting (or is gone: then nothing was switched off).
    """
    resource_id = f"{registry}/providers/Microsoft.Security/pricings/Containers"
    plan = arm.get(resource_id, API_VERSION)
    if plan is None or _text(plan, "inherited") == "true":
        return None
    return _switch(resource_id, plan)


def _switch(resource_id: str, plan: dict[str, Any] | None) -> Switch:
    """The state of a plan. Raises StateUnknown if the answer is not clear."""
    if plan is None:
        raise StateUnknown(f"{resource_id}: not found; every subscription has this plan")
    tier = _text(plan, "pricingTier")
    if tier == "free":
        return "plan free"
    extensions = properties(plan).get("extensions")
    if tier != "standard" or not isinstance(extensions, list):
        raise StateUnknown(
            f'{resource_id}: expected pricingTier "Free", or "Standard" with a list of extensions'
        )
    for extension in extensions:
        if isinstance(extension, dict) and extension.get("name") == _EXTENSION:
            enabled = str(extension.get("isEnabled")).lower()  # ARM writes "True", a text
            if enabled not in ("true", "false"):
                raise StateUnknown(f'{resource_id}: {_EXTENSION} is neither "True" nor "False"')
            return "on" if enabled == "true" else "registry access off"
    return "registry access off"


def _text(plan: dict[str, Any], name: str) -> str:
    return str(properties(plan).get(name)).lower()
