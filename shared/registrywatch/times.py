"""Reads times and durations from text, and writes them as text.

Inside registrywatch a time is a number of seconds since the epoch. Clouds, tools and alerts write
times as text.
"""

from datetime import UTC, datetime

from registrywatch.errors import UnreadableInput

DAY = 86_400
"""Seconds."""

YEAR_10000 = 253_402_300_800.0
"""The first second that RFC 3339 can't express."""

_minutes: dict[str, float] = {}  # "2026-08-01T09:10" -> epoch seconds; most events share a few
_SECONDS = {f":{second:02}Z": float(second) for second in range(60)}
_UNITS = ((DAY, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def seconds(text: str | None) -> float:
    """Seconds since the epoch of an ISO 8601 time; a time without a zone is UTC, as SIEMs write it.

    Raises UnreadableInput for anything else, and for times before 1970 or after 9999.
    """
    if text is None:
        raise UnreadableInput("the event has no time")
    try:  # CloudTrail's own form, in a minute seen before
        return _minutes[text[:16]] + _SECONDS[text[16:]]
    except KeyError:
        second = _SECONDS.get(text[16:])
    try:
        when = datetime.fromisoformat(text)
        exact = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise UnreadableInput(
            f"time {text[:40]!a} is not ISO 8601, such as 2026-08-01T09:10:12Z"
        ) from error
    if not 0 <= exact < YEAR_10000:
        raise UnreadableInput(f"time {text[:40]!a} is not from 1970 to 9999")
    if second is not None:
        if len(_minutes) > 10_000:
            _minutes.clear()
        _minutes[text[:16]] = exact - second
    return exact


def whole_seconds(text: str) -> int | None:
    """`seconds`, rounded down to a whole second; None if `text` is not such a time."""
    try:
        return int(seconds(text))
    except UnreadableInput:
        return None


def rfc3339(time: float) -> str:
    """RFC 3339 in UTC, with six digits of a second, or none for a whole second.

    Raises ValueError before 1970 and after 9999.
    """
    if not 0 <= time < YEAR_10000:
        raise ValueError(f"{time!r} is not from 1970 to 9999")
    return datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")


def clock(text: str) -> str:
    """`2026-08-01T09:10:12Z` as `2026-08-01 09:10:12 UTC`; any other text is unchanged."""
    at = whole_seconds(text)
    return text if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(length: int) -> str:
    """A duration in seconds as text: `90 seconds`, `10 minutes`, `2 hours`, `7 days`."""
    for unit, name in _UNITS:
        if length % unit == 0 and length >= unit:
            number = length // unit
            return f"{number} {name}" if number == 1 else f"{number} {name}s"
    return f"{length} seconds"
