"""Opsgenie and Jira Service Management: the alert in the form of their alert API.

The webhook sends it with FORMAT=opsgenie. Limits (docs.opsgenie.com, "Alert API"; the same fields
at api.atlassian.com/jsm/ops/integration/v2/alerts): message 130 characters, alias and entity 512,
description 15,000, 20 tags of 50, details 8,000 in all. Messages may hold HTML, so that `<` and `>`
are escaped. While an alert with an alias is open, another with it only counts; it is closed at
`/ALIAS/close`.
"""

from typing import Any
from urllib.parse import quote

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.plain_text import plain_text
from registrywatch.alerts.style import style_of
from registrywatch.alerts.text import shown, utf16_size
from registrywatch.severity import Severity

Json = dict[str, Any]

PRIORITIES = {
    Severity.CRITICAL: "P1",
    Severity.HIGH: "P2",
    Severity.MEDIUM: "P3",
    Severity.LOW: "P4",
    Severity.INFORMATIONAL: "P5",
}
_MESSAGE, _ALIAS, _DESCRIPTION, _ENTITY, _TAG, _DETAIL = 130, 500, 15_000, 512, 50, 500


def opsgenie_alert(alert: Alert, incident: str | None = None, runbook: str = "") -> Json:
    """What creates the alert. `incident` is its alias, by default the alert's own id."""
    actor = alert.actor
    details = {
        "alert": alert.id,
        "account": alert.account,
        "region": alert.region,
        "registry": alert.registry,
        "repository": alert.repository,
        "actor": actor.id or actor.name,
        "address": actor.ip,
        "client": actor.user_agent,
    }
    return {
        "message": _cut(f"{style_of(alert).word}: {alert.summary}", _MESSAGE),
        "alias": _alias(alert, incident),
        "description": _lines(plain_text(alert, runbook), _DESCRIPTION),
        "entity": _cut(alert.resource or alert.registry or alert.account or "registry", _ENTITY),
        "source": "registrywatch",
        "priority": PRIORITIES[alert.severity],
        "tags": [_cut(tag, _TAG) for tag in (alert.rule, alert.cloud, alert.severity.value)],
        "details": {name: _cut(text, _DETAIL) for name, text in details.items() if text},
    }


def opsgenie_body(alert: Alert, incident: str | None = None, runbook: str = "") -> bytes:
    return msgspec.json.encode(opsgenie_alert(alert, incident, runbook))


def closing(address: str, alert: Alert, incident: str | None) -> tuple[str, bytes]:
    """The address and the body of the request that closes the alert."""
    alias = quote(_alias(alert, incident), safe="")
    note = {"source": "registrywatch", "note": _cut(alert.summary, _DETAIL)}
    return f"{address.rstrip('/')}/{alias}/close?identifierType=alias", msgspec.json.encode(note)


def _alias(alert: Alert, incident: str | None) -> str:
    return _cut(incident or f"registrywatch/{alert.id}", _ALIAS)


def _cut(text: str, limit: int) -> str:
    return shown(text, limit, _escape, utf16_size) or "-"


def _lines(text: str, limit: int) -> str:
    """Line by line: the breaks are registrywatch's own."""
    kept: list[str] = []
    for line in text.split("\n"):
        if limit <= 0:
            break
        kept.append(shown(line, limit, _escape, utf16_size))
        limit -= utf16_size(kept[-1]) + 1
    return "\n".join(kept)


def _escape(piece: str) -> str:
    return _MARKS.get(piece, piece)


_MARKS = {mark: f"\\x{ord(mark):02x}" for mark in "<>"}
