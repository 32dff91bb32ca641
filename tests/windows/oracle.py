"""The meaning of a counted rule once more, as slowly and plainly as it can be said.

Shares nothing with registrywatch.windows.meaning: fractions instead of integers, every step of time
tried, no sets kept by step.
"""

from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from registrywatch.windows import Window


class Seen(NamedTuple):
    """A sighting and the time of its event, in seconds since the epoch."""

    time: float
    what: int


def step_width(window: Window) -> Fraction:
    return Fraction(window.seconds, 12)


def crossing(window: Window, seen: Collection[Seen]) -> set[int]:
    """Every step that holds a sighting and ends a window whose measure reaches `threshold`."""
    width = step_width(window)
    placed = [(floor(Fraction(one.time) / width), one.what) for one in seen]
    return {
        end
        for end, _ in placed
        if measure(window, {what for step, what in placed if end - 12 <= step <= end})
        >= window.threshold
    }


def measure(window: Window, seen: Collection[int]) -> int:
    """How many images the distinct sightings are; odd ones may be parts, two of which are one."""
    if not window.parts:
        return len(set(seen))
    odd = [what for what in set(seen) if what % 2]
    return max(len(set(seen)) - len(odd), ceil(Fraction(len(odd), 2)))


def quiet_distance(window: Window) -> int:
    return ceil(window.quiet_seconds / step_width(window)) + 1


def violations(window: Window, seen: Collection[Seen], anchors: Iterable[int]) -> list[str]:
    """How alerts at these anchors break G1 to G3; empty if they don't."""
    crosses, alerts, distance = crossing(window, seen), sorted(set(anchors)), quiet_distance(window)
    return [
        *(
            f"G1: step {step} crosses, alerts only at {alerts}"
            for step in sorted(crosses)
            if not any(abs(step - anchor) < distance for anchor in alerts)
        ),
        *(
            f"G2: alerts at {one} and {other}, less than {distance} apart"
            for one, other in pairwise(alerts)
            if other - one < distance
        ),
        *(f"G3: an alert at {anchor}, which does not cross" for anchor in set(alerts) - crosses),
    ]
