"""How long an HTTP server asks to wait: the Retry-After header (RFC 9110, 10.2.3)."""

from email.utils import parsedate_to_datetime


def retry_after(value: str | None, now: float, most: float) -> float | None:
    """Seconds to wait, 0 to `most`; None where the header is absent or means nothing.

    Both forms are read: a number of seconds and an HTTP date, which is compared with `now`, seconds
    since the epoch.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), most)
    try:
        seconds = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), most)
