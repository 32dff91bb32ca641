"""What the rules on removed monitoring make of the self-check's findings, in both clouds."""

from registrywatch.events import CheckChanged
from registrywatch.rules.rule import Finding
from registrywatch.rules.wording import shown
from registrywatch.severity import Severity


def check_finding(changed: CheckChanged) -> Finding:
    """High for a part of the deployment that is wrong, medium where no event arrives any more."""
    reasons = (f"Found: {shown(changed.found)}.", f"To mend it: {shown(changed.mend)}")
    if changed.silent:
        return Finding(Severity.MEDIUM, "stopped sending events, as it seems", reasons)
    return Finding(
        Severity.HIGH, f"left a part of registrywatch wrong: {shown(changed.item)}", reasons
    )
