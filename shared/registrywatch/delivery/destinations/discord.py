"""Discord: an embed for a channel's webhook.

Embeds read markdown and mentions, so every markdown character in a text from events gets a
backslash, and `allowed_mentions` allows none. Limits (discord.com/developers/docs, "Message",
"Embed Limits"):
title 256 characters, description 4,096, 25 fields, a field's name 256 and value 1,024, footer
2,048, 6,000 in all. A webhook takes about 30 messages a minute.
"""

from functools import partial
from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.links import attack_links, links, runbook_links
from registrywatch.alerts.style import first_reasons, headline, style_of
from registrywatch.alerts.summary_fields import facts
from registrywatch.alerts.text import shown, utf16_size
from registrywatch.delivery.destinations.kind import (
    JSON_HEADERS,
    DestinationKind,
    Option,
    Outgoing,
    Request,
)
from registrywatch.readers import address
from registrywatch.times import rfc3339, whole_seconds

Json = dict[str, Any]

_TITLE, _SUMMARY, _REASON, _VALUE, _ADVICE, _SMALL = 200, 500, 110, 200, 500, 80
_FIELD = 1024
_MOST_FIELDS = 9


def discord_message(alert: Alert, runbook: str = "") -> Json:
    """The body for a webhook: the headline as content, which a phone shows, and one embed."""
    title = _escaped(headline(alert), _TITLE) or "-"
    embed: Json = {
        "title": title,
        "description": _escaped(alert.summary, _SUMMARY) or "-",
        "color": int(style_of(alert).colour.removeprefix("#"), 16),
        "fields": _fields(alert, runbook),
        "footer": {"text": f"registrywatch {_plain(alert.rule)} · alert {_plain(alert.id)}"},
    }
    if (at := whole_seconds(alert.time)) is not None:
        embed["timestamp"] = rfc3339(at)
    return {"content": title, "embeds": [embed], "allowed_mentions": {"parse": []}}


def discord_body(alert: Alert, runbook: str = "") -> bytes:
    return msgspec.json.encode(discord_message(alert, runbook))


def _fields(alert: Alert, runbook: str) -> list[Json]:
    fields: list[Json] = []
    if alert.reasons:
        lines = [f"• {_escaped(reason, _REASON)}" for reason in first_reasons(alert.reasons)]
        fields.append(_field(f"Why {alert.severity.value}", "\n".join(lines)))
    known = [fact for fact in facts(alert) if fact.label != "Client"][:_MOST_FIELDS]
    fields += [
        _field(fact.label, _escaped(fact.value, _VALUE) or "-", inline=True) for fact in known
    ]
    if alert.mitigation:
        fields.append(_field("What to do", _escaped(alert.mitigation, _ADVICE) or "-"))
    if alert.silence:
        text = _escaped(alert.silence, _VALUE) or "-"
        fields.append(_field("To silence exactly this", text))
    if found := _links(alert, runbook):
        fields.append(_field("Links", found))
    return fields


def _links(alert: Alert, runbook: str) -> str:
    """As many as a field holds."""
    text = ""
    for link in (*links(alert), *runbook_links(alert, runbook), *attack_links(alert)[:3]):
        more = f"{' · ' if text else ''}[{link.text}]({link.url})"
        if len(text) + len(more) <= _FIELD:
            text += more
    return text


def _field(name: str, value: str, *, inline: bool = False) -> Json:
    return {"name": name, "value": value, "inline": inline}


def _plain(text: str) -> str:
    """For a footer, which reads no markdown."""
    return shown(text, _SMALL, size=utf16_size) or "-"


def _escape(piece: str) -> str:
    """A backslash before a markdown character; before a colon, for emoji names and addresses."""
    return f"\\{piece}" if piece in _MARKS else piece


_MARKS = frozenset("\\*_~`|>#[]()<@-:")
_escaped = partial(shown, escape=_escape, size=utf16_size)


def _request(out: Outgoing) -> Request:
    return Request(out.given["WEBHOOK_URL"], discord_body(out.alert, out.runbook), JSON_HEADERS)


DISCORD = DestinationKind(
    name="discord",
    label="Discord",
    options=(
        Option(
            suffix="WEBHOOK_URL",
            meaning="Discord: the address of a channel's webhook",
            read=address,
            secret=True,
        ),
    ),
    forms={"discord": discord_body},
    request=_request,
    rate=0.5,
)
