"""No event for longer than usual, and at least a day, is silence."""

from registrywatch.checks.silence import HOUR, arrivals
from tests.builders.cases import for_each

NOW = 1_785_575_412.0


def silent(*hours_ago: float) -> bool:
    item = arrivals("arrivals", [NOW - hours * HOUR for hours in hours_ago], NOW, "look at the log")
    assert item.ok or item.minor
    return not item.ok


@for_each(
    ("hours_ago", "expected"),
    [
        ((), False),  # nothing is known of it
        ((0.5,), False),
        ((25.5,), True),  # a day, and the hour in which the last event arrived
        ((24.5,), False),
        ((30, 31, 32, 33), True),
        ((60, 130, 131), False),  # a gap of 70 hours is usual here
        ((72, 142, 143), True),
        ((143, 72, 142), True),  # in any order
    ],
)
def test_silence_is_longer_than_the_longest_gap(
    hours_ago: tuple[float, ...], expected: bool
) -> None:
    assert silent(*hours_ago) is expected


def test_it_says_for_how_long() -> None:
    item = arrivals("arrivals", [NOW - 50 * HOUR, NOW - 51 * HOUR], NOW, "look at the log")
    assert item.found == "no event has arrived for 49 hours; the longest gap before was 1 hour"
