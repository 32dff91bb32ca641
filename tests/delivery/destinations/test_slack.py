"""What Slack is sent: valid Block Kit within its limits, and nothing that Slack would obey."""

import re
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from slack_sdk.models.blocks import Block

from registrywatch.alerts import Alert
from registrywatch.alerts.style import STYLES
from registrywatch.alerts.text import utf16_size
from registrywatch.delivery.destinations.slack import slack_body, slack_message
from registrywatch.severity import Severity
from tests.alerts.hostile import hidden_in, hostile_alerts, strings
from tests.builders.alerts import an_alert


def blocks_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    [attachment] = message["attachments"]
    return [*message["blocks"], *attachment["blocks"]]


def check_is_valid(message: dict[str, Any]) -> None:
    """By slack_sdk's own models, and in what they let through: lengths, empty texts, types."""
    [attachment] = message["attachments"]
    for blocks in (message["blocks"], attachment["blocks"]):
        assert 0 < len(blocks) <= 50
        parsed = Block.parse_all(blocks)
        assert len(parsed) == len(blocks)
        for model in parsed:
            assert model is not None
            model.validate_json()
    for block in blocks_of(message):
        texts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
        limit = {"header": 150, "section": 3000, "context": 3000}[block["type"]]
        for text in filter(None, texts):
            most = 2000 if text in block.get("fields", ()) else limit
            assert 1 <= utf16_size(text["text"]) <= most
            assert (text["type"] == "plain_text") == ("emoji" in text)
            assert (text["type"] == "mrkdwn") == ("verbatim" in text)
        assert len(block.get("fields", ())) <= 10
        assert len(block.get("elements", ())) <= 10
    assert re.fullmatch("#[0-9a-f]{6}", attachment["color"])
    assert len(msgspec.json.encode(message)) < 40_000


def shown_text(message: dict[str, Any]) -> str:
    return "\n".join(strings(blocks_of(message)))


OURS = re.compile(
    r"<https://(?:[a-z0-9-]+\.console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)"
    r"|portal\.azure\.(?:com|cn|us)|attack\.mitre\.org)/[^<>|\s`]*\|[\w &;.]+>"
    r"|<!date\^-?\d+\^\{date_short_pretty\} \{time_secs\}\|[\d :-]+UTC>"
)


def markup_left(text: str) -> str:
    """What Slack would read as markup, once code spans and our own links are taken out."""
    without_code = re.sub(r"`[^`\n]+`", "", text)
    return OURS.sub("", without_code)


def test_the_message_says_what_happened_who_where_when_why_and_what_to_do() -> None:
    alert = an_alert(severity=Severity.HIGH, reasons=("12 images were deleted", "one was prod-1"))
    message = slack_message(alert)
    check_is_valid(message)
    text = shown_text(message)
    assert message["blocks"][0]["text"]["text"] == (
        f"{STYLES[Severity.HIGH].mark} High: Images Within a Repository Deleted"
    )
    assert message["blocks"][1]["text"]["text"] == alert.summary
    assert message["attachments"][0]["color"] == STYLES[Severity.HIGH].colour
    for said in (
        "*Who*\n`Dev/alice`",
        "`arn:aws:iam::111122223333:role/Dev`",
        "`203.0.113.12`",
        "*Account*\n`111122223333, eu-west-1`",
        "*Repository*\n`prod/api`",
        "2026-08-01 09:00:01 UTC",
        "Why high:\n• 12 images were deleted\n• one was prod-1",
        f"What to do:\n{alert.mitigation}",
        "TA0040 T1485",
        "|CloudTrail event>",
        "|Repository>",
        "|ATT&amp;CK T1485>",
    ):
        assert said in text


def test_each_severity_has_its_own_colour() -> None:
    messages = [slack_message(an_alert(severity=severity)) for severity in Severity]
    assert len({message["attachments"][0]["color"] for message in messages}) == len(Severity)


def test_counted_alerts_say_how_many() -> None:
    message = slack_message(an_alert(count=1200, threshold=100, window_seconds=600))
    assert "1,200 within 10 minutes, threshold 100" in shown_text(message)


def test_many_reasons_are_shortened_and_counted() -> None:
    text = shown_text(slack_message(an_alert(reasons=tuple(f"reason {n}" for n in range(30)))))
    assert "reason 6" in text
    assert "reason 7" not in text
    assert "and 23 more reasons" in text


def test_huge_values_do_not_flood_the_message() -> None:
    huge = "x" * 100_000
    message = slack_message(an_alert(summary=huge, reasons=(huge,) * 50, mitigation=huge))
    check_is_valid(message)
    assert len(msgspec.json.encode(message)) < 10_000


def test_a_name_can_not_call_the_channel_or_link_anywhere() -> None:
    for trick in ("<!channel>", "<https://evil.test|console>", "`<!here>`", "a`<@U1>`b", "*b*"):
        alert = an_alert(summary=f"x {trick}", repository=trick, reasons=(trick,), id=trick)
        for text in strings(slack_message(alert)):
            left = markup_left(text)
            assert "<" not in left
            assert ">" not in left
            assert "evil.test" not in left or text == left  # plain text: shown, not linked


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_the_message_is_valid_and_inert(alert: Alert) -> None:
    message = slack_message(alert)
    check_is_valid(message)
    slack_body(alert)
    for text in strings(message):
        assert hidden_in(text, allowed="\n") == []
        assert not re.search("[<>]|&(?!amp;|lt;|gt;)", markup_left(text))
    for block in blocks_of(message):
        for part in [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]:
            if part and part["type"] == "mrkdwn":
                check_only_our_markup(part["text"])


def check_only_our_markup(text: str) -> None:
    """Outside of code spans and links, markup text holds our labels and nothing of the alert's."""
    left = markup_left(text)
    assert "`" not in left
    assert re.fullmatch(
        r"(\*[A-Z][a-z]+( [a-z]+)*\*\n)?[\s·]*(registrywatch|alert|client|[\s·])*"
        r"(\([\d :-]+UTC\)|[\d,]+( within [\d,]+ \w+)?(, threshold [\d,]+)?)?",
        left,
    ), left
