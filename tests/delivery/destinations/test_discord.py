"""Discord: an embed within the limits, in which no mark, mention or address means anything."""

import re
from typing import Any

from hypothesis import HealthCheck, given, settings

from registrywatch.alerts import Alert
from registrywatch.alerts.text import utf16_size
from registrywatch.delivery.destinations.discord import discord_body, discord_message
from tests.alerts.hostile import hidden_in, hostile_alerts, strings
from tests.builders.alerts import an_alert

LINK = re.compile(
    r"\[[\w& .]+\]\(https://(portal\.azure\.(com|cn|us)|attack\.mitre\.org"
    r"|[a-z0-9-]+\.console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com))/[^()\s]*\)"
)


def check_is_valid(message: dict[str, Any]) -> None:
    [embed] = message["embeds"]
    assert message["allowed_mentions"] == {"parse": []}
    assert utf16_size(message["content"]) <= 2000
    assert 1 <= utf16_size(embed["title"]) <= 256
    assert 1 <= utf16_size(embed["description"]) <= 4096
    assert utf16_size(embed["footer"]["text"]) <= 2048
    assert len(embed["fields"]) <= 25
    for field in embed["fields"]:
        assert 1 <= utf16_size(field["name"]) <= 256
        assert 1 <= utf16_size(field["value"]) <= 1024
    counted = [embed["title"], embed["description"], embed["footer"]["text"]]
    counted += [text for field in embed["fields"] for text in (field["name"], field["value"])]
    assert sum(map(utf16_size, counted)) <= 6000


def test_the_embed_says_what_happened_who_where_and_what_to_do() -> None:
    message = discord_message(an_alert())
    check_is_valid(message)
    fields = {field["name"]: field["value"] for field in message["embeds"][0]["fields"]}
    assert fields["Who"] == "Dev/alice"
    assert fields["Why medium"] == "• 12 images were deleted"
    assert "CloudTrail event" in fields["Links"]


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_alerts())
def test_whatever_an_alert_says_the_embed_is_valid_and_inert(alert: Alert) -> None:
    message = discord_message(alert)
    check_is_valid(message)
    discord_body(alert)
    [embed] = message["embeds"]
    for text in strings(message):
        assert hidden_in(text, allowed="\n") == []
    for field in embed["fields"]:
        text = LINK.sub("", field["value"]) if field["name"] == "Links" else field["value"]
        bare = re.sub(r"\\(.)", "", text)
        assert not set(bare) & set("\\*_~`|>#[]()<@:"), bare
