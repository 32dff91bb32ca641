"""How many alerts a threshold would have raised, by the rules of counting (windows/meaning.py).

The result depends on what each window held after each batch, in the order of counting. So late and
repeated events have the same effect here as in a real run.
"""

import bisect
from collections.abc import Callable, Iterable, Sequence

import msgspec

from registrywatch.times import DAY
from registrywatch.tuning.observed import Count, Held
from registrywatch.windows.meaning import STEPS

WEEK = 7 * DAY


class Raised(msgspec.Struct, frozen=True):
    """An alert that would have fired: its group, and the end of its window's last step."""

    group: str
    time: float


def anchors(held: Held, threshold: int, distance: int) -> list[int]:
    """The steps, in order, whose windows would have raised an alert.

    Such a step reached the threshold when it was counted, and is at least `distance` steps away
    from the anchors chosen before it.
    """
    chosen: list[int] = []
    for step, number in held.pairs():
        if number < threshold:
            continue
        place = bisect.bisect_left(chosen, step)
        if place and step - chosen[place - 1] < distance:
            continue
        if place < len(chosen) and chosen[place] - step < distance:
            continue
        chosen.insert(place, step)
    return chosen


class Thresholds:
    """One count of a rule: what each threshold would have raised."""

    def __init__(self, count: Count) -> None:
        self.count = count
        self.held = {name: each.held(count.window) for name, each in count.groups.items()}
        self.most = {name: max(each.numbers, default=0) for name, each in self.held.items()}
        self._known: dict[int, list[Raised]] = {}

    def at(self, threshold: int) -> list[Raised]:
        """The alerts at a threshold, in order of time."""
        if threshold not in self._known:
            window = self.count.window
            found = [
                Raised(name, (step + 1) * window.seconds / STEPS)
                for name, most in self.most.items()
                if most >= threshold
                for step in anchors(self.held[name], threshold, window.quiet_distance)
            ]
            self._known[threshold] = sorted(found, key=lambda alert: (alert.time, alert.group))
        return self._known[threshold]

    def lowest(self, fits: Callable[[Sequence[Raised]], bool], most: int) -> int | None:
        """The lowest threshold that fits, as do all above it; None if that is more than `most`.

        The result can change only at a count that some window had, so only those are tried.
        """
        levels = sorted(set().union(*(each.numbers for each in self.held.values())))
        lowest = None
        for threshold in [*(level + 1 for level in reversed(levels)), 1]:
            if threshold > most:
                continue
            if not fits(self.at(threshold)):
                break
            lowest = threshold
        return lowest


def most_in_a_week(alerts: Iterable[Raised]) -> int:
    """The most alerts within any seven days."""
    times = sorted(alert.time for alert in alerts)
    return max(
        (place + 1 - bisect.bisect_right(times, at - WEEK) for place, at in enumerate(times)),
        default=0,
    )
