"""Changes of Azure resources that registrywatch needs, in all kinds of records.

A registry's events arrive by a diagnostic setting (its logs) and by Event Grid: a system topic
with subscriptions, or a subscription on the resource itself. The Activity Log's own diagnostic
setting is on the subscription. The rest is the deployment: event hub, function app, storage,
alerts, rights.
Operations are those of each resource provider, as the Activity Log names them.
"""

from registrywatch.events.monitoring import How, Monitored, MonitoringRemoved
from registrywatch.sources import azure_names

FEEDS: dict[str, tuple[Monitored, How]] = {
    "microsoft.insights/diagnosticsettings/delete": ("diagnostic setting", "deleted"),
    "microsoft.eventgrid/eventsubscriptions/delete": ("event subscription", "deleted"),
    "microsoft.eventgrid/eventsubscriptions/write": ("event subscription", "changed"),
    "microsoft.eventgrid/systemtopics/eventsubscriptions/delete": (
        "event subscription",
        "deleted",
    ),
    "microsoft.eventgrid/systemtopics/eventsubscriptions/write": ("event subscription", "changed"),
    "microsoft.eventgrid/systemtopics/delete": ("system topic", "deleted"),
}
"""Operations on what brings a registry's events to registrywatch."""

PARTS: dict[str, tuple[Monitored, How]] = {
    "microsoft.eventhub/namespaces/delete": ("event hub namespace", "deleted"),
    "microsoft.eventhub/namespaces/networkrulesets/write": ("event hub namespace", "changed"),
    "microsoft.eventhub/namespaces/eventhubs/delete": ("event hub", "deleted"),
    "microsoft.eventhub/namespaces/eventhubs/consumergroups/delete": ("event hub", "changed"),
    "microsoft.eventhub/namespaces/authorizationrules/delete": ("access rule", "deleted"),
    "microsoft.eventhub/namespaces/eventhubs/authorizationrules/delete": (
        "access rule",
        "deleted",
    ),
    "microsoft.eventhub/namespaces/authorizationrules/regeneratekeys/action": (
        "access key",
        "changed",
    ),
    "microsoft.eventhub/namespaces/eventhubs/authorizationrules/regeneratekeys/action": (
        "access key",
        "changed",
    ),
    "microsoft.web/sites/delete": ("function app", "deleted"),
    "microsoft.web/sites/stop/action": ("function app", "stopped"),
    "microsoft.web/sites/write": ("function app", "changed"),
    "microsoft.web/sites/config/write": ("function app", "changed"),
    "microsoft.web/sites/config/delete": ("function app", "changed"),
    "microsoft.web/sites/functions/delete": ("function", "deleted"),
    "microsoft.storage/storageaccounts/delete": ("storage account", "deleted"),
    "microsoft.storage/storageaccounts/queueservices/queues/delete": (
        "storage account",
        "changed",
    ),
    "microsoft.storage/storageaccounts/tableservices/tables/delete": (
        "storage account",
        "changed",
    ),
    "microsoft.keyvault/vaults/delete": ("key vault", "deleted"),
    "microsoft.insights/actiongroups/delete": ("action group", "deleted"),
    "microsoft.insights/metricalerts/delete": ("alert rule", "deleted"),
    "microsoft.insights/scheduledqueryrules/delete": ("alert rule", "deleted"),
    "microsoft.insights/activitylogalerts/delete": ("alert rule", "deleted"),
    "microsoft.authorization/roleassignments/delete": ("role assignment", "deleted"),
    "microsoft.managedidentity/userassignedidentities/delete": ("identity", "deleted"),
    "microsoft.resources/subscriptions/resourcegroups/delete": ("resource group", "deleted"),
    "microsoft.eventhub/namespaces/write": ("event hub settings", "changed"),
    "microsoft.eventhub/namespaces/eventhubs/write": ("event hub settings", "changed"),
    "microsoft.eventhub/namespaces/authorizationrules/write": ("event hub settings", "changed"),
    "microsoft.web/serverfarms/delete": ("function app", "deleted"),
    "microsoft.storage/storageaccounts/blobservices/containers/delete": (
        "storage account",
        "changed",
    ),
    "microsoft.insights/components/delete": ("log store", "deleted"),
    "microsoft.operationalinsights/workspaces/delete": ("log store", "deleted"),
    "microsoft.authorization/locks/delete": ("lock", "deleted"),
}
"""Operations on the parts of a deployment; the rule decides by name whether they matter."""

AT_ONCE = tuple(PARTS)[:25]
"""Those in the Event Grid filter, which accepts 25 values; the Activity Log brings all."""

_OPERATIONS = FEEDS | PARTS
_TOPIC = "/providers/microsoft.eventgrid/systemtopics/"
_EXTENSIONS = (
    "/providers/microsoft.insights/diagnosticsettings/",
    "/providers/microsoft.eventgrid/eventsubscriptions/",
)


def change(operation: str | None, resource_id: str | None) -> MonitoringRemoved | None:
    """What was removed or changed; None if it can't concern registries.

    A system topic's id does not show its source: the deployment knows its own topics.
    """
    did = (operation or "").lower()
    resource = (resource_id or "").lower().rstrip("/")
    if did not in _OPERATIONS or not resource:
        return None
    if did in FEEDS and not (_TOPIC in resource or _on_registry_or_subscription(resource)):
        return None
    kind, how = _OPERATIONS[did]
    return MonitoringRemoved(kind, resource, how)


def _on_registry_or_subscription(resource: str) -> bool:
    for provider in _EXTENSIONS:
        scope, found, _ = resource.rpartition(provider)
        if found:
            return azure_names.registry_name(scope) is not None or scope.count("/") == 2
    return False
