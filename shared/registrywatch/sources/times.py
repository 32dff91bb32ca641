"""Event times as text, to seconds since the epoch."""

from datetime import UTC, datetime

from registrywatch.errors import UnreadableInput

_minutes: dict[str, float] = {}  # "2026-08-01T09:10" -> epoch seconds; most events share a few


def seconds(text: str | None) -> float:
    """Seconds since the epoch of an ISO 8601 time; without a zone it is UTC, as SIEMs write it.

    Raises UnreadableInput for anything else.
    """
    if text is None:
        raise UnreadableInput("the event has no time")
    if len(text) == 20 and text[19] == "Z" and text[17:19].isdigit():  # CloudTrail's own form
        minute = _minutes.get(text[:16])
        if minute is not None and text[17:19] < "60":
            return minute + int(text[17:19])
    try:
        when = datetime.fromisoformat(text)
        exact = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise UnreadableInput(
            f"time {text[:40]!a} is not ISO 8601, such as 2026-08-01T09:10:12Z"
        ) from error
    if len(text) == 20 and text[19] == "Z" and text[10] == "T":
        if len(_minutes) > 10_000:
            _minutes.clear()
        _minutes[text[:16]] = exact - when.second
    return exact


def rfc3339(when: float) -> str:
    """The time as RFC 3339 in UTC, with as many digits of a second as it has."""
    text = datetime.fromtimestamp(when, UTC).isoformat()
    return text.replace("+00:00", "Z")
