"""How severities are shown: the same colour, symbol and word in every destination."""

from typing import TYPE_CHECKING

import msgspec

from registrywatch.severity import Severity

if TYPE_CHECKING:
    from registrywatch.alerts.alert import Alert


class SeverityStyle(msgspec.Struct, frozen=True):
    """`colour` is #rrggbb; `mark` a symbol for headings; `style` an Adaptive Card container's."""

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


def style_of(alert: "Alert") -> SeverityStyle:
    """How the alert's severity is shown."""
    return STYLES[alert.severity]


def headline(alert: "Alert") -> str:
    """The first line of a message for people: symbol, severity and title."""
    style = style_of(alert)
    return f"{style.mark} {style.word}: {alert.title}"


MOST_REASONS = 8  # in a message for people; the alert itself holds all


def first_reasons(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons for a message for people, with a last line about those left out."""
    if len(reasons) <= MOST_REASONS:
        return reasons
    left = len(reasons) - (MOST_REASONS - 1)
    return (*reasons[: MOST_REASONS - 1], f"and {left} more reasons, in the alert's details")
