"""How exposed a registry is by its own settings: who may access it, and what can be restored.

Source: the Registries API 2025-11-01 of Azure Container Registry. A setting that the answer lacks,
because the registry's tier or the API version does not have it, is unknown and never compared.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

import msgspec

from registrywatch.azure.answers import Json, member, properties
from registrywatch.azure.arm import Arm
from registrywatch.azure.state_watch import Question
from registrywatch.errors import StateUnknown
from registrywatch.events.azure_resources import Protection, RegistryExposed
from registrywatch.rules.grading.iam.addresses import NOWHERE, Addresses, hold_anyone, read, union

API_VERSION = "2025-11-01"
SHORT_RETENTION_DAYS = 7


class ExposureState(msgspec.Struct, frozen=True):
    """For each setting whether it exposes the registry; None if that is not known."""

    exposes: dict[Protection, bool | None]

    @property
    def on(self) -> bool:
        """Always true, so that there are two looks: the first may see the state before a change."""
        return True


def question(arm: Arm) -> Question[ExposureState]:
    """How exposed registries are."""
    return Question("exposure", ExposureState, partial(ask, arm), ended)


def ended(
    registry: str, before: ExposureState, after: ExposureState
) -> tuple[RegistryExposed, ...]:
    """One event for each protection that was there before and no longer is."""
    return tuple(
        RegistryExposed(setting, registry.lower())
        for setting, exposed in after.exposes.items()
        if exposed and before.exposes.get(setting) is False
    )


def ask(arm: Arm, registries: Iterable[str]) -> Iterator[tuple[str, ExposureState | StateUnknown]]:
    """The state of each registry, by resource id. A registry that is gone is skipped."""
    for registry in registries:
        try:
            found = arm.get(registry, API_VERSION)
            if found is not None:
                yield registry, _state(registry, found)
        except StateUnknown as unknown:
            yield registry, unknown


def _state(registry: str, found: Json) -> ExposureState:
    known = properties(found)
    if not known:
        raise StateUnknown(f"{registry}: the answer has no properties")
    policies = member(known, "policies")
    retention = member(policies, "retentionPolicy")
    return ExposureState(
        {
            "anonymous pull": _flag(known, "anonymousPullEnabled"),
            "admin user": _flag(known, "adminUserEnabled"),
            "public network": _open_to_all(known),
            "export policy": _is(policies, "exportPolicy", "enabled"),
            "soft delete": _is(policies, "softDeletePolicy", "disabled"),
            "retention": _is_short(retention),
            "trust policy": _is(policies, "trustPolicy", "disabled"),
            "quarantine policy": _is(policies, "quarantinePolicy", "disabled"),
            "trusted services": _says(known, "networkRuleBypassOptions", "azureservices"),
            "tasks' bypass": _flag(known, "networkRuleBypassAllowedForTasks"),
        }
    )


def _open_to_all(properties: Json) -> bool | None:
    """Whether every network may connect. Without network rules (Basic, Standard) every one may.

    A registry with `publicNetworkAccess` off accepts private endpoints alone. Rules that together
    admit more addresses than a policy's condition may are no restriction.
    """
    access = properties.get("publicNetworkAccess")
    if not isinstance(access, str):
        return None
    rules = properties.get("networkRuleSet")
    if access.casefold() != "enabled":
        return False
    if not isinstance(rules, dict) or str(rules.get("defaultAction")).casefold() != "deny":
        return True
    admitted = rules.get("ipRules")
    admitted = admitted if isinstance(admitted, list) else []
    return hold_anyone(union(chain.from_iterable(map(_admitted, admitted))))


def _admitted(rule: object) -> Addresses:
    """The addresses that an IP rule admits; none if it can't be read."""
    value = rule.get("value") if isinstance(rule, dict) else None
    return read([value]) or NOWHERE if isinstance(value, str) else NOWHERE


def _is_short(retention: Json) -> bool | None:
    """Whether untagged manifests are deleted within a week. Not if there is no retention policy."""
    status, days = retention.get("status"), retention.get("days")
    if not isinstance(status, str):
        return None
    if status.casefold() != "enabled":
        return False
    return isinstance(days, int) and days <= SHORT_RETENTION_DAYS


def _is(policies: Json, policy: str, status: str) -> bool | None:
    return _says(member(policies, policy), "status", status)


def _says(part: Json, name: str, value: str) -> bool | None:
    found = part.get(name)
    return found.casefold() == value if isinstance(found, str) else None


def _flag(part: Json, name: str) -> bool | None:
    found = part.get(name)
    return found if isinstance(found, bool) else None
