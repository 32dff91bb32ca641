"""Both forms of Retry-After, and what is none."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from registrywatch.retry_after import retry_after
from tests.builders.cases import for_each

NOW = 1_785_575_412.0
MOST = 3600.0


def in_http(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)


@for_each(
    ("value", "seconds"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("0", 0),
        (in_http(90), 90),
        (in_http(-90), 0),
        ("86400", MOST),
        (in_http(86_400), MOST),
        ("9" * 400, MOST),
        ("soon", None),
        ("-5", None),
        ("1.5", 1.5),
        ("0.65", 0.65),
        ("1.", None),
        (".5", None),
        ("1.5.2", None),
        ("1.e5", None),
        ("²", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_both_forms_are_read_and_bounded(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW, MOST) == seconds


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize(
    "date",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 -0000",
    ],
)
def test_a_date_is_in_utc_in_every_format_wherever_this_machine_is(
    date: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as here:
        here.setenv("TZ", zone)
        time.tzset()
        assert retry_after(date, 784_111_770.0, MOST) == 7
    time.tzset()


@pytest.mark.parametrize(
    "date", ["Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT", "0 0 0", "7, 8"]
)
def test_a_date_that_is_none_is_as_if_absent(date: str) -> None:
    assert retry_after(date, NOW, MOST) is None
