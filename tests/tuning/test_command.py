"""`registrywatch tune` as it is typed."""

import json
from pathlib import Path
from typing import Any

import pytest

from registrywatch.cli import main
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    delete_images,
    digest,
    log_file,
    pull,
    push,
    role,
    set_mutability,
)
from tests.builders.streams import lines

Captured = pytest.CaptureFixture[str]
DAY = 86_400.0


@pytest.fixture
def logs(tmp_path: Path) -> str:
    """Three weeks: a role that pulls 30 images every other day, one that pulled 80 once."""
    records = [
        pull(f"v{number}", by=role("deploy"), at=T0 + day * DAY + number)
        for day in range(0, 21, 2)
        for number in range(30)
    ]
    records += [pull(f"x{n}", by=role("stranger"), at=T0 + DAY + n) for n in range(80)]
    records += [
        set_mutability("MUTABLE", repository=f"team/{number % 2}", by=role("terraform"))
        for number in range(5)
    ]
    records.append(delete_images(digest("1"), repository="team/0", by=role("terraform")))
    path = tmp_path / "logs.json"
    path.write_bytes(lines(log_file(*records)))
    return str(path)


def tuned(logs: str, capsys: Captured, *options: str) -> Any:
    assert main(["tune", "--json", *options, logs]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_proposes_the_lowest_threshold_and_says_who_would_have_set_it_off(
    logs: str, capsys: Captured
) -> None:
    [found] = tuned(logs, capsys, "--rule", "ecr-excessive-image-pull")["counted"]
    assert (found["threshold"], found["proposed"]["alerts"]) == (31, 1)
    assert found["setting"] == "REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD"
    assert found["now"]["alerts"] == 0
    stranger, deploy = found["groups"]
    assert (stranger["where"]["actor"].rpartition("/")[2], stranger["alerts"]) == ("stranger", 1)
    assert (deploy["where"]["actor"].rpartition("/")[2], deploy["most"]) == ("deploy", 30)


@pytest.mark.parametrize(("most", "threshold"), [(0, 81), (3, 31), (5, 1)])
def test_it_is_as_quiet_as_it_is_asked_to_be(
    most: int, threshold: int, logs: str, capsys: Captured
) -> None:
    options = ("--rule", "ecr-excessive-image-pull", "--alerts-per-week", str(most))
    [found] = tuned(logs, capsys, *options)["counted"]
    assert found["threshold"] == threshold


def test_of_the_other_rules_it_says_what_a_setting_would_have_silenced(
    logs: str, capsys: Captured
) -> None:
    [found] = tuned(logs, capsys, "--rule", "ecr-tag-overwrite-enabled")["fired"]
    assert (found["alerts"], found["severities"]) == (5, {"medium": 5})
    [by_actor] = found["actors"]
    assert by_actor["setting"] == "REGISTRYWATCH_ECR_TAG_OVERWRITE_ENABLED_IGNORE_ACTORS"
    shares = [(each["name"], each["alerts"]) for each in by_actor["others"]]
    assert shares == [("team/0", 3), ("team/1", 2)]
    assert [each["value"] for each in found["repositories"]] == ["team/0", "team/1"]


def test_the_setting_would_silence_exactly_that(
    logs: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    [found] = tuned(logs, capsys, "--rule", "ecr-tag-overwrite-enabled")["fired"]
    silence = found["repositories"][0]
    monkeypatch.setenv(silence["setting"], silence["value"])
    [after] = tuned(logs, capsys, "--rule", "ecr-tag-overwrite-enabled")["fired"]
    assert after["alerts"] == found["alerts"] - silence["alerts"]


def test_a_rule_that_judges_events_and_counts_portions_too_is_among_the_others(
    logs: str, capsys: Captured
) -> None:
    report = tuned(logs, capsys, "--rule", "ecr-images-deleted")
    [portions], [found] = report["counted"], report["fired"]
    assert (portions["now"]["alerts"], found["alerts"]) == (0, 1)
    assert [each["value"] for each in found["repositories"]] == ["team/0"]


def test_for_people_it_prints_the_setting_to_copy(logs: str, capsys: Captured) -> None:
    assert main(["tune", logs]) == 0
    out = capsys.readouterr().out
    assert "set     REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD=31\n" in out
    assert "at 31 it would have fired 1 time for 1 group, at most 1 a week" in out
    assert "false positive" not in out
    assert not [line for line in out.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_it_fits_the_terminal(
    width: int, logs: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["tune", logs]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= width


def test_a_log_of_nothing_is_said(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.json").write_text('{"Records": []}\n')
    assert main(["tune", str(tmp_path)]) == 0
    assert "No rule would have fired" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options", [["--alerts-per-week", "-1"], ["--rule", "none"], ["--json", "--html", "x"], [""]]
)
def test_wrong_usage_ends_with_2(options: list[str], logs: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["tune", *options, logs])
    assert caught.value.code == 2


def test_where_the_page_cannot_be_written_the_rest_is_printed(
    logs: str, tmp_path: Path, capsys: Captured
) -> None:
    page = tmp_path / "nowhere" / "tune.html"
    assert main(["tune", "--html", str(page), logs]) == 1
    out, err = capsys.readouterr()
    assert err == f"registrywatch: the page can't be written: {page}: No such file or directory\n"
    assert "_THRESHOLD=31" in out


def test_only_the_events_of_the_time_and_account_asked_for_are_counted(
    logs: str, capsys: Captured
) -> None:
    options = ("--rule", "ecr-excessive-image-pull", "--since", "2026-08-10")
    [found] = tuned(logs, capsys, *options)["counted"]
    assert [each["most"] for each in found["groups"]] == [30]
    assert tuned(logs, capsys, "--account", "9*")["counted"] == []


def test_events_before_the_time_asked_for_teach_what_is_usual(
    tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "logs.json"
    pushes = [push("v1", by=role("ci"), at=T0 + day * DAY) for day in (0, 10)]
    path.write_bytes(lines(log_file(*pushes)))
    rule = ("--rule", "ecr-unfamiliar-push")
    [found] = tuned(str(path), capsys, *rule)["counted"]
    assert found["now"]["alerts"] == 1
    report = tuned(str(path), capsys, *rule, "--since", "2026-08-10")
    assert (report["counted"], report["first"]) == ([], T0 + 10 * DAY)


def test_a_time_span_of_nothing_is_wrong_usage(logs: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["tune", "--since", "2026-08-10", "--until", "2026-08-01", logs])
    assert caught.value.code == 2
    assert "--since must be before --until" in capsys.readouterr().err
