"""`tune --html`: the counts over time against the threshold, and a slider that moves it."""

from typing import Any

import msgspec

from registrywatch import __version__
from registrywatch.report.page import fit, page
from registrywatch.settings.of_rules import MOST
from registrywatch.tuning.exact import Thresholds
from registrywatch.tuning.proposal import Proposal
from registrywatch.tuning.report import Report
from registrywatch.windows.meaning import STEPS

POINTS = 40_000  # of a rule: a time and a count each


def tune_page(report: Report, thresholds: list[Thresholds], written: float) -> str:
    """The page. All text of events is made visible here, and is text to the browser."""
    return page(
        "registrywatch tuning",
        ("tune.js",),
        {
            "version": __version__,
            "written": written,
            "most": MOST,
            **_fitted(msgspec.to_builtins(report)),
            "series": [
                _series(each, proposal)
                for each, proposal in zip(thresholds, report.counted, strict=True)
            ],
        },
    )


def _series(thresholds: Thresholds, proposal: Proposal) -> dict[str, Any]:
    """Each group's counts by step, from the threshold `least` on: below it they are too many."""
    window = thresholds.count.window
    counts = thresholds.counts
    levels = sorted(number for found in counts.values() for _, number in found)
    wanted = min(proposal.now.threshold, proposal.threshold or proposal.now.threshold)
    least = 1 if len(levels) <= POINTS else min(levels[-POINTS] + 1, wanted)
    busiest = sorted(thresholds.most, key=lambda name: (-thresholds.most[name], name))
    return {
        "step_seconds": window.seconds / STEPS,
        "quiet_distance": window.quiet_distance,
        "least": least,
        "groups": [
            {
                "where": _fitted(msgspec.to_builtins(thresholds.count.groups[name].where)),
                "most": thresholds.most[name],
                "points": [point for point in counts[name] if point[1] >= least],
            }
            for name in busiest
            if thresholds.most[name] >= least
        ],
    }


def _fitted(value: Any) -> Any:
    if isinstance(value, str):
        return fit(value)
    if isinstance(value, list):
        return [_fitted(each) for each in value]
    if isinstance(value, dict):
        return {key: _fitted(each) for key, each in value.items()}
    return value
