"""`tune` is exact: with the setting that it proposes, `replay` raises what it promised."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registrywatch.cli import main
from registrywatch.tuning.exact import Raised, anchors, most_in_a_week
from registrywatch.tuning.observed import Group, Where
from registrywatch.windows.meaning import Window
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter as Counting
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json, digest, log_file, pull, push, role
from tests.builders.streams import lines

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def each_file_is_counted_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registrywatch.cli.detection.WORTH_COUNTING", 0)


@st.composite
def logs(draw: st.DrawFn) -> list[list[Json]]:
    """Files of bursts by two roles, in any order, some events in several files."""
    made: list[Json] = []
    for _ in range(draw(st.integers(1, 8))):
        actor = role(draw(st.sampled_from(("node", "ci"))))
        start = T0 + draw(st.integers(0, 40)) * 211.0
        call = draw(st.sampled_from((pull, push)))
        first = draw(st.integers(0, 6))
        for number in range(first, first + draw(st.integers(1, 12))):
            at = start + number * draw(st.sampled_from((1.0, 37.0)))
            name = f"v{number}" if call is push else digest(f"image {number}")
            made.append(call(name, repository=f"r{number % 3}", by=actor, at=at))
    order = draw(st.permutations(made))
    repeated = [*order, *draw(st.lists(st.sampled_from(order), max_size=3))]
    size = draw(st.integers(1, len(repeated)))
    return [repeated[at : at + size] for at in range(0, len(repeated), size)]


def written(folder: Path, files: list[list[Json]]) -> str:
    for number, records in enumerate(files):
        (folder / f"{number:03}.json").write_bytes(lines(log_file(*records)))
    return str(folder)


def replayed(folder: str, capsys: Captured) -> Counter[str]:
    assert main(["replay", "--json", folder]) == 0
    found = [json.loads(line)["rule"] for line in capsys.readouterr().out.splitlines()]
    return Counter(found)


def tuned(folder: str, capsys: Captured, *options: str) -> Any:
    assert main(["tune", "--json", *options, folder]) == 0
    return json.loads(capsys.readouterr().out)


@given(logs(), st.integers(0, 4))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_with_each_threshold_that_it_names_replay_raises_what_it_says(
    tmp_path_factory: pytest.TempPathFactory, capsys: Captured, files: list[list[Json]], most: int
) -> None:
    folder = written(tmp_path_factory.mktemp("logs"), files)
    report = tuned(folder, capsys, "--alerts-per-week", str(most))
    for found in (each for each in report["counted"] if each["setting"] is not None):
        named = [found["now"], found["proposed"], *found["candidates"]]
        assert found["proposed"]["most_in_a_week"] <= most
        for candidate in named:
            with pytest.MonkeyPatch.context() as environment:
                environment.setenv(found["setting"], str(candidate["threshold"]))
                assert replayed(folder, capsys)[found["rule"]] == candidate["alerts"]


@given(logs(), st.integers(0, 4))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_lower_threshold_would_have_been_louder(
    tmp_path_factory: pytest.TempPathFactory, capsys: Captured, files: list[list[Json]], most: int
) -> None:
    folder = written(tmp_path_factory.mktemp("logs"), files)
    for found in tuned(folder, capsys, "--alerts-per-week", str(most))["counted"]:
        if found["setting"] is None or found["threshold"] == 1:
            continue
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(found["setting"], str(found["threshold"] - 1))
            assert replayed(folder, capsys)[found["rule"]] > most


NOBODY = Where(None, None, None, None, None, None)
batches = st.lists(
    st.dictionaries(st.integers(100, 300), st.sets(st.integers(0, 9), min_size=1), min_size=1),
    max_size=12,
)


@given(batches, st.integers(1, 12), st.sampled_from((600, 60, 3600)))
@settings(max_examples=66)
def test_it_anchors_alerts_where_the_windows_protocol_does(
    made: list[dict[int, set[int]]], threshold: int, quiet: int
) -> None:
    window = Window(threshold, 600, quiet)
    group, expected = Group(NOBODY), list[int]()
    counter = Counting(MemoryStore(), lambda: 0.0)
    for batch in made:
        group.add(batch)
        counter.count(
            "group",
            window,
            batch,
            lambda anchor, _: (str(anchor), str(anchor).encode()),
            lambda body: expected.append(int(body)),
        )
    held = group.held(window)
    assert anchors(held, threshold, window.quiet_distance) == sorted(expected)


def test_what_a_window_held_after_the_first_of_two_batches_counts_too() -> None:
    """A burst that comes in two parts: between 3 and 5 something changes at 4 as well."""
    group = Group(NOBODY)
    group.add({100: {1, 2, 3}})
    group.add({100: {4, 5}, 150: {6}})
    held = group.held(Window(threshold=1, seconds=600, quiet_seconds=600))
    assert held.in_the_end() == {100: 5, 150: 1}
    assert [*held.pairs()] == [(100, 3), (100, 5), (150, 1)]


def test_the_most_in_a_week_is_taken_over_any_seven_days() -> None:
    day = 86_400.0
    times = (0.0, 6.5, 6.9, 7.0, 7.1, 30.0)
    assert most_in_a_week([Raised("g", at * day) for at in times]) == 4
    assert most_in_a_week([Raised("g", 0.0), Raised("g", 7 * day)]) == 1
    assert most_in_a_week([]) == 0
