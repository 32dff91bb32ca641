"""What is new to an actor, and what is familiar. Pure; every store of acquaintances uses it.

An actor touches a repository in one of three ways: it pulls from it, pushes to it, or deletes
images in it. Each way is a group of its own. A touch at time `t` is *new* unless the group touched
the same repository within the memory, at `t - window` or earlier. Touches within the same window
make nothing old, so repetition is harmless. A touch is *familiar* if the group touched the
repository at least a day earlier.

Time is cut into periods of 15 days. For each period a group has the repositories it touched, each
with its earliest touch: its *acquaintances*. They only grow. What is new at `t` is read from the
period of `t` and those before it that the memory reaches: for 30 days, two. So the memory is never
shorter than its setting, and at most a period longer.

A period holds at most MOST repositories. A group that touched that many reads everything and raised
its alerts long ago: while such a period is within the memory, everything counts as known to it.
"""

import math
from collections.abc import Mapping
from typing import Protocol

from registrywatch.times import DAY

PERIOD_SECONDS = 15 * DAY
MOST = 4_000

LATEST = 2**32 - 1
"""The latest second that stores can hold, in 2106; later times count as this one."""

FirstTouches = Mapping[int, Mapping[int, int]]
"""By period, by hash of repository: the earliest touch, in whole seconds since the epoch."""


def period_of(time: float) -> int:
    """The period of `time`."""
    return int(time) // PERIOD_SECONDS


def second_of(time: float) -> int:
    """`time` in whole seconds, as stores hold it."""
    return min(int(time), LATEST)


def reach(memory_seconds: int) -> int:
    """How many periods the memory reaches back before the present one."""
    return math.ceil(memory_seconds / PERIOD_SECONDS)


def known_since(stored: FirstTouches, repository: int, period: int, reach: int) -> float:
    """The earliest touch of the repository that a touch in `period` remembers.

    Infinity if there is none; minus infinity if a period within the memory is full.
    """
    earliest = math.inf
    for each in range(period, period - reach - 1, -1):
        held = stored.get(each)
        if held is not None:
            if len(held) >= MOST:
                return -math.inf
            earliest = min(earliest, held.get(repository, math.inf))
    return earliest


def is_known(stored: FirstTouches, repository: int, time: float, by: float, reach: int) -> bool:
    """Whether a touch at `time` is not new: the repository was touched at `by` or earlier."""
    return known_since(stored, repository, period_of(time), reach) <= by


def is_settled(stored: FirstTouches, firsts: FirstTouches, window_seconds: int) -> bool:
    """Whether each of `firsts` was touched in its period before, at least a window earlier."""
    for period, touches in firsts.items():
        held = stored.get(period)
        if held is None:
            return False
        for repository, first in touches.items():
            if held.get(repository, LATEST + 1) > first - window_seconds:
                return False
    return True


def first_touches(stored: FirstTouches, time: float, reach: int) -> dict[int, int]:
    """By repository: the earliest touch within the memory before `time`."""
    period, firsts = period_of(time), dict[int, int]()
    for each in range(period, period - reach - 1, -1):
        for repository, first in stored.get(each, {}).items():
            firsts[repository] = min(first, firsts.get(repository, first))
    return firsts


def is_full(stored: FirstTouches, time: float, reach: int) -> bool:
    """Whether a period within the memory is full."""
    period = period_of(time)
    return any(len(stored.get(each, ())) >= MOST for each in range(period - reach, period + 1))


def lacking(stored: FirstTouches, firsts: FirstTouches) -> dict[int, dict[int, int]]:
    """The touches in `firsts` that `stored` lacks, or has later; none of a period that is full."""
    new = {}
    for period, touches in firsts.items():
        held = stored.get(period, {})
        if len(held) >= MOST:
            continue
        if more := {r: first for r, first in touches.items() if first < held.get(r, math.inf)}:
            new[period] = more
    return new


def merged(stored: FirstTouches, firsts: FirstTouches) -> FirstTouches:
    """Both together, at most MOST repositories in a period; of two touches the earlier one."""
    together = dict(stored)
    for period, touches in firsts.items():
        held = together[period] = dict(together.get(period, {}))
        if not held and len(touches) <= MOST:
            held.update(touches)
            continue
        for repository, first in touches.items():
            known = held.get(repository)
            if first < known if known is not None else len(held) < MOST:
                held[repository] = first
    return together


class AcquaintanceStore(Protocol):
    """Where acquaintances are kept. Each call is about one group and raises StoreError.

    A call that failed may still have taken effect, or may do so later.
    """

    def read(self, group: str) -> FirstTouches:
        """What the group has touched, consistently read: nothing stored before is missing."""

    def add(self, group: str, firsts: FirstTouches) -> FirstTouches:
        """Add touches; none is ever removed. Returns what is then stored."""

    def first_seen(self, account: str, time: int) -> int:
        """When the account was first seen: the earliest `time` of all calls, in whole seconds."""
