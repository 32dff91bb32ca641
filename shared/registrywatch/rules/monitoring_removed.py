"""What registrywatch needs to see Azure registries, or to send its alerts, was removed."""

from collections.abc import Iterator

from registrywatch.events import CheckChanged, MonitoringRemoved, RegistryEvent
from registrywatch.globs import Globs
from registrywatch.rules.monitoring_checked import check_finding
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity

_LOGS = "Pulls, deletes and untags of the registry, or changes of resources, are no longer seen."
_LOST = {
    "diagnostic setting": _LOGS,
    "log export": "No diagnostic setting sends the registry's log to registrywatch any more.",
    "event subscription": "Pushes and deletes of the registry, or changes of resources, are no "
    "longer seen.",
    "system topic": "Every Event Grid subscription of its source is gone with it.",
    "event hub": _LOGS,
    "event hub namespace": _LOGS,
    "event hub settings": _LOGS,
    "access rule": "Diagnostic settings send logs with the right that this rule gave them.",
    "access key": "Diagnostic settings send logs with such a key, until they are saved again.",
    "function app": "It detects and delivers everything.",
    "function": "What it handles is no longer handled.",
    "storage account": "Windows, queues and the ledger of deliveries are kept there.",
    "key vault": "The secrets of the destinations are kept there: alerts can't be sent.",
    "action group": "Operators no longer hear of a failure of registrywatch itself.",
    "alert rule": "A failure of registrywatch itself is no longer reported.",
    "log store": "Alerts on failures of registrywatch itself are rules on this log.",
    "lock": "It kept the parts of registrywatch from being deleted. Nothing is lost yet.",
    "role assignment": "The function app lacks a right that it had.",
    "identity": "Every right of the function app is gone with it.",
    "resource group": "All of registrywatch is gone with it.",
}
_FEEDS = frozenset({"diagnostic setting", "event subscription", "system topic", "log export"})
LOOKED_UP = frozenset({"event subscription", "function app", "event hub settings"})
"""A change of these is judged by their state, which the self-check looks up."""


def _judge(
    _event: RegistryEvent, what: MonitoringRemoved | CheckChanged, trust: Trust
) -> Finding | None:
    if isinstance(what, CheckChanged):
        return check_finding(what)
    if what.kind not in _FEEDS and not is_own(what.resource, trust):
        return None
    summary = _summary(what)
    where = f"It was {shown(what.resource)}."
    if what.how == "changed" and what.kind in LOOKED_UP:
        why = "The event does not show what it is now: state not looked up."
        return Finding(Severity.INFORMATIONAL, summary, (why, where))
    severity = Severity.MEDIUM if what.kind == "lock" else Severity.HIGH
    return Finding(severity, summary, (_LOST[what.kind], where))


def is_own(resource: str, trust: Trust) -> bool:
    """Whether a resource, or its resource group, has the name of one of registrywatch's own."""
    own = Globs(tuple(pattern.lower() for pattern in trust.own_resources.patterns))
    return any(name in own for name in _names(resource.lower()))


def _names(resource: str) -> Iterator[str]:
    """The resource group's name, and the resource's: what follows its provider and type."""
    parts = resource.strip("/").split("/")
    if len(parts) > 3 and parts[2] == "resourcegroups":
        yield parts[3]
    if "providers" in parts:
        yield from parts[parts.index("providers") + 3 :][:1]


def _summary(what: MonitoringRemoved) -> str:
    name = shown(what.resource.rpartition("/")[2])
    match what.kind:
        case "log export":
            return f"ended the {what.kind} of {name}"
        case "access key":
            return f"regenerated a key of the access rule {name}"
    return f"{what.how} the {what.kind} {name}"


ACR_MONITORING_REMOVED = Rule[MonitoringRemoved | CheckChanged](
    name="acr-monitoring-removed",
    title="Registry Monitoring Removed",
    cloud="azure",
    mitre=(Mitre("TA0005", "T1562.008"),),
    reads=(MonitoringRemoved, CheckChanged),
    description=(
        "What registrywatch needs was deleted, stopped or redirected: the diagnostic setting of a "
        "watched registry or of the Activity Log, the Event Grid subscription or system topic, "
        "the event hub with its namespace, access rules and keys, the function app or one of its "
        "functions, its storage account, key vault, identity or role assignments, its alerts, the "
        "log that they read and their action group, or the whole resource group. It is high; "
        "medium for the lock that kept all that from being deleted. A setting, subscription or app "
        "that was edited is judged by its state, which registrywatch asks Azure Resource Manager "
        "for; where the state can't be read, as in a replay, an edit is informational. The "
        "self-check raises the same alert for what it finds worse than before, "
        "and medium if no event has arrived for longer than usual."
    ),
    impact=(
        "From then on registrywatch does not see what is done to the registry, or can't report it. "
        "An attacker does this before they steal, replace or delete images."
    ),
    mitigation=(
        "Ask the actor. Run `registrywatch check azure`, which names every part that is wrong and "
        "the command that mends it, or deploy infra/azure again. Then look in the Activity Log for "
        "what else the same identity did, and in the registry for what has changed since."
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
