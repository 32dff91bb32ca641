"""Azure Log Analytics, and with it Microsoft Sentinel: a row in a custom table.

Rows go through the Logs Ingestion API (learn.microsoft.com/azure/azure-monitor, "Logs Ingestion
API in Azure Monitor"): POST <endpoint>/dataCollectionRules/<immutable id>/streams/<stream>, a JSON
array of at most 1 MB, with a token for https://monitor.azure.com. The table and the data collection
rule are created by infra/azure/optional/log-analytics.bicep; its columns are those of `row`.
"""

import re
from typing import Any
from urllib.parse import quote

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.destinations.kind import (
    JSON_HEADERS,
    DestinationKind,
    Option,
    Outgoing,
    Request,
)
from registrywatch.readers import address
from registrywatch.times import rfc3339, whole_seconds

API_VERSION = "2023-01-01"
STREAM = "Custom-Registrywatch_CL"
_SCOPES = {
    ".azure.com": "https://monitor.azure.com/.default",
    ".azure.us": "https://monitor.azure.us/.default",
    ".azure.cn": "https://monitor.azure.cn/.default",
}


def row(alert: Alert, now: float) -> dict[str, Any]:
    """The columns of one alert. `now` replaces an alert's time that can't be read."""
    actor = alert.actor
    happened = whole_seconds(alert.time)
    return {
        "TimeGenerated": rfc3339(int(now) if happened is None else happened),
        "AlertId": alert.id,
        "Rule": alert.rule,
        "Title": alert.title,
        "Severity": alert.severity.value,
        "Summary": alert.summary,
        "Reasons": list(alert.reasons),
        "Cloud": alert.cloud,
        "Account": alert.account,
        "Region": alert.region,
        "Registry": alert.registry,
        "Repository": alert.repository,
        "ResourceId": alert.resource,
        "ActorId": actor.id,
        "ActorName": actor.name,
        "ActorType": actor.type,
        "ActorIp": actor.ip,
        "UserAgent": actor.user_agent,
        "Techniques": [mitre.technique for mitre in alert.mitre],
        "Events": list(alert.events),
        "ImageCount": alert.count,
        "Impact": alert.impact,
        "Mitigation": alert.mitigation,
        "Silence": alert.silence,
        "Follows": alert.follows,
        "IncidentId": alert.incident and alert.incident.id,
        "IncidentState": alert.incident and alert.incident.state,
    }


def log_analytics_body(alert: Alert) -> bytes:
    return msgspec.json.encode([row(alert, 0.0)])


def _request(out: Outgoing) -> Request:
    endpoint = out.given["ENDPOINT"].rstrip("/")
    path = f"dataCollectionRules/{out.given['RULE_ID']}/streams/{quote(out.given['STREAM'])}"
    host = endpoint.partition("://")[2].partition("/")[0]
    scope = next((scope for end, scope in _SCOPES.items() if host.endswith(end)), None)
    return Request(
        f"{endpoint}/{path}?api-version={API_VERSION}",
        msgspec.json.encode([row(out.alert, out.now)]),
        JSON_HEADERS,
        token_scope=scope or _SCOPES[".azure.com"],
    )


def _matching(pattern: str, accepted: str) -> Any:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(accepted)
        return text

    return read


LOG_ANALYTICS = DestinationKind(
    name="log-analytics",
    label="Log Analytics",
    options=(
        Option(
            suffix="ENDPOINT",
            meaning="Log Analytics and Sentinel: the `logsIngestion` endpoint of a data collection "
            "rule",
            read=address,
        ),
        Option(
            suffix="RULE_ID",
            meaning="Log Analytics: the immutable id of the data collection rule",
            read=_matching("dcr-[0-9a-f]{32}", "an immutable id, dcr- and 32 hexadecimal digits"),
            required=True,
        ),
        Option(
            suffix="STREAM",
            meaning="Log Analytics: the stream that the data collection rule declares",
            read=_matching(r"Custom-\w{1,60}", f"the name of a custom stream, such as {STREAM}"),
            default=STREAM,
        ),
    ),
    forms={"log-analytics": log_analytics_body},
    request=_request,
    for_machines=lambda _: True,
    clouds=("azure",),
)
