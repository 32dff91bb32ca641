"""Event times as text, to seconds since the epoch."""

from datetime import UTC, datetime

from registrywatch.errors import UnreadableInput

_minutes: dict[str, float] = {}  # "2026-08-01T09:10" -> epoch seconds; most events share a few
_YEAR_10000 = 253_402_300_800.0
_SECONDS = {f":{second:02}Z": float(second) for second in range(60)}


def seconds(text: str | None) -> float:
    """Seconds since the epoch of an ISO 8601 time; without a zone it is UTC, as SIEMs write it.

    Raises UnreadableInput for anything else, and before 1970 or after 9999: no cloud was there.
    """
    if text is None:
        raise UnreadableInput("the event has no time")
    minute, second = _minutes.get(text[:16]), _SECONDS.get(text[16:])
    if minute is not None and second is not None:  # CloudTrail's own form, in a minute known
        return minute + second
    try:
        when = datetime.fromisoformat(text)
        exact = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise UnreadableInput(
            f"time {text[:40]!a} is not ISO 8601, such as 2026-08-01T09:10:12Z"
        ) from error
    if not 0 <= exact < _YEAR_10000:
        raise UnreadableInput(f"time {text[:40]!a} is not from 1970 to 9999")
    if second is not None:
        if len(_minutes) > 10_000:
            _minutes.clear()
        _minutes[text[:16]] = exact - second
    return exact
