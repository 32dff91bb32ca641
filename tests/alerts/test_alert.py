"""An alert as one line of JSON: safe to show, and readable by both editions."""

import msgspec
import pytest

from registrywatch.alerts import Alert, decode, encode
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each


def test_an_alert_says_the_version_of_its_form() -> None:
    assert msgspec.json.decode(encode(an_alert()))["schema"] == 1


def test_an_alert_of_the_first_edition_is_read() -> None:
    fields = msgspec.to_builtins(an_alert())
    for new in ("schema", "resource", "silence"):
        del fields[new]
    assert decode(msgspec.json.encode(fields)) == an_alert()


def test_an_alert_of_another_version_is_refused() -> None:
    fields = msgspec.to_builtins(an_alert()) | {"schema": 2}
    with pytest.raises(msgspec.DecodeError):
        decode(msgspec.json.encode(fields))


@for_each(
    "hidden",
    [
        "\x7f",
        "\x9b",
        "\xad",
        "\u180e",
        "\u200b",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ufff9",
        "\ufffa",
        "\ufffb",
        "\U000e0001",
        "\U000e0041",
        "\U000e007f",
    ],
)
def test_what_could_steer_or_hide_is_escaped(hidden: str) -> None:
    alert: Alert = an_alert(summary=f"a{hidden}b")
    body = encode(alert)
    assert hidden not in body.decode()
    assert decode(body) == alert


def test_emoji_and_letters_stay_as_they_are() -> None:
    assert "é\U0001f600" in encode(an_alert(summary="é\U0001f600")).decode()
