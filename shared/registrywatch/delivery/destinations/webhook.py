"""The webhook: the user's own address gets the alert as JSON, signed.

It is signed twice with the shared secret: by the Standard Webhooks specification, and as in the
first edition, with HMAC-SHA256 over the timestamp, a full stop and the body's bytes.
docs/delivery.md shows how a receiver verifies either.
"""

import base64
import hashlib
import hmac

from registrywatch.alerts.alert import Alert, encode
from registrywatch.alerts.ocsf import ocsf_body
from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.headers import headers, parse
from registrywatch.delivery.destinations.kind import (
    JSON_HEADERS,
    DestinationKind,
    Option,
    Outgoing,
    Request,
)
from registrywatch.delivery.destinations.opsgenie import closing, opsgenie_body
from registrywatch.errors import SecretError
from registrywatch.readers import address, one_of, secret_of

TIMESTAMP = "X-Registrywatch-Timestamp"
SIGNATURE = "X-Registrywatch-Signature"
ALERT = "X-Registrywatch-Alert"


def webhook_body(alert: Alert) -> bytes:
    """The whole alert: nothing is cut, and only what could hide text is escaped."""
    return encode(alert)


def standard_headers(alert: str, body: bytes, secret: str, now: float) -> dict[str, str]:
    """The headers of the Standard Webhooks specification (standardwebhooks.com), version v1.

    A secret that begins with `whsec_` is base64 after that; of any other, the bytes are used.
    """
    timestamp = str(int(now))
    signed = f"{alert}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": alert,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return secret.encode()


def signature_headers(body: bytes, secret: str, now: float) -> dict[str, str]:
    """The headers that prove that `body` was sent at `now` by a sender that knows `secret`."""
    timestamp = str(int(now))
    signed = timestamp.encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {TIMESTAMP: timestamp, SIGNATURE: f"v1={digest}"}


def _request(out: Outgoing) -> Request:
    address, body = _addressed(out)
    sent = JSON_HEADERS | {ALERT: _in_a_header(out.alert.id)}
    if key := out.given.get("SECRET"):
        sent |= signature_headers(body, key, out.now)
        sent |= standard_headers(sent[ALERT], body, key, out.now)
    return Request(address, body, sent | _own_headers(out))


def _addressed(out: Outgoing) -> tuple[str, bytes]:
    """The address and the body, in the chosen format."""
    address, form = out.given["URL"], out.given["FORMAT"]
    if form == "ocsf":
        return address, ocsf_body(out.alert, out.now if out.raised is None else out.raised)
    if form != "opsgenie":
        return address, webhook_body(out.alert)
    if out.alert.resolved:
        return closing(address, out.alert, out.incident)
    return address, opsgenie_body(out.alert, out.incident, out.runbook)


def _in_a_header(text: str) -> str:
    """The text in a form that a header accepts, whatever it holds."""
    return shown(text, 100).encode("ascii", "backslashreplace").decode()


def _own_headers(out: Outgoing) -> dict[str, str]:
    try:
        return parse(out.given["HEADERS"]) if "HEADERS" in out.given else {}
    except ValueError as error:
        raise SecretError(f"the webhook's headers can't be used; expected {error}") from None


WEBHOOK = DestinationKind(
    name="webhook",
    label="Webhook",
    options=(
        Option(
            suffix="URL",
            meaning="the webhook: the address that gets the alert as JSON",
            read=address,
            secret=True,
        ),
        Option(
            suffix="SECRET",
            meaning="the key that signs what goes to the webhook (HMAC-SHA256); without it nothing "
            "is signed",
            read=secret_of(r"[\x21-\x7e]{16,}", "a key of at least 16 characters, without spaces"),
            secret=True,
        ),
        Option(
            suffix="HEADERS",
            meaning="further headers for the webhook, such as a token: lines of `Name: value` or a "
            "JSON object",
            read=headers,
            secret=True,
        ),
        Option(
            suffix="FORMAT",
            meaning="what goes to the webhook: the `alert` itself, an `ocsf` Detection Finding, or "
            "what creates an alert in `opsgenie` and Jira Service Management",
            read=one_of("alert", "ocsf", "opsgenie"),
            default="alert",
        ),
    ),
    forms={"webhook": webhook_body, "ocsf": ocsf_body, "opsgenie": opsgenie_body},
    request=_request,
    for_machines=lambda options: options["FORMAT"] == "ocsf",
)
