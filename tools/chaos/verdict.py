"""The verdict: compares what arrived with what was promised."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from registrywatch.alerts import Alert
from registrywatch.delivery.outage import RULE as NOT_ANSWERING
from tools.chaos.traffic import THRESHOLD, WINDOW, Scenario

PLAIN, FOLDING = "plain", "folding"
"""The destinations: one that receives every alert, and one that folds alerts."""

Excused = Counter[tuple[str, str]]

_COUNTED = "excessive-image-pull"
_EXAMPLES = 3


class Broken(msgspec.Struct, frozen=True):
    """A promise that was not kept: which one, how often, and some of the cases."""

    promise: str
    times: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = f": {', '.join(self.examples)}" if self.examples else ""
        return f"{self.promise}: broken {self.times} times{shown}"


class Verdict:
    """Collects the broken promises."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = defaultdict(list)

    def broken(self) -> list[Broken]:
        return [
            Broken(promise, len(cases), tuple(sorted(cases)[:_EXAMPLES]))
            for promise, cases in self._found.items()
        ]

    def note(self, promise: str, *cases: str) -> None:
        if cases:
            self._found[promise] += cases

    def judge(
        self, scenario: Scenario, taken: Mapping[str, Sequence[Alert]], excused: Excused
    ) -> None:
        """Judge the alerts that the destinations accepted, by destination."""
        self._judge_repeats(taken, excused)
        self._judge_plain(scenario, _distinct(taken[PLAIN]))
        self._judge_folding(scenario, _distinct(taken[FOLDING]))

    def _judge_repeats(self, taken: Mapping[str, Sequence[Alert]], excused: Excused) -> None:
        for destination, alerts in taken.items():
            posts = Counter(alert.id for alert in alerts)
            self.note(
                "a POST is repeated only if its response or its record was lost",
                *(
                    f"{each} {times} times at {destination}"
                    for each, times in posts.items()
                    if times > 1 + excused[destination, each]
                ),
            )

    def _judge_plain(self, scenario: Scenario, alerts: Sequence[Alert]) -> None:
        bursts = _bursts(scenario, alerts)
        self.note("every burst is alerted", *(each for each, n in bursts.items() if n == 0))
        self.note("a burst is alerted once", *(each for each, n in bursts.items() if n > 1))
        near = set(scenario.near_misses)
        self.note(
            f"what stays below the threshold ({THRESHOLD}) is not alerted",
            *(who for alert in alerts if (who := _actor(alert)) in near),
        )
        found = Counter(each.repository for each in alerts if not each.rule.endswith(_COUNTED))
        changes = [each.repository for each in scenario.changes]
        self.note("every change is alerted", *(each for each in changes if found[each] == 0))
        self.note("a change is alerted once", *(each for each in changes if found[each] > 1))
        known = set(scenario.actors)
        self.note(
            "nothing else is alerted",
            *(each.summary for each in alerts if _actor(each) not in known | near),
        )

    def _judge_folding(self, scenario: Scenario, alerts: Sequence[Alert]) -> None:
        """Each actor's alerts, sent alone or counted in a follow-up, must be as many as are due."""
        due = Counter(scenario.actors)
        for alert in alerts:
            due[_actor(alert)] -= int(alert.summary.split()[0]) if alert.follows else 1
        self.note("nothing is lost by folding", *(each for each, n in due.items() if n > 0))
        self.note(
            "nothing is counted twice by folding", *(each for each, n in due.items() if n < 0)
        )


def _distinct(taken: Iterable[Alert]) -> list[Alert]:
    """Each alert once, without alerts about the destinations themselves."""
    return [*{each.id: each for each in taken if each.rule != NOT_ANSWERING}.values()]


def _bursts(scenario: Scenario, alerts: Iterable[Alert]) -> Counter[str]:
    """The number of alerts of each burst, by the burst's name."""
    found: Counter[str] = Counter()
    at: dict[str, list[float]] = defaultdict(list)
    for alert in alerts:
        if alert.rule.endswith(_COUNTED):
            at[_actor(alert)].append(datetime.fromisoformat(alert.time).timestamp())
    for burst in scenario.bursts:
        found[f"{burst.actor} at {burst.start:.0f}"] = sum(
            burst.start - WINDOW <= when <= burst.end + WINDOW for when in at[burst.actor]
        )
    return found


def _actor(alert: Alert) -> str:
    """The name of the actor, without the cloud's prefix and suffix."""
    who = alert.actor.id or alert.actor.name or ""
    return who.rpartition("/")[2].partition("@")[0]
