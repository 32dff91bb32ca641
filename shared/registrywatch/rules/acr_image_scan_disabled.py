"""Microsoft Defender for Cloud no longer scans images of a registry."""

from registrywatch.events import RegistryEvent, ScanningStopped, ScanPlanChanged
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import part_of_registry, shown
from registrywatch.severity import Severity


def _judge(
    _event: RegistryEvent, what: ScanPlanChanged | ScanningStopped, _trust: Trust
) -> Finding | None:
    if isinstance(what, ScanningStopped):
        why = f"Scanning went from on to off: {shown(what.switch)}."
        return Finding(Severity.HIGH, "switched off image scanning", (why,))
    did = "removed" if what.deleted else "changed"
    why = "The event does not show whether images are still scanned: state not looked up."
    summary = f"{did} the Defender plan {shown(what.plan)} of {_scope(what.scope)}"
    scope = f"Its scope is {shown(what.scope)}."
    return Finding(Severity.INFORMATIONAL, summary, (why, scope))


def _scope(resource: str) -> str:
    """The scope of a plan, as short as a summary needs it."""
    if "/registries/" in resource:
        return f"the registry {shown(part_of_registry(resource))}"
    return "a whole subscription" if resource.count("/") == 2 else shown(resource)


ACR_IMAGE_SCAN_DISABLED = Rule[ScanPlanChanged | ScanningStopped](
    name="acr-image-scan-disabled",
    title="Image Vulnerability Scan Disabled",
    cloud="azure",
    mitre=(Mitre("TA0005", "T1578"),),
    reads=(ScanPlanChanged, ScanningStopped),
    description=(
        "Defender for Cloud stopped scanning a registry's images: neither the plan Containers nor "
        "CloudPosture has registry access switched on any more. It is high if registrywatch looked "
        "up the state and it went from on to off. A change of a plan whose effect was not looked "
        "up, as in a replay, is informational."
    ),
    impact=(
        "Vulnerable or malicious images are no longer found before they run. An attacker switches "
        "scanning off before they push such an image."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, switch registry access on again. "
        "Enforce the plan on the subscription, so that registries cannot override it. Check the "
        "images that were pushed in the meantime."
    ),
    references=(
        "https://learn.microsoft.com/azure/defender-for-cloud/agentless-vulnerability-assessment-azure",
        "https://learn.microsoft.com/azure/container-registry/scan-images-defender",
        "https://learn.microsoft.com/rest/api/defenderforcloud/pricings",
    ),
    harmless=(
        "Plans are being reorganised: one of the two is switched off while the other still scans.",
        "A registry of a test environment is taken out of Defender to save its cost.",
    ),
    judge=_judge,
)
