"""The result of `tune` as data: the object that `--json` prints and the page is drawn from."""

from collections.abc import Callable

import msgspec

from registrywatch.settings.of_rules import OF_RULES
from registrywatch.tuning.exact import Thresholds
from registrywatch.tuning.fired import Fired, Firings
from registrywatch.tuning.observed import Observed
from registrywatch.tuning.proposal import Proposal, proposal


class Report(msgspec.Struct, frozen=True):
    """The log, what each count would have raised, and how often the other rules fired.

    `first` and `last` are the times of the first and last event (seconds since the epoch), None if
    there are no events.
    """

    alerts_per_week: int
    records: int
    problems: int
    first: float | None
    last: float | None
    counted: list[Proposal]
    fired: list[Fired]


class Tune(msgspec.Struct, frozen=True):
    """What was collected from a log."""

    observed: Observed
    firings: Firings

    def thresholds(self, wanted: Callable[[str], bool]) -> list[Thresholds]:
        """The counts of the rules that are wanted, by rule and number."""
        counts = sorted(self.observed.counts.items())
        return [Thresholds(count) for (rule, _), count in counts if wanted(rule)]

    def report(
        self,
        thresholds: list[Thresholds],
        alerts_per_week: int,
        records: int,
        problems: int,
        wanted: Callable[[str], bool],
    ) -> Report:
        """The whole report.

        `fired` has the rules that judge single events, even if they also count what comes in
        portions.
        """
        return Report(
            alerts_per_week,
            records,
            problems,
            self.observed.first,
            self.observed.last,
            [proposal(each, alerts_per_week) for each in thresholds],
            [
                self.firings.of(rule)
                for rule in self.firings.rules()
                if wanted(rule) and OF_RULES[rule].counting is None
            ],
        )
