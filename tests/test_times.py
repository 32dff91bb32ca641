"""Event times, as clouds and tools write them."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.errors import UnreadableInput
from registrywatch.times import clock, rfc3339, seconds, span, whole_seconds
from tests.builders.cases import for_each
from tests.builders.clock import T0, iso, iso_precise


@for_each(
    ("text", "expected"),
    [
        ("2026-08-01T09:00:00Z", T0),
        ("2026-08-01T09:00:59Z", T0 + 59),
        ("2026-08-01T09:00:00.5Z", T0 + 0.5),
        ("2026-08-01T09:00:00.1234567Z", T0 + 0.123456),
        ("2026-08-01T11:00:00+02:00", T0),
        ("2026-08-01T03:30:00-05:30", T0),
        ("2026-08-01 09:00:00.000", T0),
        ("2026-08-01 09:00:00", T0),
        ("2026-08-01T09:00:00", T0),
        ("2026-08-01T09:00", T0),
        ("20260801T090000Z", T0),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_a_time_in_any_spelling_of_iso_8601_is_understood(text: str, expected: float) -> None:
    for _ in range(2):  # the second is answered from memory
        assert seconds(text) == pytest.approx(expected, abs=1e-6)


@for_each(
    "text",
    [
        "",
        "yesterday",
        "1785575412",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-08-01T25:00:00Z",
        "2026-08-01T09:00:60Z",
        "2026-08-01T09:00:61Z",
        "2026-08-01T09:00:00ZZ",
        "01/08/2026 09:00",
        "0000-01-01T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "\ud800",
    ],
)
def test_anything_else_is_named_with_what_would_be_right(text: str) -> None:
    with pytest.raises(UnreadableInput, match="is not ISO 8601, such as 2026-08-01T09:10:12Z") as e:
        seconds(text)
    assert str(e.value).isascii()


def test_what_is_named_is_cut() -> None:
    with pytest.raises(UnreadableInput) as caught:
        seconds("x" * 100_000)
    assert len(str(caught.value)) < 200


def test_an_event_without_a_time_is_named_so() -> None:
    with pytest.raises(UnreadableInput, match="has no time"):
        seconds(None)


MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(MOMENTS)
def test_every_second_of_cloudtrails_form_is_exact(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert seconds(iso(whole.timestamp())) == whole.timestamp()


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_the_same_in_every_zone(moment: datetime, minutes: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert seconds(elsewhere.isoformat()) == moment.timestamp()
    assert seconds(iso_precise(moment.timestamp())) == pytest.approx(moment.timestamp(), abs=2e-6)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_is_refused(text: str) -> None:
    with contextlib.suppress(UnreadableInput):
        assert isinstance(seconds(text), float)


def test_minutes_that_were_seen_do_not_pile_up() -> None:
    from registrywatch import times

    for minute in range(11_000):
        seconds(iso(T0 + minute * 60))
    assert len(times._minutes) <= 10_001


@given(MOMENTS)
def test_what_is_written_reads_as_the_same_moment(moment: datetime) -> None:
    written = rfc3339(moment.timestamp())
    assert written.endswith("Z")
    assert seconds(written) == moment.timestamp()


@pytest.mark.parametrize("time", [-0.5, -1.0, 253_402_300_800.0, float("inf"), float("nan")])
def test_a_time_that_rfc_3339_cannot_write_is_refused(time: float) -> None:
    with pytest.raises(ValueError, match="is not from 1970 to 9999"):
        rfc3339(time)


@pytest.mark.parametrize(
    ("text", "shown", "whole"),
    [
        ("2026-08-01T09:10:12Z", "2026-08-01 09:10:12 UTC", T0 + 612),
        ("2026-08-01T11:10:12.75+02:00", "2026-08-01 09:10:12 UTC", T0 + 612),
        ("yesterday", "yesterday", None),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z", None),
    ],
)
def test_a_time_is_shown_to_people_in_utc_and_anything_else_as_it_is(
    text: str, shown: str, whole: float | None
) -> None:
    assert clock(text) == shown
    assert whole_seconds(text) == whole


@for_each(
    ("length", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "90 seconds"),
        (60, "1 minute"),
        (600, "10 minutes"),
        (3_600, "1 hour"),
        (86_400, "1 day"),
        (604_800, "7 days"),
        (-60, "-60 seconds"),
    ],
)
def test_a_length_of_time_is_written_in_its_largest_whole_unit(length: int, words: str) -> None:
    assert span(length) == words
