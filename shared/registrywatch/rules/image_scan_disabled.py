"""Images are no longer scanned for vulnerabilities."""

from registrywatch.events import (
    RegistryEvent,
    RegistryScanningSet,
    RepositoryScanningSet,
    ScanningStopped,
    ScanPlanChanged,
    ScanRule,
)
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import listed, named, shown
from registrywatch.severity import Severity


def _judge_ecr(
    event: RegistryEvent, what: RepositoryScanningSet | RegistryScanningSet, _trust: Trust
) -> Finding | None:
    if isinstance(what, RegistryScanningSet):
        return _judge_registry(what)
    if what.scan_on_push:
        return None
    why = "Scan on push is off for this repository; a scanning rule of the registry may still hold."
    return Finding(Severity.MEDIUM, f"switched off scan on push of {named(event)}", (why,))


def _judge_registry(configuration: RegistryScanningSet) -> Finding | None:
    summary = "replaced the scanning configuration of the registry"
    scanning = [rule for rule in configuration.rules if rule.frequency.upper() in _AUTOMATIC]
    if not configuration.rules:
        return Finding(Severity.MEDIUM, summary, ("The configuration has no scanning rule.",))
    if not scanning:
        return Finding(Severity.MEDIUM, summary, ("No rule scans by itself: all are manual.",))
    if not any(map(_covers_all, scanning)):
        covered = listed(name for rule in scanning for name in rule.filters) or "nothing"
        why = f"No scanning rule covers every repository; what is left: {covered}."
        return Finding(Severity.MEDIUM, summary, (why,))
    if configuration.scan_type.upper() == "ENHANCED":
        return None
    why = (
        f"Every repository is scanned on push, by {shown(configuration.scan_type)} scanning: "
        "a step down if it was ENHANCED before, which a single event can't tell."
    )
    return Finding(Severity.INFORMATIONAL, summary, (why,))


def _covers_all(rule: ScanRule) -> bool:
    return any(name and not name.strip("*") for name in rule.filters)


_AUTOMATIC = {"SCAN_ON_PUSH", "CONTINUOUS_SCAN"}


def _judge_acr(
    _event: RegistryEvent, what: ScanPlanChanged | ScanningStopped, _trust: Trust
) -> Finding | None:
    if isinstance(what, ScanningStopped):
        why = f"Scanning went from on to off: {shown(what.switch)}."
        return Finding(Severity.HIGH, "switched off the scanning of images", (why,))
    did = "removed" if what.deleted else "changed"
    why = "The event does not tell whether images are still scanned: state not looked up."
    where = f"{did} the Defender plan {shown(what.plan)} at {shown(what.scope)}"
    return Finding(Severity.INFORMATIONAL, where, (why,))


_TITLE = "Image Vulnerability Scan Disabled"
_MITRE = (Mitre("TA0005", "T1578"),)
_IMPACT = (
    "Vulnerable or malicious images are no longer found before they run. Switching scanning off is "
    "what somebody does who is about to push such an image, or to keep one from being noticed."
)

ECR_IMAGE_SCAN_DISABLED = Rule[RepositoryScanningSet | RegistryScanningSet](
    name="ecr-image-scan-disabled",
    title=_TITLE,
    cloud="aws",
    mitre=_MITRE,
    reads=(RepositoryScanningSet, RegistryScanningSet),
    description=(
        "A repository's scan-on-push flag was set to false or left out, or the registry's scanning "
        "configuration now scans less than every repository: no rules, nothing but manual ones, or "
        "none whose filter is `*`. That is medium. Basic scanning of everything is informational, "
        "since it may be a step down from enhanced; enhanced scanning of everything raises nothing."
    ),
    impact=_IMPACT,
    mitigation=(
        "Ask whoever changed it. If it was not meant, restore the setting, scan what was pushed "
        "in between, and look at what the same identity pushed around that time."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageScanningConfiguration.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
    ),
    harmless=(
        "The registry has scanning rules of its own; a repository's flag is then ignored by ECR.",
        "Infrastructure as code that leaves the flag to its default, which is false.",
    ),
    judge=_judge_ecr,
)

ACR_IMAGE_SCAN_DISABLED = Rule[ScanPlanChanged | ScanningStopped](
    name="acr-image-scan-disabled",
    title=_TITLE,
    cloud="azure",
    mitre=_MITRE,
    reads=(ScanPlanChanged, ScanningStopped),
    description=(
        "Defender for Cloud stopped scanning a registry's images: of the plans Containers and "
        "CloudPosture, none is left that has registry access switched on. Where the state was "
        "looked up and really went from on to off, it is high. A change of a plan whose effect "
        "nobody looked up, as in a replay, is informational."
    ),
    impact=_IMPACT,
    mitigation=(
        "Ask whoever changed the plan. If it was not meant, switch registry access on again, "
        "enforce the plan on the subscription so that registries can't override it, and look at "
        "what was pushed in between."
    ),
    references=(
        "https://learn.microsoft.com/azure/defender-for-cloud/agentless-vulnerability-assessment-azure",
        "https://learn.microsoft.com/azure/container-registry/scan-images-defender",
        "https://learn.microsoft.com/rest/api/defenderforcloud/pricings",
    ),
    harmless=(
        "Plans are being rearranged: one of the two is switched off while the other still scans.",
        "A registry of a test environment is taken out of Defender to save its cost.",
    ),
    judge=_judge_acr,
)
