"""An alert for a webhook of the user's own: its JSON, signed.

The signature is HMAC-SHA256, keyed with the shared secret, over the timestamp, a full stop and the
body's bytes. docs/delivery.md shows how a receiver verifies it.
"""

import hashlib
import hmac

from registrywatch.alerts.alert import Alert, encode

TIMESTAMP = "X-Registrywatch-Timestamp"
SIGNATURE = "X-Registrywatch-Signature"
ALERT = "X-Registrywatch-Alert"


def webhook_body(alert: Alert) -> bytes:
    """The alert as it is: nothing is cut or escaped beyond what JSON needs to be safe to show."""
    return encode(alert)


def signature_headers(body: bytes, secret: str, now: float) -> dict[str, str]:
    """The headers that prove that `body` was sent at `now` by somebody who knows `secret`."""
    timestamp = str(int(now))
    signed = timestamp.encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {TIMESTAMP: timestamp, SIGNATURE: f"v1={digest}"}
