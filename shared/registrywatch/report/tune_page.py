"""`tune --html`: the counts over time, and a slider that moves the threshold."""

from typing import Any

import msgspec

from registrywatch import __version__
from registrywatch.report.page import fit, page
from registrywatch.settings.of_rules import MOST
from registrywatch.tuning.exact import Thresholds
from registrywatch.tuning.proposal import Proposal
from registrywatch.tuning.report import Report
from registrywatch.windows.meaning import STEPS

POINTS = 40_000  # points of a rule on the page; a point is a step and its count

_Points = list[tuple[int, int]]


def tune_page(report: Report, thresholds: list[Thresholds], written: float) -> str:
    """The page. Text from events is data only, and its invisible characters are made visible."""
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
    """Each group's counts by step. Counts below `least` are left out: there are too many.

    Late events change which alerts are raised. A group with late events also has `counted`: its
    counts after each batch.
    """
    window, groups = thresholds.count.window, thresholds.count.groups
    ends = {name: [*held.in_the_end().items()] for name, held in thresholds.held.items()}
    counted = {name: [*held.pairs()] for name, held in thresholds.held.items()}
    levels = sorted(number for points in counted.values() for _, number in points)
    wanted = min(proposal.now.threshold, proposal.threshold or proposal.now.threshold)
    least = 1 if len(levels) <= POINTS else min(levels[-POINTS] + 1, wanted)
    busiest = sorted(thresholds.most, key=lambda name: (-thresholds.most[name], name))
    return {
        "step_seconds": window.seconds / STEPS,
        "quiet_distance": window.quiet_distance,
        "least": least,
        "groups": [
            {
                "where": _fitted(msgspec.to_builtins(groups[name].where)),
                "most": thresholds.most[name],
                "points": _from(least, ends[name]),
                "counted": _from(least, counted[name]) if counted[name] != ends[name] else None,
            }
            for name in busiest
            if thresholds.most[name] >= least
        ],
    }


def _from(least: int, points: _Points) -> _Points:
    return [point for point in points if point[1] >= least]


def _fitted(value: Any) -> Any:
    if isinstance(value, str):
        return fit(value)
    if isinstance(value, list):
        return [_fitted(each) for each in value]
    if isinstance(value, dict):
        return {key: _fitted(each) for key, each in value.items()}
    return value
