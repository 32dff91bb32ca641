"""What registrywatch needs to see Azure registries, or to send its alerts, was removed."""

from collections.abc import Iterator

from registrywatch.events import CheckChanged, MonitoringRemoved, RegistryEvent
from registrywatch.globs import in_lower_case
from registrywatch.rules.grading.self_check import check_finding
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity

_LOGS = "Pulls, deletes and untags in the registry, or changes of resources, are no longer seen."
_LOST = {
    "diagnostic setting": _LOGS,
    "log export": "No diagnostic setting sends the registry's log to registrywatch any more.",
    "event subscription": "Pushes and deletes in the registry, or changes of resources, are no "
    "longer seen.",
    "system topic": "Every Event Grid subscription of its source is deleted with it.",
    "event hub": _LOGS,
    "event hub namespace": _LOGS,
    "event hub settings": _LOGS,
    "access rule": "Diagnostic settings need this rule's right to send logs.",
    "access key": "Diagnostic settings need this key to send logs, until they are saved again.",
    "function app": "Without it, nothing is detected or delivered.",
    "function": "The events or messages of this function are no longer handled.",
    "storage account": "It holds the counts, the queues and the record of deliveries.",
    "key vault": "It holds the secrets of the destinations: alerts can't be sent.",
    "action group": "Operators are no longer notified of a failure of registrywatch itself.",
    "alert rule": "A failure of registrywatch itself is no longer reported.",
    "log store": "The alerts on failures of registrywatch itself read this log.",
    "lock": "It protected the parts of registrywatch from deletion. Nothing is lost yet.",
    "role assignment": "The function app has lost a right.",
    "identity": "The function app has lost all its rights.",
    "resource group": "All of registrywatch is deleted with it.",
}
_TYPES = {
    "event hub": "eventhubs",
    "event hub namespace": "namespaces",
    "function app": "sites",
    "storage account": "storageaccounts",
}
"""The type, in a resource id, of what has parts with ids of their own."""
_FEEDS = frozenset({"diagnostic setting", "event subscription", "system topic", "log export"})
LOOKED_UP = frozenset({"event subscription", "function app", "event hub settings"})
"""A change of these is judged by their state, which the self-check looks up."""


def _judge(
    event: RegistryEvent, what: MonitoringRemoved | CheckChanged, trust: Trust
) -> Finding | None:
    if isinstance(what, CheckChanged):
        return check_finding(event, what)
    if what.kind not in _FEEDS and not is_own(what.resource, trust):
        return None
    summary = _summary(what)
    where = f"The resource is {shown(what.resource)}."
    if what.how == "changed" and what.kind in LOOKED_UP:
        why = "The event does not show the new state: state not looked up."
        return Finding(Severity.INFORMATIONAL, summary, (why, where))
    severity = Severity.MEDIUM if what.kind == "lock" else Severity.HIGH
    return Finding(severity, summary, (_LOST[what.kind], where))


def is_own(resource: str, trust: Trust) -> bool:
    """Whether a resource, or its resource group, has the name of one of registrywatch's own."""
    own = in_lower_case(trust.own_resources)
    return any(name in own for name in _names(resource.lower()))


def _names(resource: str) -> Iterator[str]:
    """The resource group's name, and the resource's: what follows its provider and type."""
    parts = resource.strip("/").split("/")
    if len(parts) > 3 and parts[2] == "resourcegroups":
        yield parts[3]
    if "providers" in parts:
        yield from parts[parts.index("providers") + 3 :][:1]


def _summary(what: MonitoringRemoved) -> str:
    name, part = _named(what)
    match what.kind:
        case "log export":
            return f"ended the {what.kind} of {name}"
        case "access key":
            return f"regenerated a key of the access rule {name}"
        case "event hub settings":
            return f"changed the settings of the event hub {name}"
    return f"{what.how} the {what.kind} {name}{f' ({part})' if part else ''}"


def _named(what: MonitoringRemoved) -> tuple[str, str]:
    """The resource's name, and what of it was changed: "rwx1" and "queues/alerts"."""
    parts = what.resource.split("/")
    kind = _TYPES.get(what.kind)
    if kind not in parts[:-2]:
        return shown(parts[-1]), ""
    at = parts.index(kind) + 1
    return shown(parts[at]), shown("/".join(parts[at + 1 :][-2:]))


ACR_MONITORING_REMOVED = Rule[MonitoringRemoved | CheckChanged](
    name="acr-monitoring-removed",
    title="Registry Monitoring Removed",
    cloud="azure",
    mitre=(Mitre("TA0005", "T1562.008"),),
    reads=(MonitoringRemoved, CheckChanged),
    description=(
        "Something that registrywatch needs was deleted, stopped or redirected: the diagnostic "
        "setting of a "
        "watched registry or of the Activity Log, the Event Grid subscription or system topic, "
        "the event hub with its namespace, access rules and keys, the function app or one of its "
        "functions, its storage account, key vault, identity or role assignments, its alerts, the "
        "log that they read and their action group, or the whole resource group. It is high; "
        "medium for the lock that protects all this from deletion. If a setting, subscription or "
        "app was edited, registrywatch asks Azure Resource Manager for its state and judges that; "
        "if the state can't be read, as in a replay, an edit is informational. The self-check "
        "raises the same alert for any part that it finds worse than before, and a medium one if "
        "no event has arrived for longer than usual."
    ),
    impact=(
        "Changes in the registry are no longer seen, or can't be reported. An "
        "attacker does this before they steal, replace or delete images."
    ),
    mitigation=(
        "Ask the actor whether they meant it. Run `registrywatch check azure`, which names every "
        "part that is wrong and the command that fixes it, or deploy infra/azure again. Then "
        "search the Activity Log for what else the same identity did, and check what has changed "
        "in the registry since."
    ),
    references=(
        "https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings",
        "https://learn.microsoft.com/azure/event-grid/system-topics",
    ),
    harmless=(
        "An operator deploys, moves or removes registrywatch.",
        "In a replay, a system topic or event subscription that belongs to another application.",
    ),
    judge=_judge,
)
