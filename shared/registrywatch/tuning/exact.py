"""How many alerts a threshold would have raised: counted by the detector's own protocol.

Every batch is counted again in the order in which it was counted, so that late and repeated events
have the effect that they had.
"""

import bisect
from collections.abc import Callable, Iterable, Sequence

import msgspec

from registrywatch.tuning.observed import Count, Group
from registrywatch.windows.meaning import STEPS, Window
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter

WEEK = 7 * 86_400.0


class Raised(msgspec.Struct, frozen=True):
    """An alert that would have fired: in which group, and the end of its window's last step."""

    group: str
    time: float


def raised_by(window: Window, name: str, group: Group) -> list[Raised]:
    """The alerts that a group would have raised, in order of time."""
    anchors: list[int] = []
    counter = Counter(MemoryStore(), lambda: 0.0)
    for batch in group.batches():
        counter.count(
            name,
            window,
            batch,
            lambda anchor, _: (str(anchor), str(anchor).encode()),
            lambda body: anchors.append(int(body)),
        )
    return [Raised(name, (anchor + 1) * window.seconds / STEPS) for anchor in sorted(anchors)]


class Thresholds:
    """One count of a rule, asked what other thresholds would have done."""

    def __init__(self, count: Count) -> None:
        self.count = count
        self.counts = {name: each.counts(count.window) for name, each in count.groups.items()}
        self.most = {
            name: max((number for _, number in found), default=0)
            for name, found in self.counts.items()
        }
        self._known: dict[int, list[Raised]] = {}

    def at(self, threshold: int) -> list[Raised]:
        """The alerts at a threshold, in order of time."""
        if threshold not in self._known:
            window = msgspec.structs.replace(self.count.window, threshold=threshold)
            found = [
                alert
                for name, most in self.most.items()
                if most >= threshold
                for alert in raised_by(window, name, self.count.groups[name])
            ]
            self._known[threshold] = sorted(found, key=lambda alert: (alert.time, alert.group))
        return self._known[threshold]

    def lowest(self, fits: Callable[[Sequence[Raised]], bool], most: int) -> int | None:
        """The lowest threshold from which on every one fits; None if none up to `most` does.

        Only where some window's count lay at some time does anything change, so only those are
        tried.
        """
        window, groups = self.count.window, self.count.groups.values()
        levels = sorted(set().union(*(group.levels(window) for group in groups)))
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
