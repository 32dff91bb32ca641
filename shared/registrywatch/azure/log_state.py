"""Whether a registry's logs reach registrywatch: a diagnostic setting may be edited or deleted.

Source: the Diagnostic Settings API 2021-05-01-preview.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import msgspec

from registrywatch.azure import names
from registrywatch.azure.answers import elements, properties
from registrywatch.azure.arm import Arm
from registrywatch.azure.state_watch import Question
from registrywatch.errors import StateUnknown
from registrywatch.events import MonitoringRemoved

API_VERSION = "2021-05-01-preview"
_CATEGORY = "containerregistryrepositoryevents"
_GROUPS = frozenset({"alllogs", "audit"})


class LogState(msgspec.Struct, frozen=True):
    """Whether some diagnostic setting sends the registry's log to registrywatch's event hub.

    `by` are the names of the settings that do, in lower case and sorted.
    """

    on: bool
    by: tuple[str, ...] = ()


def question(arm: Arm, namespace: str | None) -> Question[LogState]:
    """Whether logs go to the event hub in the namespace of that id; None: nothing is asked."""
    return Question("logs", LogState, partial(_ask, arm, namespace), _ended)


def _ended(registry: str, before: LogState, after: LogState) -> tuple[MonitoringRemoved, ...]:
    if not before.on or after.on:
        return ()
    return (MonitoringRemoved("log export", registry.lower()),)


def _ask(
    arm: Arm, namespace: str | None, registries: Iterable[str]
) -> Iterator[tuple[str, LogState | StateUnknown]]:
    for registry in registries if namespace else ():
        resource_id = f"{registry}/providers/Microsoft.Insights/diagnosticSettings"
        try:
            settings = _settings(resource_id, arm.get(resource_id, API_VERSION))
        except StateUnknown as unknown:
            yield registry, unknown
        else:
            by = sorted(
                str(each.get("name")).lower()
                for each in settings
                if isinstance(each, dict) and _sends(each, namespace or "")
            )
            yield registry, LogState(bool(by), tuple(by))


def _settings(resource_id: str, found: dict[str, Any] | None) -> list[Any]:
    """The diagnostic settings; none if the registry does not exist (404)."""
    settings = [] if found is None else found.get("value")
    if not isinstance(settings, list):
        raise StateUnknown(f"{resource_id}: expected a list of settings as `value`")
    return settings


def _sends(setting: dict[str, Any], namespace: str) -> bool:
    sends = properties(setting)
    rule = str(sends.get("eventHubAuthorizationRuleId")).lower()
    hub = str(sends.get("eventHubName") or "").lower()  # none: a hub named after the category
    return (
        rule.startswith(namespace.lower().rstrip("/") + "/")
        and hub == names.EVENT_HUB
        and any(map(_exports, elements(sends, "logs")))
    )


def _exports(log: dict[str, Any]) -> bool:
    named = str(log.get("category")).lower() == _CATEGORY
    return log.get("enabled") is True and (
        named or str(log.get("categoryGroup")).lower() in _GROUPS
    )
