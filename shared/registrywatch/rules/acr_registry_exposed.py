"""A registry's own protections are switched off."""

from registrywatch.events import RegistryChanged, RegistryEvent, RegistryExposed
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity

_SETTINGS = {
    "anonymous pull": (
        Severity.CRITICAL,
        "let anyone pull from {}",
        "Anonymous pull is on: every image can be pulled without signing in.",
    ),
    "admin user": (
        Severity.HIGH,
        "switched on the admin user of {}",
        "The admin user has a shared password with every right, and no identity behind it.",
    ),
    "public network": (
        Severity.HIGH,
        "opened {} to all networks",
        "The registry now accepts connections from every network.",
    ),
    "export policy": (
        Severity.HIGH,
        "allowed exports from {}",
        "Images can be exported or imported into other registries again.",
    ),
    "soft delete": (
        Severity.MEDIUM,
        "switched off soft delete of {}",
        "Deleted images can no longer be restored.",
    ),
    "retention": (
        Severity.MEDIUM,
        "shortened the retention of {}",
        "Untagged manifests are deleted after at most 7 days.",
    ),
    "trust policy": (
        Severity.MEDIUM,
        "switched off content trust of {}",
        "Images no longer need a signature.",
    ),
    "quarantine policy": (
        Severity.MEDIUM,
        "switched off the quarantine of {}",
        "New images can be pulled before they have been checked.",
    ),
    "trusted services": (
        Severity.MEDIUM,
        "let trusted services past the network rules of {}",
        "Trusted Azure services may pass the registry's network rules.",
    ),
    "tasks' bypass": (
        Severity.MEDIUM,
        "let tasks past the network rules of {}",
        "Builds on Azure's shared agents may pass the registry's network rules.",
    ),
}


def _judge(
    _event: RegistryEvent, change: RegistryExposed | RegistryChanged, _trust: Trust
) -> Finding | None:
    name = shown(change.resource.rpartition("/")[2])
    if isinstance(change, RegistryChanged):
        why = "The event does not show what was changed: state not looked up."
        return Finding(Severity.INFORMATIONAL, f"changed settings of the registry {name}", (why,))
    severity, did, why = _SETTINGS[change.setting]
    return Finding(severity, did.format(f"the registry {name}"), (why,))


ACR_REGISTRY_EXPOSED = Rule[RegistryExposed | RegistryChanged](
    name="acr-registry-exposed",
    title="Registry Exposed",
    cloud="azure",
    mitre=(Mitre("TA0005", "T1562.007"),),
    reads=(RegistryExposed, RegistryChanged),
    description=(
        "A protection of a registry was switched off. registrywatch asks Azure Resource Manager "
        "for the state after each change and every ten minutes. Anonymous pull is critical. The "
        "admin user, the public network and the export policy are high. Soft delete off, a "
        "retention of at most 7 days, content trust or quarantine off, and the bypass for tasks or "
        "trusted services are medium. Where the state cannot be looked up, as in a replay, a "
        "change is informational."
    ),
    impact=(
        "Strangers can copy images, or the registry can be used with a password that belongs to no "
        "identity. Without soft delete and retention, deleted images are lost."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, set the registry back with `az acr update`, "
        "renew the admin user's passwords, and search the registry's log for pulls since then. "
        "An Azure policy can keep the setting from being changed again."
    ),
    references=(
        "https://learn.microsoft.com/azure/container-registry/anonymous-pull-access",
        "https://learn.microsoft.com/azure/container-registry/container-registry-authentication",
        "https://learn.microsoft.com/azure/container-registry/data-loss-prevention",
    ),
    harmless=(
        "A registry for public images has anonymous pull on purpose.",
        "Infrastructure as code moves a registry from private endpoints to network rules.",
    ),
    judge=_judge,
)
