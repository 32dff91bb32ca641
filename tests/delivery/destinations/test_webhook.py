"""What a webhook of the user's own is sent: the alert itself, signed, or an OCSF finding."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from registrywatch.alerts import Alert, decode
from registrywatch.delivery.destinations import Outgoing
from registrywatch.delivery.destinations.webhook import (
    SIGNATURE,
    TIMESTAMP,
    WEBHOOK,
    signature_headers,
    standard_headers,
    webhook_body,
)
from tests.alerts.hostile import hidden_in, hostile_alerts, readable
from tests.builders.alerts import an_alert


def verified(body: bytes, headers: dict[str, str], secret: str, now: float) -> bool:
    """As docs/delivery.md says that receivers verify it."""
    timestamp = headers[TIMESTAMP]
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    genuine = hmac.compare_digest(f"v1={expected.hexdigest()}", headers[SIGNATURE])
    return genuine and abs(now - int(timestamp)) <= 300


def test_the_body_is_the_alert() -> None:
    assert decode(webhook_body(an_alert())) == an_alert()


def test_the_signature_proves_body_time_and_secret() -> None:
    body, now = webhook_body(an_alert()), 1_785_575_412.9
    headers = signature_headers(body, "secret", now)
    assert headers[TIMESTAMP] == "1785575412"
    assert verified(body, headers, "secret", now)
    assert not verified(body + b" ", headers, "secret", now)
    assert not verified(body, headers, "guess", now)
    assert not verified(body, headers | {TIMESTAMP: "1785575413"}, "secret", now)
    assert not verified(body, headers, "secret", now + 301)


def test_the_signature_is_the_one_of_the_docs() -> None:
    headers = signature_headers(b'{"id":"1"}', "shared secret", 1_785_575_412)
    assert headers[SIGNATURE] == (
        "v1=" + hmac.new(b"shared secret", b'1785575412.{"id":"1"}', "sha256").hexdigest()
    )


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_the_body_is_the_alert(hostile: Alert) -> None:
    alert = readable(hostile)
    body = webhook_body(alert)
    assert decode(body) == alert
    assert [char for char in hidden_in(body.decode()) if char < "\x7f" or char == "\u202e"] == []


@pytest.mark.parametrize(
    "secret", ["a-signing-key-of-ours", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_the_published_library_of_standard_webhooks_verifies_the_signature(secret: str) -> None:
    from standardwebhooks import Webhook, WebhookVerificationError

    now = datetime.now(UTC).timestamp()
    body = webhook_body(an_alert())
    headers = standard_headers(an_alert().id, body, secret, now)
    receiver = Webhook(
        secret if secret.startswith("whsec_") else base64.b64encode(secret.encode()).decode()
    )
    assert receiver.verify(body, headers)["id"] == an_alert().id
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body, headers | {"webhook-id": "another"})
    late = standard_headers(an_alert().id, body, secret, now - 3600)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body, late)


def test_a_request_carries_both_signatures_the_id_and_headers_of_one_s_own() -> None:
    given = {
        "URL": "https://example.test/hook",
        "SECRET": "a-signing-key-of-ours",
        "HEADERS": "Authorization: Splunk 11112222\nX-Team: registry",
        "FORMAT": "alert",
    }
    headers = WEBHOOK.request(Outgoing(alert=an_alert(), given=given, now=1.0)).headers
    assert headers["Authorization"] == "Splunk 11112222"
    assert headers["X-Team"] == "registry"
    assert headers["webhook-id"] == headers["X-Registrywatch-Alert"] == an_alert().id
    assert headers["webhook-timestamp"] == headers[TIMESTAMP] == "1"
    assert headers["webhook-signature"].startswith("v1,")
    assert headers[SIGNATURE].startswith("v1=")


@pytest.mark.parametrize("identity", ["a\r\nX-Evil: 1", "é\u202e" * 200, "\x00"])
def test_a_strange_id_still_makes_headers_that_can_be_sent(identity: str) -> None:
    given = {"URL": "https://example.test/hook", "FORMAT": "alert"}
    headers = WEBHOOK.request(Outgoing(alert=an_alert(id=identity), given=given, now=1.0)).headers
    assert headers["X-Registrywatch-Alert"].isascii()
    assert headers["X-Registrywatch-Alert"].isprintable()
