"""Google Chat: a card of known widgets, within the limit, inert whatever an alert says."""

from html.parser import HTMLParser
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings

from registrywatch.alerts import Alert
from registrywatch.delivery.destinations.google_chat import (
    MOST_BYTES,
    google_chat_body,
    google_chat_message,
)
from registrywatch.severity import Severity
from tests.alerts.hostile import hidden_in, hostile_alerts, strings
from tests.builders.alerts import an_alert

WIDGETS = {"textParagraph", "decoratedText", "buttonList"}


def widgets(message: dict[str, Any]) -> list[dict[str, Any]]:
    [card] = message["cardsV2"]
    return [widget for section in card["card"]["sections"] for widget in section["widgets"]]


def check_is_valid(message: dict[str, Any]) -> None:
    assert message.keys() == {"text", "cardsV2"}
    assert all(len(widget) == 1 and widget.keys() <= WIDGETS for widget in widgets(message))
    assert len(msgspec.json.encode(message)) <= MOST_BYTES


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.add(tag)


def test_the_card_says_what_happened_who_where_and_what_to_do() -> None:
    alert = an_alert(severity=Severity.CRITICAL)
    message = google_chat_message(alert)
    check_is_valid(message)
    assert message["text"].endswith("Critical: Images Within a Repository Deleted")
    shown = msgspec.json.encode(message).decode()
    for said in (alert.summary, "Dev/alice", "prod/api", "12 images were deleted", "ATT&CK T1485"):
        assert said in shown


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_the_card_is_valid_and_inert(alert: Alert) -> None:
    message = google_chat_message(alert)
    check_is_valid(message)
    google_chat_body(alert)
    for text in strings(message):
        assert hidden_in(text) == []
        assert Tags(text).found <= {"br"}
    assert not set(message["text"]) & set("*_~`<>")
