"""PagerDuty: an event for the Events API v2.

Limits: developer.pagerduty.com, "Send an alert event": summary 1,024 characters, dedup_key 255,
the event 512 KB.
"""

from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.links import attack_links, links, runbook_links
from registrywatch.alerts.style import style_of
from registrywatch.alerts.summary_fields import counted
from registrywatch.alerts.text import shown, utf16_size
from registrywatch.delivery.destinations.kind import (
    JSON_HEADERS,
    DestinationKind,
    Option,
    Outgoing,
    Request,
)
from registrywatch.readers import address, secret_of
from registrywatch.severity import Severity
from registrywatch.times import rfc3339, whole_seconds

Json = dict[str, Any]

SEVERITIES = {
    Severity.INFORMATIONAL: "info",
    Severity.LOW: "info",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "critical",
}
NO_KEY = "0" * 32  # in place of the routing key in what is shown
_SUMMARY, _VALUE, _TEXT, _MOST = 1024, 500, 2000, 50


def pagerduty_event(
    alert: Alert, routing_key: str, incident: str | None = None, runbook: str = ""
) -> Json:
    """An event for the incident of that dedup_key, by default the alert's own.

    While an incident is acknowledged, further triggers of it notify no one (PagerDuty, "Trigger
    Events"). So a worse alert, or one of a later day, must have another key.
    """
    own = alert.incident.id if alert.incident else alert.id
    key = incident or f"registrywatch/{shown(own, 200)}"
    if alert.resolved:
        return {"routing_key": routing_key, "event_action": "resolve", "dedup_key": key}
    found = links(alert)
    event: Json = {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": key,
        "client": "registrywatch",
        "payload": {
            "summary": _cut(f"{style_of(alert).word}: {alert.summary}", _SUMMARY),
            "source": _cut(alert.registry or alert.account or alert.cloud, _VALUE),
            "severity": SEVERITIES[alert.severity],
            "component": _cut(alert.repository or "several repositories", _VALUE),
            "group": _cut(alert.account or alert.cloud, _VALUE),
            "class": _cut(alert.rule, _VALUE),
            "custom_details": _details(alert),
        },
        "links": [
            {"href": link.url, "text": link.text}
            for link in (*found, *attack_links(alert), *runbook_links(alert, runbook))
        ],
    }
    if (at := whole_seconds(alert.time)) is not None:
        event["payload"]["timestamp"] = rfc3339(at)
    if found:
        event["client_url"] = found[0].url
    return event


def pagerduty_body(
    alert: Alert, routing_key: str, incident: str | None = None, runbook: str = ""
) -> bytes:
    return msgspec.json.encode(pagerduty_event(alert, routing_key, incident, runbook))


def _details(alert: Alert) -> Json:
    actor = alert.actor
    known: Json = {
        "title": _cut(alert.title, _VALUE),
        "reasons": [_cut(reason, _VALUE) for reason in alert.reasons[:_MOST]],
        "what_to_do": _cut(alert.mitigation, _TEXT),
        "impact": _cut(alert.impact, _TEXT),
        "to_silence_exactly_this": _cut(alert.silence or "", _TEXT),
        "actor": _values(
            name=actor.name, id=actor.id, type=actor.type, ip=actor.ip, client=actor.user_agent
        ),
        "where": _values(
            cloud=alert.cloud,
            account=alert.account,
            region=alert.region,
            registry=alert.registry,
            repository=alert.repository,
        ),
        "counted": counted(alert),
        "mitre": [_cut(f"{mitre.tactic} {mitre.technique}", _VALUE) for mitre in alert.mitre],
        "events": [_cut(event, _VALUE) for event in alert.events],
        "references": [_cut(reference, _VALUE) for reference in alert.references],
        "alert": _cut(alert.id, _VALUE),
    }
    return {name: value for name, value in known.items() if value}


def _values(**values: str | None) -> dict[str, str]:
    return {name: _cut(value, _VALUE) for name, value in values.items() if value}


def _cut(text: str, limit: int) -> str:
    return shown(text, limit, size=utf16_size)


def _request(out: Outgoing) -> Request:
    key = out.given["ROUTING_KEY"]
    body = pagerduty_body(out.alert, key, out.incident, out.runbook)
    return Request(out.given["URL"], body, JSON_HEADERS)


PAGERDUTY = DestinationKind(
    name="pagerduty",
    label="PagerDuty",
    options=(
        Option(
            suffix="ROUTING_KEY",
            meaning="PagerDuty: the routing key of an Events API v2 integration",
            read=secret_of("[A-Za-z0-9]{32}", "a routing key, 32 letters and digits"),
            secret=True,
        ),
        Option(
            suffix="URL",
            meaning="PagerDuty: the address for events; accounts in its European region have "
            "`https://events.eu.pagerduty.com/v2/enqueue`",
            read=address,
            default="https://events.pagerduty.com/v2/enqueue",
        ),
    ),
    forms={"pagerduty": lambda alert: pagerduty_body(alert, NO_KEY)},
    request=_request,
    min_severity=Severity.HIGH,
    resolves=True,
)
