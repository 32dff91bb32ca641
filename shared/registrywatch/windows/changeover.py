"""How a group continues under other settings: which settings judge which steps, and what is quiet.

When the window, what is counted or the grouping changes, a group's sightings get another key and
other steps. Settings apply from an instant of *event time* that is in the future when they are
announced. Before it the old settings judge, after it the new ones. The new groups are written to
one window earlier, so that they are complete when they begin to judge. `docs/windows.md` has the
reasons.

Nothing is claimed twice, because a group is *closed* before its successor claims near it. Closing
changes the claim by compare-and-swap; after that, what is quiet in it is final. If the old group
still has to claim something, for an event that was delivered late, the successor claims it.
"""

from collections.abc import Callable, Collection, Iterable

import msgspec

from registrywatch.windows.meaning import STEPS, Quiet, Window, choose_anchors

CLOSED = (0, 0)
"""The interval that marks a claim as closed. Step 0 is in 1970: nothing is counted there."""


class TunedGroup(msgspec.Struct, frozen=True):
    """A group under some settings: its key and its window."""

    key: str
    window: Window


class Span(msgspec.Struct, frozen=True):
    """The time in which a group's settings judge: from `since` until `until`, in seconds.

    `near` is for how long after `since` an alert may be too close to one of the previous settings.
    None: these are the first settings, or the last.
    """

    since: float | None = None
    until: float | None = None
    near: float = 0.0

    def counts(self, window: Window, step: int) -> bool:
        """Whether a sighting in the step matters to a window that these settings judge."""
        if self.since is not None and step < window.step_of(self.since) - STEPS:
            return False
        return self.until is None or step <= window.step_of(self.until)

    def judged(self, window: Window, crossing: Iterable[int]) -> list[int]:
        """Those of the crossing steps that these settings judge.

        At an instant within a step of both settings both judge: there is no gap.
        """
        first = None if self.since is None else window.step_of(self.since)
        last = None if self.until is None else window.step_of(self.until)
        return [
            step
            for step in crossing
            if (first is None or step >= first) and (last is None or step <= last)
        ]

    def is_near(self, window: Window, crossing: Iterable[int]) -> bool:
        """Whether one of the steps is so near to `since` that earlier alerts may cover it."""
        if self.since is None:
            return False
        last = window.step_of(self.since + self.near)
        return any(step <= last for step in crossing)


class Changeover(msgspec.Struct, frozen=True):
    """What a change of settings means for a group; `earlier` and `later` are called if it crosses.

    `earlier` returns the groups of this batch's events under the previous settings, which are
    closed first; `later` one group for each of the settings that follow, in their order.
    """

    span: Span
    earlier: Callable[[], Collection[TunedGroup]]
    later: Callable[[], Collection[TunedGroup]]


def is_closed(quiet: Quiet) -> bool:
    return quiet.intervals[:1] == (CLOSED,)


def closed(quiet: Quiet) -> Quiet:
    """The same, closed."""
    return quiet if is_closed(quiet) else Quiet((CLOSED, *quiet.intervals))


def opened(quiet: Quiet) -> Quiet:
    """The same, not closed."""
    return Quiet(quiet.intervals[1:]) if is_closed(quiet) else quiet


def moved(quiet: Quiet, source: Window, target: Window) -> Quiet:
    """What is quiet in steps of `source`, in steps of `target`: every step that it touches."""
    if source.seconds == target.seconds:
        return quiet
    return united(*(_interval(low, high, source, target) for low, high in quiet.intervals))


def joined(quiet: Quiet, other: Quiet) -> Quiet:
    """What is quiet in either."""
    if not other.intervals:
        return quiet
    return united(*quiet.intervals, *other.intervals)


def united(*intervals: tuple[int, int]) -> Quiet:
    """The intervals; those that overlap or touch become one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return Quiet(tuple(found))


def choose_later(
    window: Window, crossing: Collection[int], quiet: Quiet, most: int, target: Window
) -> tuple[list[int], Quiet]:
    """`choose_anchors`, if what is quiet is held in steps of `target`."""
    if window.seconds == target.seconds:
        return choose_anchors(window, crossing, quiet, most)
    anchors: list[int] = []
    reach = window.quiet_distance - 1
    for step in sorted(crossing):
        if len(anchors) == most:
            break
        if not quiet.covers(step * window.seconds // target.seconds):
            anchors.append(step)
            around = _interval(step - reach, step + reach, window, target)
            quiet = united(*quiet.intervals, around)
    return anchors, quiet


def _interval(low: int, high: int, source: Window, target: Window) -> tuple[int, int]:
    """Every step of `target` that the steps `low` to `high` of `source` touch."""
    return (
        low * source.seconds // target.seconds,
        -(-(high + 1) * source.seconds // target.seconds) - 1,
    )
