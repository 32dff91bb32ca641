"""Deletes of what brings a registry's events to its watchers, in whatever record they are told.

A registry's events reach somebody by a diagnostic setting (its logs) and by Event Grid: a system
topic with subscriptions, or a subscription on the resource itself. The Activity Log's own
diagnostic setting lies on the subscription.
"""

from typing import Literal

from registrywatch.events import MonitoringRemoved
from registrywatch.sources import azure_names

_Kind = Literal["diagnostic setting", "event subscription", "system topic"]
_DELETES: dict[str, _Kind] = {
    "microsoft.insights/diagnosticsettings/delete": "diagnostic setting",
    "microsoft.eventgrid/eventsubscriptions/delete": "event subscription",
    "microsoft.eventgrid/systemtopics/eventsubscriptions/delete": "event subscription",
    "microsoft.eventgrid/systemtopics/delete": "system topic",
}
_TOPIC = "/providers/microsoft.eventgrid/systemtopics/"
_EXTENSIONS = (
    "/providers/microsoft.insights/diagnosticsettings/",
    "/providers/microsoft.eventgrid/eventsubscriptions/",
)


def is_read(operation: object) -> bool:
    """Whether an operation on a resource is one of those."""
    return isinstance(operation, str) and operation.lower() in _DELETES


def change(operation: str | None, resource_id: str | None) -> MonitoringRemoved | None:
    """What was removed; None if it can't have been about registries.

    A system topic's id does not tell what it is a topic of: whoever knows his own sorts them out.
    """
    kind = _DELETES.get((operation or "").lower())
    resource = (resource_id or "").lower().rstrip("/")
    if kind is None or not (_TOPIC in resource or _on_registry_or_subscription(resource)):
        return None
    return MonitoringRemoved(kind, resource)


def _on_registry_or_subscription(resource: str) -> bool:
    for provider in _EXTENSIONS:
        scope, found, _ = resource.rpartition(provider)
        if found:
            return azure_names.registry_name(scope) is not None or scope.count("/") == 2
    return False
