"""Times in tests: seconds since the epoch, as the clouds write them."""

from datetime import UTC, datetime

T0 = datetime(2026, 8, 1, 9, 0, tzinfo=UTC).timestamp()
"""The time at which tests begin: 2026-08-01 09:00 UTC."""


def iso(at: float) -> str:
    """Whole seconds, as CloudTrail writes them."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_precise(at: float) -> str:
    """Seven digits of a second, as Azure writes them."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
