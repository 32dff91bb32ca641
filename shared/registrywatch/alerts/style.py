"""How severities look: one colour, one mark and one word each, the same everywhere."""

import msgspec

from registrywatch.severity import Severity


class SeverityStyle(msgspec.Struct, frozen=True):
    """`colour` is #rrggbb; `mark` is for headings; `style` an Adaptive Card container's."""

    word: str
    colour: str
    mark: str
    style: str


STYLES = {
    Severity.INFORMATIONAL: SeverityStyle("Informational", "#7f8c8d", "\u26aa", "emphasis"),
    Severity.LOW: SeverityStyle("Low", "#2e86de", "\U0001f535", "accent"),
    Severity.MEDIUM: SeverityStyle("Medium", "#e2b007", "\U0001f7e1", "warning"),
    Severity.HIGH: SeverityStyle("High", "#e67e22", "\U0001f7e0", "attention"),
    Severity.CRITICAL: SeverityStyle("Critical", "#c0392b", "\U0001f534", "attention"),
}

MOST_REASONS = 8  # a message names the first; the alert itself holds all


def first_reasons(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons that a message for people names, with a last line for those left out."""
    if len(reasons) <= MOST_REASONS:
        return reasons
    left = len(reasons) - (MOST_REASONS - 1)
    return (*reasons[: MOST_REASONS - 1], f"and {left} more reasons, in the alert's details")
