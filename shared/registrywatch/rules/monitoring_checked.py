"""What the rules on removed monitoring make of the self-check's findings, in both clouds."""

from registrywatch.events import CheckChanged
from registrywatch.rules.rule import Finding
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity


def check_finding(changed: CheckChanged) -> Finding:
    """High for a part that is wrong, medium where nothing is lost yet, low for its recovery."""
    item, found = shown(changed.item), f"Found: {shown(changed.found)}."
    if changed.recovered:
        return Finding(Severity.LOW, f"found a part of registrywatch right again: {item}", (found,))
    severity = Severity.MEDIUM if changed.minor else Severity.HIGH
    reasons = (found, f"To mend it: {shown(changed.mend)}")
    return Finding(severity, f"found a part of registrywatch wrong: {item}", reasons)
