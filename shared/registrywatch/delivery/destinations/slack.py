"""Slack: an incoming webhook, with Block Kit.

Text from events goes only where Slack reads no markup: into plain-text objects and code spans, with
`&`, `<` and `>` as entities. Limits are those of docs.slack.dev/reference/block-kit, counted in
UTF-16 units, the strictest reading. Links are text, not buttons: in a message of an app without an
interactivity address, a clicked button shows a warning (slackapi/node-slack-sdk#869).
"""

from functools import partial
from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.links import Link, attack_links, links, runbook_links
from registrywatch.alerts.style import first_reasons, headline, style_of
from registrywatch.alerts.summary_fields import Fact, facts
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
from registrywatch.times import clock, whole_seconds

Json = dict[str, Any]

_HEADER = 150  # characters of a header block
_SUMMARY = 600
_REASON = 300  # eight of them, with bullets, stay within a section
_VALUE = 300  # of a field, of at most 2,000: an ARN is whole, a user agent of kilobytes is not
_MOST_FIELDS = 10
_AS_TEXT = frozenset({"When", "Counted"})  # no names from events: no code span needed


def slack_message(alert: Alert, runbook: str = "") -> Json:
    """The body for an incoming webhook: headline and summary, then the details with a colour."""
    style = style_of(alert)
    header = _plain(headline(alert), _HEADER)
    summary = _plain(alert.summary, _SUMMARY)
    return {
        # For notifications and screen readers; blocks replace it on the screen.
        "text": _entities(f"{style.word}: {alert.title}. {alert.summary}", _SUMMARY),
        "mrkdwn": False,
        "link_names": 0,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [{"type": "header", "text": header}, {"type": "section", "text": summary}],
        "attachments": [
            {
                "color": style.colour,
                "fallback": _entities(alert.summary, _SUMMARY),
                "blocks": _details(alert, runbook),
            }
        ],
    }


def slack_body(alert: Alert, runbook: str = "") -> bytes:
    return msgspec.json.encode(slack_message(alert, runbook))


def _details(alert: Alert, runbook: str) -> list[Json]:
    """The reasons come first: Slack hides the lower part of a long attachment."""
    blocks: list[Json] = []
    if alert.reasons:
        why = f"Why {alert.severity.value}:"
        bullets = [f"• {_entities(reason, _REASON)}" for reason in first_reasons(alert.reasons)]
        blocks.append({"type": "section", "text": _ready("\n".join([why, *bullets]))})
    known = [fact for fact in facts(alert) if fact.label != "Client"]  # it is in the small print
    blocks.append(
        {"type": "section", "fields": [_field(fact, alert) for fact in known[:_MOST_FIELDS]]}
    )
    todo = _entities(alert.mitigation, _SUMMARY)
    if todo:
        blocks.append({"type": "section", "text": _ready(f"What to do:\n{todo}")})
    if alert.silence:
        silence = f"To silence exactly this: {_code(alert.silence)}"
        blocks.append({"type": "section", "text": _markup(silence)})
    found = (*links(alert), *attack_links(alert), *runbook_links(alert, runbook))
    targets = [_link(link) for link in found]
    if targets:
        blocks.append({"type": "section", "text": _markup("  ·  ".join(targets))})
    blocks.append({"type": "context", "elements": [_markup(_small_print(alert))]})
    return blocks


def _field(fact: Fact, alert: Alert) -> Json:
    if fact.label == "When":
        value = _date(alert.time)
    elif fact.label in _AS_TEXT:
        value = _entities(fact.value, _VALUE)
    else:
        value = _code(fact.value)
    return _markup(f"*{fact.label}*\n{value}")


def _small_print(alert: Alert) -> str:
    mitre = [_code(f"{each.tactic} {each.technique}") for each in alert.mitre[:4]]
    client = [f"client {_code(alert.actor.user_agent)}"] if alert.actor.user_agent else []
    return "  ·  ".join(
        [f"registrywatch {_code(alert.rule)}", *mitre, f"alert {_code(alert.id)}", *client]
    )


def _date(time: str) -> str:
    """The time in each reader's zone, and in UTC to compare it with logs."""
    at = whole_seconds(time)
    if at is None:
        return _code(time)
    utc = clock(time)
    return f"<!date^{at}^{{date_short_pretty}} {{time_secs}}|{utc}>\n({utc})"


def _link(link: Link) -> str:
    return f"<{link.url.replace('&', '&amp;')}|{_entities(link.text, _VALUE)}>"


def _code(text: str) -> str:
    """A code span, in which Slack reads no markup, mention or emoji name. Never empty or open."""
    return f"`{shown(text, _VALUE, _code_escape, utf16_size) or '-'}`"


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": _entities(text, limit) or "-", "emoji": False}


def _ready(text: str) -> Json:
    """Plain text whose parts are already escaped and cut."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _markup(text: str) -> Json:
    """Fixed markup; with `verbatim` Slack makes no links and mentions of its own."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _entity(piece: str) -> str:
    return _ENTITIES.get(piece, piece)


def _code_escape(piece: str) -> str:
    return "\\x60" if piece == "`" else _entity(piece)


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_entities = partial(shown, escape=_entity, size=utf16_size)


def _request(out: Outgoing) -> Request:
    return Request(out.given["WEBHOOK_URL"], slack_body(out.alert, out.runbook), JSON_HEADERS)


def _objection(body: bytes) -> Verdict | None:
    """A webhook answers `ok`; the Web API and proxies before it `{"ok": false, …}`."""
    try:
        said = msgspec.json.decode(body, type=_Said)
    except msgspec.MsgspecError:
        return None
    return None if said.ok else "refused"


class _Said(msgspec.Struct):
    ok: bool = True


SLACK = DestinationKind(
    name="slack",
    label="Slack",
    options=(
        Option(
            suffix="WEBHOOK_URL",
            meaning="Slack: the address of an incoming webhook",
            read=address,
            secret=True,
        ),
    ),
    forms={"slack": slack_body},
    request=_request,
    objection=_objection,
    rate=1.0,  # docs.slack.dev/apis/web-api/rate-limits: incoming webhooks, short bursts allowed
)
