"""Images of ECR are no longer scanned for vulnerabilities, or findings are hidden."""

import msgspec

from registrywatch.events import (
    FindingsSuppressed,
    InspectorDisabled,
    InspectorMemberRemoved,
    RegistryEvent,
    RegistryScanningSet,
    RepositoryScanningSet,
    RescanDurationSet,
    ScanRule,
)
from registrywatch.globs import matches_everything
from registrywatch.rules.rule import Finding, LastOfItsKind, Mitre, Rule, Trust
from registrywatch.rules.wording import listed, named, shown
from registrywatch.severity import Severity

type Scanning = (
    RepositoryScanningSet
    | RegistryScanningSet
    | InspectorDisabled
    | FindingsSuppressed
    | InspectorMemberRemoved
    | RescanDurationSet
)


def _judge(event: RegistryEvent, what: Scanning, _trust: Trust) -> Finding | None:
    match what:
        case RepositoryScanningSet():
            return _repository(event, what)
        case RegistryScanningSet():
            return _registry(what)
        case InspectorDisabled():
            return _inspector(what)
        case FindingsSuppressed():
            return _suppressed(what)
        case InspectorMemberRemoved():
            return _member(what)
        case RescanDurationSet():
            return _duration(what)


def _repository(event: RegistryEvent, what: RepositoryScanningSet) -> Finding | None:
    if what.omitted:
        why = "CloudTrail withheld what was set: scan on push may be off."
        return Finding(Severity.MEDIUM, f"changed the scanning of {named(event)}", (why,))
    if what.scan_on_push:
        return None
    why = (
        "Scan on push is off for this repository. A scanning rule of the registry may still cover "
        "it."
    )
    return Finding(Severity.MEDIUM, f"switched off scan on push of {named(event)}", (why,))


def _registry(configuration: RegistryScanningSet) -> Finding | None:
    did = "replaced the scanning configuration of the registry"
    if configuration.omitted:
        why = "CloudTrail withheld the new configuration: it may scan nothing."
        return Finding(Severity.MEDIUM, did, (why,))
    scanning = [rule for rule in configuration.rules if rule.frequency.upper() in _AUTOMATIC]
    if not configuration.rules:
        why = "The configuration has no scanning rule."
        return Finding(Severity.MEDIUM, f"{did}: no scanning rule is left", (why,))
    if not scanning:
        why = "No rule scans automatically: all are manual."
        return Finding(Severity.MEDIUM, f"{did}: nothing is scanned automatically", (why,))
    if not any(map(_covers_all, scanning)):
        covered = listed(name for rule in scanning for name in rule.filters) or "nothing"
        why = f"No scanning rule covers every repository. Still covered: {covered}."
        return Finding(Severity.MEDIUM, f"{did}: it covers {covered} only", (why,))
    if configuration.scan_type.upper() == "ENHANCED":
        return None
    now = f"Every repository is scanned on push, by {shown(configuration.scan_type)} scanning"
    if (configuration.before or "").upper() == "ENHANCED":
        why = f"{now}. The previous configuration was ENHANCED: Inspector's findings end."
        return Finding(Severity.MEDIUM, f"{did}: from enhanced to basic scanning", (why,))
    why = f"{now}. If it was ENHANCED before, which is not known, this is a downgrade."
    return Finding(Severity.INFORMATIONAL, did, (why,))


def _covers_all(rule: ScanRule) -> bool:
    return any(map(matches_everything, rule.filters))


_AUTOMATIC = {"SCAN_ON_PUSH", "CONTINUOUS_SCAN"}


def _inspector(what: InspectorDisabled) -> Finding | None:
    types = {each.upper() for each in what.resource_types}
    if types and "ECR" not in types and not what.omitted:
        return None
    of = f"for {listed(what.accounts)}" if what.accounts else "for the account"
    why = "Amazon Inspector does the enhanced scanning of ECR images, which has now ended."
    if what.omitted:
        why = "CloudTrail withheld what was switched off: it may be the scanning of ECR images."
    return Finding(Severity.HIGH, f"switched off Amazon Inspector's scanning {of}", (why,))


def _suppressed(what: FindingsSuppressed) -> Finding | None:
    if not what.on_images and not what.omitted:
        return None
    why = "Findings that match the filter are hidden, now and in future."
    name = f"the filter {shown(what.name)}" if what.name else "a filter"
    did = f"hid findings about ECR images by {name} of Amazon Inspector"
    return Finding(Severity.MEDIUM, did, (why,))


def _member(what: InspectorMemberRemoved) -> Finding | None:
    account = shown(what.account or "an account that the event does not name")
    if what.administrator:
        did = f"removed {account} as the delegated administrator of Amazon Inspector"
    else:
        did = f"detached {account} from Amazon Inspector"
    why = "The security account no longer sees or manages what Inspector finds there."
    return Finding(Severity.MEDIUM, did, (why,))


def _duration(what: RescanDurationSet) -> Finding | None:
    set_to = {"after the push": what.after_push, "after the last pull": what.after_pull}
    shorter = [
        f"{_days(value)} {since}"
        for since, value in set_to.items()
        if value is not None and value.upper() != "LIFETIME"
    ]
    if not shorter and not what.omitted:
        return None
    duration = listed(shorter) or "a duration that CloudTrail withheld"
    why = f"Images are rescanned for {duration}. Before, it may have been longer."
    severity = Severity.MEDIUM if what.omitted else Severity.LOW
    return Finding(severity, "limited how long images are rescanned", (why,))


def _days(duration: str) -> str:
    """Inspector's word as text: "DAYS_14" is "14 days"."""
    unit, _, number = duration.partition("_")
    return f"{number} days" if unit == "DAYS" and number.isdecimal() else shown(duration)


def _subject(event: RegistryEvent, what: Scanning) -> str | None:
    if not isinstance(what, RegistryScanningSet) or what.omitted:
        return None
    return f"scanning of {event.registry}"


def _with_last(what: Scanning, last: str) -> Scanning:
    if isinstance(what, RegistryScanningSet):
        return msgspec.structs.replace(what, before=last)
    return what


def _to_remember(what: Scanning) -> str:
    return what.scan_type if isinstance(what, RegistryScanningSet) else ""


ECR_IMAGE_SCAN_DISABLED = Rule[Scanning](
    name="ecr-image-scan-disabled",
    title="Image Vulnerability Scan Disabled",
    cloud="aws",
    mitre=(Mitre("TA0005", "T1578"),),
    reads=(
        RepositoryScanningSet,
        RegistryScanningSet,
        InspectorDisabled,
        FindingsSuppressed,
        InspectorMemberRemoved,
        RescanDurationSet,
    ),
    description=(
        "Images are scanned less, or findings are hidden. Medium: a repository's scan-on-push flag "
        "is off; the registry's configuration has no rules, only manual ones, or none whose filter "
        "is `*`; basic scanning replaces enhanced scanning; a filter of Amazon Inspector hides "
        "findings on ECR images; a member account or the delegated administrator is detached from "
        "Inspector. High: Inspector's scanning of ECR is switched off. Low: images are rescanned "
        "for a limited time only. Basic scanning of everything is informational if the previous "
        "configuration is not known; enhanced scanning of everything raises no alert."
    ),
    impact=(
        "Vulnerable or malicious images are no longer found before they run. An attacker switches "
        "scanning off before they push such an image."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, restore the setting. Scan the images that "
        "were pushed in the meantime. Check what the same actor pushed around that time."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageScanningConfiguration.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
        "https://docs.aws.amazon.com/inspector/v2/APIReference/API_Disable.html",
    ),
    harmless=(
        "The registry has scanning rules of its own; ECR then ignores a repository's flag.",
        "Infrastructure as code leaves the flag at its default, which is false.",
        "Inspector suppresses a finding that was assessed and accepted.",
    ),
    judge=_judge,
    remembers=LastOfItsKind(_subject, _to_remember, _with_last),
)
