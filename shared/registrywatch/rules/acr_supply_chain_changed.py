"""Something from which a registry's images come, or to which they go, is changed or used."""

from registrywatch.events import RegistryEvent, SupplyChanged
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity

_DONE = {
    "task": "wrote the task",
    "task run": "started a task",
    "build source": "got an address to upload build sources to",
    "run log": "read the log of a task run",
    "agent pool": "wrote the agent pool",
    "import": "imported an image into",
    "import pipeline": "wrote the import pipeline",
    "export pipeline": "wrote the export pipeline",
    "pipeline run": "started a pipeline run",
    "connected registry": "wrote the connected registry",
    "cache rule": "wrote the cache rule",
    "credential set": "wrote the credential set",
    "replication": "wrote the replication",
    "webhook": "wrote the webhook",
    "private endpoint": "wrote the private endpoint connection",
}


def _judge(event: RegistryEvent, change: SupplyChanged, _trust: Trust) -> Finding | None:
    name = shown(_name(change.resource))
    if change.deleted:
        why = "What it brought or kept in step no longer arrives."
        return Finding(Severity.LOW, f"deleted the {change.kind} {name}", (why,))
    severity, why = _graded(event, change)
    return Finding(severity, f"{_DONE[change.kind]} {name}", (why,))


def _graded(event: RegistryEvent, change: SupplyChanged) -> tuple[Severity, str]:
    match change.kind:
        case "task":
            if change.identity:
                return Severity.MEDIUM, "It runs with an identity of its own, and its rights."
            if change.identity is None:
                return Severity.LOW, "Whether it has an identity of its own is not shown."
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
            return Severity.LOW, "Where it reports to, the event does not show."
    return Severity.LOW, "It bears on which images come from or go to the registry."


def _imported(event: RegistryEvent, change: SupplyChanged) -> tuple[Severity, str]:
    origin = change.origin
    if origin is None:
        return Severity.LOW, "Where it comes from, the event does not show."
    own = f"/subscriptions/{event.account or ''}/".casefold()
    if origin.casefold().startswith(own) or origin.casefold() == (event.registry or "").casefold():
        return Severity.LOW, f"It comes from {shown(origin)}, of the same subscription."
    return Severity.MEDIUM, f"It comes from {shown(origin)}, outside the subscription."


def _name(resource: str) -> str:
    """The names along a resource id: "shop", or "shop/nightly" of a task."""
    parts = resource.strip("/").split("/")
    names = parts[parts.index("registries") + 1 :: 2] if "registries" in parts else parts[-1:]
    return "/".join(names)


ACR_SUPPLY_CHAIN_CHANGED = Rule(
    name="acr-supply-chain-changed",
    title="Image Supply Changed",
    cloud="azure",
    mitre=(Mitre("TA0001", "T1195.002"),),
    reads=(SupplyChanged,),
    description=(
        "Something that builds, brings or sends images of a registry was changed or used. Medium: "
        "a task with an identity of its own, an export pipeline, a connected registry, an import "
        "from outside the subscription, a cache rule with credentials, a webhook whose address is "
        "known. Low: other tasks and their runs, imports, pipelines, cache rules, credential sets, "
        "replications, webhooks, agent pools and private endpoints, and their deletes."
    ),
    impact=(
        "A task builds and pushes with the registry's trust, an import or cache rule brings in "
        "images of others, a pipeline or connected registry carries images out. None of it needs "
        "a push or pull by the intruder."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, delete what they made, and compare the "
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
