"""What a counted rule means. Pure; every store counts by this module.

Event time is cut into steps of a twelfth of the window, aligned to the epoch. A group's sightings
are kept as one set a step. The window that ends with step `j` is the union of `j` and the twelve
steps before it: thirteen steps, so that every burst that fits into the window lies in one such
union, and nothing older than the window and one step is counted. A step *crosses* if it holds a
sighting and the measure of its window reaches `threshold`. (An empty step never crosses: otherwise
one burst could be claimed twice, by its own steps and by the empty ones after it.)

The *measure* of a set is its size, unless sightings can be parts of one another. One pull of one
image makes up to three records: of its tag, of the digest of its index, of the digest of one
platform; and no record says which digest a tag refers to. So one bit of each sighting is its kind.
An *exact* sighting is an image of its own: a tag, or a digest in a call that names several, which
no client that runs images makes. A *part* is a digest that was requested alone: an index, a
platform, or an image of one platform. The measure is the larger of the number of exact sightings
and half the number of parts, rounded up. An image counts once, whichever client pulls it; images of
one platform that are pulled by digest alone count half; an image whose index and n platforms are
all pulled counts (n + 1) / 2.

The protocol needs two properties of a measure: it never falls when a set grows, and there is a
size, the *cap*, at which a set always reaches the threshold. So a step that holds as many sightings
as the cap needs no more: it crosses on its own.

An alert is anchored at a crossing step `a`, and makes every step less than `D` steps away quiet, on
both sides, in event time. `D` is the quiet period in steps, rounded up, plus one: two events less
than the quiet period apart can lie that many steps apart.

After every delivery has been acknowledged, whatever the order, the repetition, the distribution
over workers and the crashes in between, this holds for each group:

G1 complete  every crossing step has an alert, handed over, whose anchor is less than `D` steps away
G2 sparse    the anchors of two alerts are at least `D` steps apart, so at least the quiet period
G3 true      every anchor is itself a crossing step

So a burst whose crossing steps span less than the quiet period raises one alert; a longer storm
raises about one alert in each quiet period; and a burst that is delivered hours late raises its own
alert, unless another alert is less than `D` steps away.
"""

import bisect
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

import msgspec

from registrywatch.windows.sightings import FORM, PART, hashed

STEPS = 12
"""Steps in a window. With more steps, less is counted that is older than the window, at a higher
cost."""

Sets = Mapping[int, AbstractSet[int]]
"""Sightings by step."""


class Window(msgspec.Struct, frozen=True):
    """How one rule counts: to `threshold` within `seconds`, then no alert for `quiet_seconds`.

    Seconds are of event time. With a quiet period shorter than the window, a single event after it
    could raise an alert on the same sightings again; settings refuse that. `parts`: sightings may
    be parts of an image; otherwise each counts separately, whatever its kind.
    """

    threshold: int
    seconds: int
    quiet_seconds: int
    parts: bool = False

    @property
    def cap(self) -> int:
        """The number of sightings that reaches the threshold, whatever their kinds.

        With parts, one fewer can be `threshold - 1` exact ones and `2 * threshold - 2` parts.
        """
        return 3 * self.threshold - 2 if self.parts else self.threshold

    def measure(self, sightings: Collection[int]) -> int:
        """The measure of the distinct `sightings`: see the module."""
        if not self.parts:
            return len(sightings)
        parts = sum(map(PART.__and__, sightings))
        return max(len(sightings) - parts, -(-parts // 2))

    def step_of(self, time: float) -> int:
        """The step that contains `time` (seconds since the epoch); exact for any float."""
        if time.is_integer():
            return int(time) * STEPS // self.seconds
        whole, parts = time.as_integer_ratio()
        return whole * STEPS // (parts * self.seconds)

    def steps_of(self, times: Sequence[float]) -> Collection[int]:
        """The steps that contain these times, which are from 1970 to 9999."""
        if self.seconds % STEPS:
            return {self.step_of(time) for time in times}
        length = self.seconds // STEPS  # whole seconds, so parts of a second don't matter
        if len(times) == 1:
            return (int(times[0]) // length,)
        return {int(time) // length for time in times}

    @property
    def quiet_distance(self) -> int:
        """`D`: the least distance in steps between the anchors of two alerts."""
        return -(-self.quiet_seconds * STEPS // self.seconds) + 1


class Quiet(msgspec.Struct, frozen=True):
    """The steps in which no further alert may be anchored: sorted, disjoint, closed intervals.

    Intervals that overlap or touch are one: a long storm is one interval, and the list grows only
    with separate bursts.
    """

    intervals: tuple[tuple[int, int], ...] = ()

    def covers(self, step: int) -> bool:
        """Whether `step` is in an interval."""
        at = bisect.bisect_right(self.intervals, (step, math.inf))
        return at > 0 and step <= self.intervals[at - 1][1]

    def with_anchor(self, anchor: int, distance: int) -> "Quiet":
        """These, and every step less than `distance` away from `anchor`."""
        low, high = anchor - distance + 1, anchor + distance - 1
        before = [one for one in self.intervals if one[1] < low - 1]
        after = [one for one in self.intervals if one[0] > high + 1]
        touched = self.intervals[len(before) : len(self.intervals) - len(after)]
        if touched:
            low, high = min(low, touched[0][0]), max(high, touched[-1][1])
        return Quiet((*before, (low, high), *after))

    def since(self, step: int) -> "Quiet":
        """These without the intervals that end before `step`."""
        return Quiet(tuple(one for one in self.intervals if one[1] >= step))


def reached_by(written: Iterable[int]) -> list[int]:
    """The steps, sorted, whose windows a sighting in one of the `written` steps can change.

    Later steps too: a late sighting can complete a window that ends after it.
    """
    return sorted(set().union(*(range(step, step + STEPS + 1) for step in written)))


def may_cross(window: Window, sets: Sets) -> bool:
    """Whether some window may hold enough sightings; those in two steps are counted twice.

    If not, no step crosses, because a measure never exceeds the size.
    """
    if sum(map(len, sets.values())) < window.threshold:
        return False
    steps, first, held = sorted(sets), 0, 0
    for step in steps:
        held += len(sets[step])
        while steps[first] < step - STEPS:
            held -= len(sets[steps[first]])
            first += 1
        if held >= window.threshold:
            return True
    return False


def crossing_steps(window: Window, sets: Sets, among: Iterable[int]) -> list[int]:
    """Which of the steps `among` cross; `sets` hold all stored sightings of their windows.

    A full step (`cap` sightings) may lack further ones: it crosses anyway.
    """
    return [step for step in among if sets.get(step) and _crosses(window, sets, step)]


def missing(known: AbstractSet[int], sightings: Iterable[int], cap: int) -> Collection[int]:
    """The sightings that a step needs besides the `known` ones, no more than make it full."""
    new = (one for one in dict.fromkeys(sightings) if one not in known)
    return list(islice(new, max(cap - len(known), 0)))


def seen_at(sets: Sets, step: int) -> frozenset[int]:
    """All sightings of the window that ends with `step`."""
    return frozenset().union(*_window_of(sets, step))


def choose_anchors(
    window: Window, crossing: Collection[int], quiet: Quiet, most: int
) -> tuple[list[int], Quiet]:
    """The anchors to claim: the earliest crossing step that is not quiet, then the next, and so on.

    Returns at most `most` anchors, and what is quiet with them.
    """
    anchors: list[int] = []
    for step in sorted(crossing):
        if len(anchors) == most:
            break
        if not quiet.covers(step):
            anchors.append(step)
            quiet = quiet.with_anchor(step, window.quiet_distance)
    return anchors, quiet


def group_digest(rule: str, window: Window, *of: str) -> str:
    """The key of a group in every store; `of` distinguishes it from other groups of the rule.

    The window's length is part of the key, because steps of another length have other numbers; so
    is the version of the sightings' form.
    """
    return hashed(rule, str(window.seconds), FORM, *of, size=16).hex()


def _window_of(sets: Sets, step: int) -> list[AbstractSet[int]]:
    return [sets[at] for at in range(step, step - STEPS - 1, -1) if at in sets]


def _crosses(window: Window, sets: Sets, step: int) -> bool:
    held = _window_of(sets, step)
    if max(map(len, held)) >= window.cap:
        return True
    if sum(map(len, held)) < window.threshold:
        return False
    return window.measure(set().union(*held)) >= window.threshold
