"""Something that builds, imports or exports a registry's images is changed or used."""

from registrywatch.events import RegistryEvent, SupplyChanged
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import part_of_registry, shown
from registrywatch.severity import Severity

_DONE = {
    "task": "created or changed the task",
    "task run": "started a task run of",
    "build source": "requested an upload address for build sources of",
    "run log": "read the log of a task run of",
    "agent pool": "created or changed the agent pool",
    "import": "imported an image into",
    "import pipeline": "created or changed the import pipeline",
    "export pipeline": "created or changed the export pipeline",
    "pipeline run": "started the pipeline run",
    "connected registry": "created or changed the connected registry",
    "cache rule": "created or changed the cache rule",
    "credential set": "created or changed the credential set",
    "replication": "created or changed the replication",
    "webhook": "created or changed the webhook",
    "private endpoint": "created or changed the private endpoint connection",
}


def _judge(event: RegistryEvent, change: SupplyChanged, _trust: Trust) -> Finding | None:
    name = shown(part_of_registry(change.resource))
    if change.deleted:
        why = "Images that depended on it are no longer built, imported or copied."
        return Finding(Severity.LOW, f"deleted the {change.kind} {name}", (why,))
    severity, why = _graded(event, change)
    return Finding(severity, f"{_DONE[change.kind]} {name}", (why,))


def _graded(event: RegistryEvent, change: SupplyChanged) -> tuple[Severity, str]:
    match change.kind:
        case "task":
            if change.identity:
                return Severity.MEDIUM, "It runs with the rights of an identity of its own."
            if change.identity is None:
                return Severity.LOW, "The event does not show whether it has its own identity."
            return Severity.LOW, "It has no identity of its own."
        case "export pipeline":
            return Severity.MEDIUM, "It copies images to a storage account."
        case "connected registry":
            return Severity.MEDIUM, "It is a copy of the registry outside Azure."
        case "import":
            return _imported(event, change)
        case "cache rule":
            if change.credentials:
                return Severity.MEDIUM, "It pulls from its upstream with credentials."
            return Severity.LOW, "Images of its upstream appear in the registry."
        case "webhook":
            if change.origin:
                return Severity.MEDIUM, f"It reports every push to {shown(change.origin)}."
            return Severity.LOW, "The event does not show where it reports to."
    return Severity.LOW, "It affects which images enter or leave the registry."


def _imported(event: RegistryEvent, change: SupplyChanged) -> tuple[Severity, str]:
    origin = change.origin
    if origin is None:
        return Severity.LOW, "The event does not show where the image comes from."
    own = f"/subscriptions/{event.account or ''}/".casefold()
    if origin.casefold().startswith(own) or origin.casefold() == (event.registry or "").casefold():
        return Severity.LOW, f"The image comes from {shown(origin)}, in the same subscription."
    return Severity.MEDIUM, f"The image comes from {shown(origin)}, outside the subscription."


ACR_SUPPLY_CHAIN_CHANGED = Rule(
    name="acr-supply-chain-changed",
    title="Image Supply Changed",
    cloud="azure",
    mitre=(Mitre("TA0001", "T1195.002"),),
    reads=(SupplyChanged,),
    description=(
        "Something that builds, imports or exports images of a registry was changed or used. "
        "Medium: a task with an identity of its own, an export pipeline, a connected registry, an "
        "import from outside the subscription, a cache rule with credentials, a webhook whose "
        "address is known. Low: other tasks and their runs, imports, pipelines, cache rules, "
        "credential sets, replications, webhooks, agent pools and private endpoints, and the "
        "deletion of any of these."
    ),
    impact=(
        "A task builds and pushes images that the registry trusts. An import or a cache rule "
        "brings in other people's images. A pipeline or a connected registry copies images out. "
        "For none of this does an intruder have to push or pull."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, delete what they created, and compare the "
        "digests of images that arrived through it with those of your builds."
    ),
    references=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-tasks-overview",
        "https://learn.microsoft.com/azure/container-registry/container-registry-import-images",
        "https://learn.microsoft.com/azure/container-registry/container-registry-artifact-cache",
    ),
    harmless=(
        "A pipeline builds with `az acr build`, which starts a task run.",
        "Base images are imported from a vendor's registry.",
    ),
    judge=_judge,
)
