"""How the rules on removed monitoring grade the self-check's findings, in both clouds."""

from registrywatch.events import CheckChanged, RegistryEvent
from registrywatch.rules.rule import Finding, Lasting
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity

SELF_CHECK = "SelfCheck"
"""The type of the actor of what the scheduled self-check found by itself."""


def check_finding(event: RegistryEvent, changed: CheckChanged) -> Finding:
    """High for a part that is wrong, medium where nothing is lost yet, low for its recovery."""
    item, found = shown(changed.item), shown(changed.found)
    severity = Severity.MEDIUM if changed.minor else Severity.HIGH
    lasts = Lasting(changed.began, severity, changed.recovered)
    if changed.recovered:
        summary = f"found {item} right again: {found}"
        return Finding(Severity.LOW, summary, (f"Found: {found}.",), lasts=lasts)
    did = "found" if event.actor.type == SELF_CHECK else "caused"
    reasons = (f"Found: {found}.", f"To fix it: {shown(changed.fix)}")
    return Finding(severity, f"{did} a fault in {item}: {found}", reasons, lasts=lasts)
