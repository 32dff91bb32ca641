"""Both forms of Retry-After, and what is none."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from registrywatch.retry_after import retry_after

NOW = 1_785_575_412.0
MOST = 3600.0


def in_http(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
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
        ("1.5", None),
        ("²", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_both_forms_are_read_and_bounded(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW, MOST) == seconds
