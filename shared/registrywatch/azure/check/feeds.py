"""Whether what brings events is as in infra/azure: Event Grid subscriptions, the Activity Log.

Sources: the System Topic Event Subscriptions API 2025-02-15 and the Diagnostic Settings API.
"""

from registrywatch.azure import log_state, names
from registrywatch.azure.answers import Json, elements, member, properties
from registrywatch.azure.arm import Arm
from registrywatch.checks import Item, right, wrong

EVENT_GRID = "2025-02-15"
DEPLOY = "az deployment sub create --location REGION --parameters infra/azure/my.bicepparam"
FUNCTION = "event_grid"

_OF_A_REGISTRY = frozenset(
    {
        "microsoft.containerregistry.imagepushed",
        "microsoft.containerregistry.imagedeleted",
    }
)
_OF_RESOURCES = frozenset(
    {
        "microsoft.resources.resourcewritesuccess",
        "microsoft.resources.resourcedeletesuccess",
    }
)
_OPERATIONS = (
    "microsoft.security/pricings/write",
    "microsoft.containerregistry/registries/write",
    "microsoft.containerregistry/registries/delete",
    "microsoft.insights/diagnosticsettings/delete",
    "microsoft.eventgrid/systemtopics/delete",
)
"""Some of the operations that a subscription's filter must let through; all are in infra/azure."""


def event_subscription(arm: Arm, item: str, topic: str, app: str | None) -> Item:
    """Whether a system topic sends its events to the function. Raises StateUnknown."""
    found = arm.get(f"{topic}/eventSubscriptions", EVENT_GRID)
    if found is None:
        return wrong(item, "the system topic is gone", DEPLOY)
    wanted = f"{app}/functions/{FUNCTION}".lower()
    to_app = [properties(each) for each in elements(found)]
    to_app = [each for each in to_app if _destination(each) == wanted]
    if not to_app:
        return wrong(item, "no subscription of the topic sends events to the function", DEPLOY)
    failed = [each for each in to_app if str(each.get("provisioningState")) != "Succeeded"]
    if failed:
        state = failed[0].get("provisioningState")
        return wrong(item, f"a subscription to the function is {state}", DEPLOY)
    if not (_passes_images(to_app) or _passes_changes(to_app)):
        return wrong(item, "its subscription lets too few events through", DEPLOY)
    return right(item, "its events reach the function")


def _passes_images(subscriptions: list[Json]) -> bool:
    """Whether some subscription lets every push and delete of a registry through."""
    narrowing = ("subjectBeginsWith", "subjectEndsWith", "advancedFilters")
    return any(
        _types(each) >= _OF_A_REGISTRY and not any(_filter(each).get(name) for name in narrowing)
        for each in subscriptions
    )


def _passes_changes(subscriptions: list[Json]) -> bool:
    """Whether some subscription lets the changes of registries' resources through."""
    for each in subscriptions:
        values = tuple(
            str(value).lower()
            for narrowed in elements(_filter(each), "advancedFilters")
            for value in narrowed.get("values") or ()
        )
        passed = all(operation.startswith(values) for operation in _OPERATIONS)
        if _types(each) >= _OF_RESOURCES and passed and not _filter(each).get("subjectBeginsWith"):
            return True
    return False


def activity_log(arm: Arm, item: str, setting: str, namespace: str | None) -> Item:
    """Whether the subscription's Activity Log reaches the event hub. Raises StateUnknown."""
    found = arm.get(setting, log_state.API_VERSION)
    if found is None:
        return wrong(item, "the diagnostic setting is gone", DEPLOY)
    sends = properties(found)
    rule = str(sends.get("eventHubAuthorizationRuleId")).lower()
    hub = str(sends.get("eventHubName")).lower()
    if not rule.startswith(f"{namespace}/".lower()) or hub != names.EVENT_HUB:
        return wrong(item, "it sends the Activity Log to another place", DEPLOY)
    for log in elements(sends, "logs"):
        if log.get("enabled") and str(log.get("category")).lower() == "administrative":
            return right(item, "changes of resources reach the event hub")
    return wrong(item, "it no longer sends the category Administrative", DEPLOY)


def _destination(subscription: Json) -> str:
    """The resource id of the function that gets the events, in lower case."""
    destination = subscription.get("destination")
    return str(properties(destination).get("resourceId")).lower()


def _filter(subscription: Json) -> Json:
    return member(subscription, "filter")


def _types(subscription: Json) -> set[str]:
    """The kinds of events that pass, in lower case."""
    return {str(each).lower() for each in _filter(subscription).get("includedEventTypes") or ()}
