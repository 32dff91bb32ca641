"""Alerts in order of time, whatever the order in which they are raised."""

from hypothesis import given
from hypothesis import strategies as st

from registrywatch.cli.in_order import InOrder
from registrywatch.cli.repeats import without_repeats
from registrywatch.events import Actor
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert


@given(st.lists(st.integers(0, 3000)), st.integers(1, 5))
def test_in_order_whether_in_memory_or_spilled_to_disk(numbers: list[int], most: int) -> None:
    kept = InOrder(most)
    for place, number in enumerate(numbers):
        kept.add(an_alert(number, summary=str(place)))
    assert len(kept) == len(numbers)
    by_time = sorted(range(len(numbers)), key=lambda place: (numbers[place], place))
    assert [alert.summary for alert in kept.drain()] == [str(place) for place in by_time]
    assert [*kept.drain()] == []


def test_a_part_of_a_second_comes_after_the_whole_one() -> None:
    kept = InOrder()
    for time in ("2026-08-01T09:00:00.5Z", "2026-08-01T09:00:00Z"):
        kept.add(an_alert(time=time))
    assert next(alert.time for alert in kept.drain()) == "2026-08-01T09:00:00Z"


PART = {"rule": "acr-images-deleted", "severity": Severity.LOW, "cloud": "azure"}
WHOLE = {"rule": "acr-forced-repository-deletion", "severity": Severity.HIGH, "cloud": "azure"}
BOB = {"actor": Actor(id="bob@example.com")}


def test_the_first_image_of_a_deleted_azure_repository_is_not_shown_beside_it() -> None:
    part, whole = an_alert(100, **PART, actor=Actor()), an_alert(100, **WHOLE, **BOB)
    assert [*without_repeats([part, whole])] == [whole]
    assert [*without_repeats([whole, part])] == [whole]


def test_what_is_another_delete_is_shown() -> None:
    whole = an_alert(1000, **WHOLE, **BOB)
    others = [
        an_alert(600, **PART, **BOB),  # more than five minutes before
        an_alert(1001, **PART, **BOB, repository="other"),
        an_alert(1002, **PART, actor=Actor(id="eve@example.com")),
        an_alert(1003, **{**PART, "severity": Severity.HIGH}, **BOB),  # as bad by itself
        an_alert(1004),
    ]
    shown = [*without_repeats(sorted([whole, *others], key=lambda alert: alert.time))]
    assert {alert.id for alert in shown} == {alert.id for alert in (whole, *others)}
