"""What tells of a registry's events was deleted: whoever watches it goes blind."""

from registrywatch.events import MonitoringRemoved, RegistryEvent
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity

_LOST = {
    "diagnostic setting": "Pulls, deletes and untags of the registry, or changes of resources, are "
    "no longer told.",
    "event subscription": "Pushes and deletes of the registry, or changes of resources, are no "
    "longer told.",
    "system topic": "Every Event Grid subscription of its source is gone with it.",
    "log export": "No diagnostic setting sends the registry's log to the watcher any more.",
}


def _judge(_event: RegistryEvent, removed: MonitoringRemoved, _trust: Trust) -> Finding | None:
    name = shown(removed.resource.rpartition("/")[2])
    ended = removed.kind == "log export"
    return Finding(
        Severity.HIGH,
        f"ended the {removed.kind} of {name}" if ended else f"deleted the {removed.kind} {name}",
        (_LOST[removed.kind], f"It was {shown(removed.resource)}."),
    )


ACR_MONITORING_REMOVED = Rule(
    name="acr-monitoring-removed",
    title="Registry Monitoring Removed",
    cloud="azure",
    mitre=(Mitre("TA0005", "T1562.008"),),
    reads=(MonitoringRemoved,),
    description=(
        "The diagnostic setting of a watched registry, or the Event Grid subscription or system "
        "topic that feeds the detector, was deleted; likewise the diagnostic setting that exports "
        "the Activity Log. A setting that was edited so that the logs go elsewhere is found by "
        "asking Azure Resource Manager. It is high."
    ),
    impact=(
        "From then on nobody sees what is done to the registry. It is what somebody does first who "
        "is about to steal, replace or delete images."
    ),
    mitigation=(
        "Ask whoever deleted it. Deploy infra/azure again, which restores it. Look in the Activity "
        "Log for what else the same identity did, and in the registry for what changed meanwhile."
    ),
    references=(
        "https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings",
        "https://learn.microsoft.com/azure/event-grid/system-topics",
    ),
    harmless=(
        "The detector itself is being taken down or moved to another subscription.",
        "In a replay, a system topic that belongs to something else: its id does not tell.",
    ),
    judge=_judge,
)
