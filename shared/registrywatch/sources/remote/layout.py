"""Which folders and objects of a log bucket can hold what is asked for, judging by their names.

CloudTrail writes `AWSLogs/[o-org/]account/CloudTrail/region/2026/08/01/…`, Azure Monitor
`resourceId=/SUBSCRIPTIONS/id/…/y=2026/m=08/d=01/h=09/m=00/PT1H.json`, Firehose `2026/08/01/09/…`.
A name that says nothing is never left out.
"""

import re
from datetime import UTC, datetime, timedelta

from registrywatch.sources.remote.kind import Wanted
from registrywatch.times import DAY

MARGIN = DAY
"""Seconds read before and after the time asked for: windows begin earlier, deliveries are late."""

_AWS = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?(?:(\d{12})/)?(?:([\w-]+)/)?(?:([\w-]+)/)?")
_SUBSCRIPTION = re.compile(r"/SUBSCRIPTIONS/([0-9A-F-]{36})/", re.IGNORECASE)
_DATE = re.compile(
    r"/(?:y=)?((?:19|20)\d\d)/(?:(?:m=)?(\d\d)/)?(?:(?:d=)?(\d\d)/)?(?:(?:h=)?(\d\d)/)?"
)
_WRITTEN = re.compile(r"_(\d{8}T\d{4})Z_|/y=(\d{4})/m=(\d\d)/d=(\d\d)/h=(\d\d)/m=(\d\d)/")


def may_hold(name: str, wanted: Wanted) -> bool:
    """Whether the folder (its name ends with a slash) or the object can hold what is asked for."""
    if (aws := _AWS.search(name)) is not None:
        account, kind, _ = aws.groups()
        if account is None and kind is None:
            return True
        if account and wanted.accounts and account not in wanted.accounts:
            return False
        if kind not in (None, "CloudTrail"):
            return False
    azure = _SUBSCRIPTION.search(name)
    if azure is not None and wanted.accounts and azure[1].lower() not in wanted.accounts:
        return False
    span = _span(name)
    if span is None:
        return True
    first, last = span
    return not (
        (wanted.until is not None and first > wanted.until + MARGIN)
        or (wanted.since is not None and last <= wanted.since - MARGIN)
    )


def dates_begin(folder: str) -> bool:
    """Whether the folder is one of CloudTrail's for a region: what is in it is in order of time."""
    found = _AWS.search(folder)
    return found is not None and found[3] is not None and found.end() == len(folder)


def range_of(folder: str, wanted: Wanted) -> tuple[str, str | None]:
    """The names in such a folder after which, and before which, everything asked for lies."""
    after = folder
    if wanted.since is not None:
        after = folder + _day(wanted.since - MARGIN)
    before = None
    if wanted.until is not None:
        before = folder + _day(wanted.until + MARGIN + DAY)
    return after, before


def order(name: str) -> tuple[str, str]:
    """By what objects are put in order of time: the time in the name, else the name."""
    found = _WRITTEN.search(name)
    if found is None:
        return "", name
    return found[1] or "{}{}{}T{}{}".format(*found.groups()[1:]), name


def _span(name: str) -> tuple[float, float] | None:
    """From when to when the objects of a dated folder were written; None if it has no date."""
    found = _DATE.search(f"/{name}")
    if found is None:
        return None
    year, month, day, hour = (int(part) if part else None for part in found.groups())
    assert year is not None  # noqa: S101 - the pattern has it
    try:
        first = datetime(year, month or 1, day or 1, hour or 0, tzinfo=UTC)
        if month is None:
            last = first.replace(year=year + 1)
        elif day is None:
            last = (first + timedelta(days=31)).replace(day=1)
        else:
            last = first + (timedelta(days=1) if hour is None else timedelta(hours=1))
    except ValueError:  # no date after all
        return None
    return first.timestamp(), last.timestamp()


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(max(at, 0.0), UTC):%Y/%m/%d/}"
