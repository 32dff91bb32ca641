"""What Teams is sent: a valid Adaptive Card in the Workflows envelope, whose text is only text."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft6Validator

from registrywatch.alerts import Alert
from registrywatch.delivery.destinations.teams import MOST_CHARACTERS, teams_body, teams_message
from registrywatch.severity import Severity
from tests.alerts.hostile import hidden_in, hostile_alerts, strings
from tests.builders.alerts import an_alert


@cache
def schema() -> Draft6Validator:
    """Microsoft's schema of the version that the cards claim."""
    text = (files("adaptive_cards") / "schemas" / "schema-1.4.json").read_bytes()
    return Draft6Validator(msgspec.json.decode(text))


FREE = ("text", "title", "url", "value")
"""The members that may be any text, for all that the schema says."""


def shape(value: Any) -> Any:
    """The card with one text in place of all free ones, and one element of each kind in a list.

    Its validity does not depend on the others.
    """
    if isinstance(value, list):
        made = [shape(each) for each in value]
        return [each for place, each in enumerate(made) if each not in made[:place]]
    if not isinstance(value, dict):
        return value
    return {
        name: "text" if name in FREE and isinstance(each, str) else shape(each)
        for name, each in value.items()
    }


@cache
def faults_of(shaped: bytes) -> list[str]:
    return [error.message for error in schema().iter_errors(msgspec.json.decode(shaped))]


def card_of(message: dict[str, Any]) -> dict[str, Any]:
    [attachment] = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = attachment["content"]
    return card


def check_is_valid(message: dict[str, Any]) -> None:
    assert message["type"] == "message"
    card = card_of(message)
    # Teams' own property, which the schema of all cards does not know
    ours = {name: value for name, value in card.items() if name != "msteams"}
    assert card["msteams"] == {"width": "Full"}
    assert faults_of(msgspec.json.encode(shape(ours))) == []
    assert len(msgspec.json.encode(message)) < 28 * 1024


def elements(value: Any) -> list[dict[str, Any]]:
    """Every element of a card, at any depth."""
    if isinstance(value, list):
        return [element for inner in value for element in elements(inner)]
    if not isinstance(value, dict):
        return []
    inside = [element for inner in value.values() for element in elements(inner)]
    return [value, *inside] if "type" in value else inside


def text_of(card: dict[str, Any]) -> list[str]:
    return [element["text"] for element in elements(card) if element["type"] == "TextRun"]


def test_the_card_says_what_happened_who_where_when_why_and_what_to_do() -> None:
    alert = an_alert(severity=Severity.CRITICAL)
    message = teams_message(alert)
    check_is_valid(message)
    texts = text_of(card_of(message))
    assert texts[0].endswith("Critical: Images Within a Repository Deleted")
    assert texts[1] == alert.summary
    for said in (
        "Dev/alice",
        "arn:aws:iam::111122223333:role/Dev",
        "203.0.113.12",
        "111122223333, eu-west-1",
        "prod/api",
        "2026-08-01 09:00:01 UTC",
        "Why critical",
        "• 12 images were deleted",
        alert.mitigation,
    ):
        assert said in texts
    titles = [action["title"] for action in card_of(message)["actions"]]
    assert titles == ["CloudTrail event", "Repository"], "a third button is cut on a phone"
    [attack] = [each for each in elements(card_of(message)) if "selectAction" in each]
    assert attack["text"] == "ATT&CK T1485"


def test_an_ordinary_card_is_not_shortened() -> None:
    assert len(teams_body(an_alert())) < MOST_CHARACTERS / 2


def test_the_schema_would_catch_a_bad_card() -> None:
    card = card_of(teams_message(an_alert()))
    card["body"][0]["items"][0]["inlines"] = 5
    assert list(schema().iter_errors(card)) != []


def test_no_text_goes_where_markdown_is_read() -> None:
    card = card_of(teams_message(an_alert()))
    kinds = {element["type"] for element in elements(card)}
    assert kinds == {
        "AdaptiveCard",
        "Container",
        "RichTextBlock",
        "TextRun",
        "Action.OpenUrl",
    }


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_the_card_is_valid_and_inert(alert: Alert) -> None:
    message = teams_message(alert)
    check_is_valid(message)
    assert len(teams_body(alert)) <= MOST_CHARACTERS
    for text in strings(message):
        assert hidden_in(text) == []
        assert "{" not in text
    for action in (each for each in elements(card_of(message)) if each["type"].startswith("Act")):
        assert re.match(
            r"https://(portal\.azure\.(com|cn|us)|attack\.mitre\.org"
            r"|[a-z0-9-]+\.console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com))/",
            action["url"],
        )
