"""Whether events have stopped arriving: no event for longer than usual, and at least a day."""

from collections.abc import Sequence
from itertools import pairwise

from registrywatch.checks.item import Item, right, wrong
from registrywatch.times import span

HOUR = 3600.0
LEAST_SECONDS = 24 * HOUR
HISTORY_SECONDS = 28 * 24 * HOUR
"""How far back the usual gap is measured: four weekends."""


def arrivals(name: str, hours: Sequence[float], now: float, fix: str) -> Item:
    """The item that says whether events arrive.

    `hours` are the beginnings of the hours in which an event arrived, in seconds since the epoch
    and in any order; `now` likewise. The usual gap is the longest between two of them.
    """
    if not hours:
        return right(name, "no event has arrived yet")
    known = sorted(hours)
    gap = now - known[-1] - HOUR  # the event may have arrived at the end of its hour
    usual = max((after - before for before, after in pairwise(known)), default=0.0)
    if gap <= max(usual, LEAST_SECONDS):
        return right(name, f"the last event arrived within {in_hours(gap + HOUR)}")
    found = (
        f"no event has arrived for {in_hours(gap)}; the longest gap before was {in_hours(usual)}"
    )
    return wrong(name, found, fix, minor=True)


def in_hours(gap: float) -> str:
    """A gap in whole hours, at least one, in words; `gap` is in seconds."""
    return span(max(int(gap // HOUR), 1) * int(HOUR))
