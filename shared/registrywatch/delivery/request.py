"""What is sent to a destination, down to its bytes."""

import msgspec

from registrywatch import __version__
from registrywatch.alerts.alert import Alert
from registrywatch.alerts.ocsf import ocsf_body
from registrywatch.alerts.pagerduty import pagerduty_body
from registrywatch.alerts.slack import slack_body
from registrywatch.alerts.teams import teams_body
from registrywatch.alerts.webhook import ALERT, signature_headers, webhook_body
from registrywatch.delivery.destinations import Destination
from registrywatch.delivery.secret_store import Secrets

_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": f"registrywatch/{__version__}",
}


class Request(msgspec.Struct, frozen=True):
    """A POST. Never shown: the address, a header or the body may be or hold a secret."""

    url: str
    body: bytes
    headers: dict[str, str]

    def __repr__(self) -> str:
        return f"Request({len(self.body)} bytes)"


def request_for(
    alert: Alert, to: Destination, secrets: Secrets, now: float, incident: str | None = None
) -> Request:
    """The POST that tells `to` of `alert`. Raises SecretError."""
    url = secrets.value(to.endpoint)
    key = secrets.value(to.key) if to.key else ""
    headers = _HEADERS
    match to.kind:
        case "slack":
            body = slack_body(alert)
        case "teams":
            body = teams_body(alert)
        case "pagerduty":
            body = pagerduty_body(alert, key, incident)
        case "webhook":
            body = webhook_body(alert) if to.format == "alert" else ocsf_body(alert)
            headers = headers | {ALERT: alert.id}
            if key:
                headers = headers | signature_headers(body, key, now)
    return Request(url, body, headers)
