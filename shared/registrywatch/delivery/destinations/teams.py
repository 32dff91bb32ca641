"""Teams: an Adaptive Card, in the envelope of a Workflows webhook.

Text from events goes only into TextRuns, which read no markdown (learn.microsoft.com, Adaptive
Cards, TextRun), so no markdown has to be escaped. A TextRun does expand `{{DATE(…)}}` and
`{{TIME(…)}}`: opening braces are therefore escaped.
"""

from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.links import Link, attack_links, links, runbook_links
from registrywatch.alerts.style import first_reasons, headline, style_of
from registrywatch.alerts.summary_fields import facts
from registrywatch.alerts.text import shown, utf16_size
from registrywatch.delivery.destinations.kind import (
    JSON_HEADERS,
    DestinationKind,
    Option,
    Outgoing,
    Request,
    Verdict,
)
from registrywatch.readers import address

Json = dict[str, Any]

# Teams refuses messages above 28 KB (learn.microsoft.com, "Create Incoming Webhooks"), and may
# count two bytes for each character (UTF-16).
MOST_CHARACTERS = 13_500
_BUTTONS = 2
_TITLE, _SUMMARY, _REASON, _VALUE, _ADVICE = 150, 600, 300, 300, 800


def teams_message(alert: Alert, runbook: str = "") -> Json:
    """The body for a Workflows webhook: one message with one card."""
    message = _message(_card(alert, runbook, scale=1.0))
    if len(msgspec.json.encode(message)) > MOST_CHARACTERS:
        # Escapes make texts longer; a third of every text always fits.
        message = _message(_card(alert, runbook, scale=0.33))
    return message


def teams_body(alert: Alert, runbook: str = "") -> bytes:
    return msgspec.json.encode(teams_message(alert, runbook))


def _message(card: Json) -> Json:
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _card(alert: Alert, runbook: str, scale: float) -> Json:
    def cut(text: str, limit: int) -> str:
        return shown(text, int(limit * scale), _escape, utf16_size) or "-"

    body: list[Json] = [
        {
            "type": "Container",
            "style": style_of(alert).style,
            "bleed": True,
            "items": [
                _runs(_run(cut(headline(alert), _TITLE), big=True)),
                _runs(_run(cut(alert.summary, _SUMMARY))),
            ],
        },
    ]
    if alert.reasons:
        lines = [cut(reason, _REASON) for reason in first_reasons(alert.reasons)]
        body.append(_heading(f"Why {alert.severity.value}"))
        body += [_runs(_run(f"• {line}"), spacing="Small") for line in lines]
    rows = [_row(fact.label, cut(fact.value, _VALUE)) for fact in facts(alert)]
    body.append({"type": "Container", "spacing": "Medium", "items": rows})
    if alert.mitigation:
        body.append(_heading("What to do"))
        body.append(_runs(_run(cut(alert.mitigation, _ADVICE)), spacing="Small"))
    if alert.silence:
        body.append(_heading("To silence exactly this"))
        name, _, value = alert.silence.partition("=")  # two lines: no renderer breaks a long word
        body.append(_runs(_run(f"{cut(name, _VALUE)}="), spacing="Small"))
        body.append(_runs(_run(cut(value, _ADVICE))))
    further = (*links(alert)[_BUTTONS:], *attack_links(alert)[:4], *runbook_links(alert, runbook))
    if further:
        body.append(_linked(further))
    small_print = f"registrywatch {cut(alert.rule, _TITLE)} · alert {cut(alert.id, _TITLE)}"
    body.append(_runs(_run(small_print, faint=True, small=True), spacing="Medium"))
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "fallbackText": cut(alert.summary, _SUMMARY),
        "msteams": {"width": "Full"},
        "body": body,
        "actions": [
            {"type": "Action.OpenUrl", "title": link.text, "url": link.url}
            for link in links(alert)[:_BUTTONS]
        ],
    }


def _row(label: str, value: str) -> Json:
    """A label above its value: beside the label, an ARN would not fit on a phone's screen.

    A FactSet would read markdown in its values.
    """
    return {
        "type": "Container",
        "spacing": "Small",
        "items": [_runs(_run(label, faint=True, small=True)), _runs(_run(value))],
    }


def _linked(found: tuple[Link, ...]) -> Json:
    """Links as text, which wraps; a third button would be cut off on a phone."""
    runs: list[Json] = []
    for link in found:
        if runs:
            runs.append(_run(" · ", faint=True))
        action = {"type": "Action.OpenUrl", "url": link.url}
        runs.append(_run(link.text) | {"selectAction": action})
    return _runs(*runs, spacing="Medium")


def _heading(text: str) -> Json:
    return _runs(_run(text, bold=True), spacing="Medium")


def _runs(*runs: Json, spacing: str = "None") -> Json:
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": list(runs)}


def _run(
    text: str,
    *,
    big: bool = False,
    bold: bool = False,
    faint: bool = False,
    small: bool = False,
) -> Json:
    run: Json = {"type": "TextRun", "text": text}
    if big:
        run |= {"size": "Large", "weight": "Bolder"}
    if bold:
        run |= {"weight": "Bolder"}
    if faint:
        run |= {"isSubtle": True}
    if small:
        run |= {"size": "Small"}
    return run


def _escape(piece: str) -> str:
    return "\\x7b" if piece == "{" else piece


def _request(out: Outgoing) -> Request:
    return Request(out.given["WEBHOOK_URL"], teams_body(out.alert, out.runbook), JSON_HEADERS)


def _objection(body: bytes) -> Verdict | None:
    """The older connector answers 200 and says in the body that it failed, and how."""
    if b"delivery failed with error" not in body:
        return None
    return "try_again" if b"429" in body or b" 5" in body else "refused"


TEAMS = DestinationKind(
    name="teams",
    label="Teams",
    options=(
        Option(
            suffix="WEBHOOK_URL",
            meaning="Teams: the address of a Workflows webhook",
            read=address,
            secret=True,
        ),
    ),
    forms={"teams": teams_body},
    request=_request,
    objection=_objection,
)
