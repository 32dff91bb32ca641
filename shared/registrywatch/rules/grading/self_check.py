"""How the rules on removed monitoring grade the self-check's findings, in both clouds."""

from registrywatch.events import CheckChanged
from registrywatch.rules.rule import Finding, Lasting
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity


def check_finding(changed: CheckChanged) -> Finding:
    """High for a part that is wrong, medium where nothing is lost yet, low for its recovery."""
    item, found = shown(changed.item), f"Found: {shown(changed.found)}."
    severity = Severity.MEDIUM if changed.minor else Severity.HIGH
    lasts = Lasting(changed.began, severity, changed.recovered)
    if changed.recovered:
        summary = f"found a part of the deployment in order again: {item}"
        return Finding(Severity.LOW, summary, (found,), lasts=lasts)
    reasons = (found, f"To fix it: {shown(changed.fix)}")
    summary = f"found a fault in the deployment: {item}"
    return Finding(severity, summary, reasons, lasts=lasts)
