"""Steps, crossing and quiet intervals, against fractions and brute force."""

from fractions import Fraction
from itertools import pairwise
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from registrywatch.times import YEAR_10000
from registrywatch.windows import Window, group_digest
from registrywatch.windows.meaning import (
    Quiet,
    choose_anchors,
    crossing_steps,
    reached_by,
    seen_at,
)
from tests.windows.oracle import Seen, crossing, measure, quiet_distance

seconds = st.integers(12, 86_400)
windows = st.builds(Window, st.integers(1, 5), seconds, st.integers(12, 200_000), st.booleans())
times = st.floats(-1e6, 4e9) | st.integers(0, 4 * 10**9).map(float)


@given(windows, times)
def test_the_step_of_a_time_is_exact(window: Window, time: float) -> None:
    assert window.step_of(time) == floor(Fraction(time) * 12 / window.seconds)


def test_steps_are_a_twelfth_of_the_window_even_if_that_is_no_whole_second() -> None:
    window = Window(1, 100, 100)
    assert [window.step_of(time) for time in (0, 8, 8.5, 99.999, 100)] == [0, 0, 1, 11, 12]


@given(windows, st.lists(st.floats(0, YEAR_10000, exclude_max=True), min_size=1))
def test_the_steps_of_times_are_those_of_each(window: Window, several: list[float]) -> None:
    assert {*window.steps_of(several)} == {window.step_of(time) for time in several}
    assert {*window.steps_of(several[:1])} == {window.step_of(several[0])}


@given(windows)
def test_the_quiet_distance_is_the_quiet_period_rounded_up_and_one_more(window: Window) -> None:
    assert window.quiet_distance == quiet_distance(window)


@given(windows, st.floats(0, 1e6), st.floats(0, 1e6))
def test_what_is_less_than_the_quiet_period_apart_is_less_than_the_quiet_distance_apart(
    window: Window, one: float, other: float
) -> None:
    steps = abs(window.step_of(one) - window.step_of(other))
    if abs(Fraction(one) - Fraction(other)) <= window.quiet_seconds:
        assert steps < window.quiet_distance
    if steps >= window.quiet_distance:
        assert abs(Fraction(one) - Fraction(other)) > window.quiet_seconds


small_sets = st.dictionaries(st.integers(0, 40), st.sets(st.integers(0, 6)), max_size=12)


@given(small_sets, st.integers(1, 6), st.booleans())
def test_crossing_steps_are_those_of_the_plain_definition(
    sets: dict[int, set[int]], threshold: int, parts: bool
) -> None:
    window = Window(threshold, 12, 12, parts)  # a step is a second
    seen = [Seen(float(step), what) for step, held in sets.items() for what in held]
    assert set(crossing_steps(window, sets, range(60))) == crossing(window, seen)


@given(st.sets(st.integers(0, 60), max_size=6), small_sets, st.integers(1, 6))
def test_a_sighting_changes_only_the_steps_it_reaches(
    written: set[int], sets: dict[int, set[int]], threshold: int
) -> None:
    window = Window(threshold, 12, 12)
    more = {step: set(held) for step, held in sets.items()}
    for step in written:
        more.setdefault(step, set()).add(99)
    changed = set(crossing_steps(window, more, range(90))) ^ set(
        crossing_steps(window, sets, range(90))
    )
    assert changed <= set(reached_by(written))
    assert reached_by(written) == sorted(set(reached_by(written)))


@given(st.lists(st.integers(0, 300), max_size=12), st.integers(1, 20))
def test_quiet_covers_what_is_near_an_anchor_and_nothing_else(
    anchors: list[int], distance: int
) -> None:
    quiet = Quiet()
    for anchor in anchors:
        quiet = quiet.with_anchor(anchor, distance)
    for step in range(-30, 330):
        near = any(abs(step - anchor) < distance for anchor in anchors)
        assert quiet.covers(step) == near
    for (_, end), (start, _) in pairwise(quiet.intervals):
        assert end + 1 < start  # sorted, disjoint, and none that touch


def test_an_endless_storm_is_one_interval() -> None:
    quiet = Quiet()
    for anchor in range(0, 13_000, 13):
        quiet = quiet.with_anchor(anchor, 13)
    assert quiet.intervals == ((-12, 12_987 + 12),)


def test_old_intervals_are_forgotten_as_a_whole() -> None:
    quiet = Quiet(((0, 10), (20, 30), (40, 50)))
    assert quiet.since(11) == quiet.since(30) == Quiet(((20, 30), (40, 50)))
    assert quiet.since(0) == quiet


@given(st.sets(st.integers(0, 200)), st.integers(12, 40), st.integers(1, 4))
def test_anchors_are_chosen_from_the_earliest_on(
    crossing: set[int], quiet_seconds: int, most: int
) -> None:
    window = Window(1, 12, quiet_seconds)
    chosen, quiet = choose_anchors(window, sorted(crossing), Quiet(), 1000)
    assert all(step in crossing for step in chosen)
    assert all(b - a >= window.quiet_distance for a, b in pairwise(chosen))
    assert all(quiet.covers(step) for step in crossing)
    assert choose_anchors(window, sorted(crossing), quiet, 1000)[0] == []
    assert choose_anchors(window, sorted(crossing), Quiet(), most)[0] == chosen[:most]


def test_all_of_a_window_is_seen_and_nothing_older() -> None:
    sets = {step: {step} for step in range(40)}
    assert seen_at(sets, 20) == set(range(8, 21))


@given(windows, st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_a_measure_never_falls_and_a_set_as_large_as_the_cap_reaches_the_threshold(
    window: Window, some: set[int], more: set[int]
) -> None:
    assert window.measure(some) == measure(window, some)
    assert window.measure(some) <= window.measure(some | more) <= len(some | more)
    if len(some) >= window.cap:
        assert window.measure(some) >= window.threshold


def test_no_lower_cap_would_do() -> None:
    for threshold in (1, 2, 5):
        window = Window(threshold, 600, 600, parts=True)
        exact = {2 * n for n in range(threshold - 1)}
        parts = {2 * n + 1 for n in range(2 * threshold - 2)}
        assert len(exact | parts) == window.cap - 1
        assert window.measure(exact | parts) == threshold - 1


def test_a_group_is_another_one_under_a_window_of_another_length() -> None:
    ten, hour = Window(5, 600, 600), Window(5, 3600, 3600)
    assert group_digest("rule", ten, "a") != group_digest("rule", hour, "a")
    assert group_digest("rule", ten, "a") == group_digest("rule", Window(9, 600, 900), "a")
