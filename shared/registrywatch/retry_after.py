"""How long an HTTP server asks the client to wait: the Retry-After header (RFC 9110, 10.2.3)."""

from datetime import UTC
from email.utils import parsedate_to_datetime


def retry_after(value: str | None, now: float, most: float) -> float | None:
    """Seconds to wait, 0 to `most`; None if the header is absent or can't be read.

    Both forms are read: a number of seconds, which some servers write with decimals, and an HTTP
    date in any of its three formats (RFC 9110, 5.6.7), always in UTC. A date is compared with
    `now`, seconds since the epoch.
    """
    text = (value or "").strip()
    whole, _, decimals = text.partition(".")
    if text.isascii() and whole.isdigit() and (decimals.isdigit() or whole == text):
        return min(float(text), most)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # The asctime format has no zone; Python would read the date as local time
    seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    return min(max(seconds, 0.0), most)
