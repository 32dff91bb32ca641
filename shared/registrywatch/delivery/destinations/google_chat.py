"""Google Chat: a card (cardsV2) for the incoming webhook of a space.

Card texts read some HTML (`<b>`, `<a href>`), so text from events is escaped; long texts are cut.
A message may have 32,000 bytes: developers.google.com/workspace/chat, "Create and manage messages"
and "Build a card". A space accepts one message a second ("Usage limits").
"""

from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.links import attack_links, links, runbook_links
from registrywatch.alerts.style import first_reasons, headline
from registrywatch.alerts.summary_fields import facts
from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.kind import (
    JSON_HEADERS,
    DestinationKind,
    Option,
    Outgoing,
    Request,
)
from registrywatch.readers import address

Json = dict[str, Any]

_TITLE, _SUMMARY, _REASON, _VALUE, _ADVICE = 150, 600, 300, 300, 800
MOST_BYTES = 32_000


def google_chat_message(alert: Alert, runbook: str = "") -> Json:
    """The body for a space's webhook. The `text` is what a notification shows."""
    message = _message(alert, runbook, scale=1.0)
    if len(msgspec.json.encode(message)) > MOST_BYTES:
        # Entities and escapes make texts longer; a third of every text always fits.
        message = _message(alert, runbook, scale=0.33)
    return message


def google_chat_body(alert: Alert, runbook: str = "") -> bytes:
    return msgspec.json.encode(google_chat_message(alert, runbook))


def _message(alert: Alert, runbook: str, scale: float) -> Json:
    def cut(text: str, limit: int) -> str:
        return shown(text, int(limit * scale), _entity) or "-"

    sections: list[Json] = []
    if alert.reasons:
        why = "<br>".join(f"• {cut(reason, _REASON)}" for reason in first_reasons(alert.reasons))
        sections.append(_section(f"Why {alert.severity.value}", [_paragraph(why)]))
    rows = [_row(fact.label, cut(fact.value, _VALUE)) for fact in facts(alert)]
    sections.append({"widgets": rows})
    if alert.mitigation:
        sections.append(_section("What to do", [_paragraph(cut(alert.mitigation, _ADVICE))]))
    if alert.silence:
        silence = _paragraph(cut(alert.silence, _VALUE))
        sections.append(_section("To silence exactly this", [silence]))
    buttons = [
        {"text": link.text, "onClick": {"openLink": {"url": link.url}}}
        for link in (*links(alert), *attack_links(alert)[:3], *runbook_links(alert, runbook))
    ]
    if buttons:
        sections.append({"widgets": [{"buttonList": {"buttons": buttons}}]})
    small_print = f"registrywatch {cut(alert.rule, _TITLE)} · alert {cut(alert.id, _TITLE)}"
    sections.append({"widgets": [_paragraph(small_print)]})
    summary = cut(alert.summary, _SUMMARY)
    return {
        "text": _plain(headline(alert), int(_TITLE * scale)),
        "cardsV2": [
            {
                "cardId": "alert",
                "card": {"sections": [{"widgets": [_paragraph(summary)]}, *sections]},
            }
        ],
    }


def _entity(piece: str) -> str:
    return _ENTITIES.get(piece, piece)


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}


def _plain(text: str, limit: int) -> str:
    """Text outside of a card reads `*bold*`, `<url|text>` and `<users/all>`: they are escaped."""
    return shown(text, limit, lambda piece: _MARKS.get(piece, piece)) or "-"


_MARKS = {mark: f"\\x{ord(mark):02x}" for mark in "*_~`<>"}


def _section(header: str, widgets: list[Json]) -> Json:
    return {"header": header, "widgets": widgets}


def _paragraph(text: str) -> Json:
    return {"textParagraph": {"text": text}}


def _row(label: str, value: str) -> Json:
    return {"decoratedText": {"topLabel": label, "text": value, "wrapText": True}}


def _request(out: Outgoing) -> Request:
    return Request(
        out.given["WEBHOOK_URL"],
        google_chat_body(out.alert, out.runbook),
        JSON_HEADERS,
    )


GOOGLE_CHAT = DestinationKind(
    name="google-chat",
    label="Google Chat",
    options=(
        Option(
            suffix="WEBHOOK_URL",
            meaning="Google Chat: the address of a space's incoming webhook",
            read=address,
            secret=True,
        ),
    ),
    forms={"google-chat": google_chat_body},
    request=_request,
    rate=1.0,
)
