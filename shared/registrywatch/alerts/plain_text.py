"""An alert as plain text, for mail and other places without markup."""

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.links import attack_links, links, runbook_links
from registrywatch.alerts.summary_fields import facts
from registrywatch.alerts.text import shown

_LINE = 1000  # characters


def plain_text(alert: Alert, runbook: str = "") -> str:
    """The summary first, then why, who, where, what to do. Invisible characters are escaped.

    Nothing is indented or aligned: mail apps on phones have proportional fonts and narrow lines.
    """

    def line(text: str) -> str:
        return shown(text, _LINE)

    parts = [line(alert.summary)]
    if alert.reasons:
        parts += ["", f"Why {alert.severity.value}:"]
        parts += [f"- {line(reason)}" for reason in alert.reasons]
    parts += ["", *(f"{fact.label}: {line(fact.value)}" for fact in facts(alert))]
    for title, text in (
        ("What to do", alert.mitigation),
        ("Impact", alert.impact),
        ("To silence exactly this", alert.silence),
    ):
        if text:
            parts += ["", f"{title}:", line(text)]
    found = (*links(alert), *attack_links(alert), *runbook_links(alert, runbook))
    if found:
        parts += ["", *(f"{link.text}: {link.url}" for link in found)]
    parts += ["", f"registrywatch {line(alert.rule)}, alert {line(alert.id)}"]
    return "\n".join(parts)
