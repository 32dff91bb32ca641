"""The proposed threshold of each count: the lowest that raises few enough alerts a week."""

import msgspec

from registrywatch.settings.of_rules import MOST, OF_RULES
from registrywatch.tuning.exact import Raised, Thresholds, most_in_a_week
from registrywatch.tuning.observed import Where

_LADDER = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 8_000)
GROUPS = 10  # the most groups that are listed for a count


class Candidate(msgspec.Struct, frozen=True):
    """A threshold, the alerts that it would have raised, and the most of them in seven days."""

    threshold: int
    alerts: int
    most_in_a_week: int
    groups: int


class Busy(msgspec.Struct, frozen=True):
    """A group, the most that any of its windows held, and its alerts at the proposal."""

    where: Where
    most: int
    alerts: int


class Proposal(msgspec.Struct, frozen=True):
    """What a count would have raised. `threshold` is None if every threshold raises too many.

    `fires` says when it fires now. A rule may have several counts; only the first, number 0, has
    settings. `setting` is the variable of the threshold; None if no setting tunes the count.
    """

    rule: str
    number: int
    fires: str
    window_seconds: int
    now: Candidate
    threshold: int | None
    proposed: Candidate | None
    setting: str | None
    candidates: list[Candidate]
    groups: list[Busy]


def proposal(thresholds: Thresholds, alerts_per_week: int) -> Proposal:
    """The lowest threshold with at most `alerts_per_week` alerts in any seven days."""
    count = thresholds.count
    tunable = count.number == 0
    found = None
    if tunable:
        found = thresholds.lowest(lambda alerts: most_in_a_week(alerts) <= alerts_per_week, MOST)
    most = max(thresholds.most.values(), default=0)
    tried = {count.window.threshold, *(step for step in _LADDER if step <= most + 1)}
    if found is not None:
        tried.add(found)
    variables = OF_RULES[count.rule].counting
    at_proposal = thresholds.at(found if found is not None else count.window.threshold)
    busiest = sorted(thresholds.most, key=lambda name: (-thresholds.most[name], name))
    return Proposal(
        count.rule,
        count.number,
        count.fires,
        count.window.seconds,
        _candidate(thresholds, count.window.threshold),
        found,
        None if found is None else _candidate(thresholds, found),
        variables.threshold.name if tunable and variables is not None else None,
        [_candidate(thresholds, step) for step in sorted(tried)],
        [
            Busy(
                count.groups[name].where,
                thresholds.most[name],
                sum(alert.group == name for alert in at_proposal),
            )
            for name in busiest[:GROUPS]
        ],
    )


def _candidate(thresholds: Thresholds, threshold: int) -> Candidate:
    alerts: list[Raised] = thresholds.at(threshold)
    return Candidate(
        threshold, len(alerts), most_in_a_week(alerts), len({alert.group for alert in alerts})
    )
