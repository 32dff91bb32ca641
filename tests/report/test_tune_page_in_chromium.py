"""The page of `tune --html` in a real browser: what its slider says is what `tune` says."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registrywatch.cli import main
from tests.builders.clock import T0
from tests.builders.cloudtrail import log_file, pull, role, set_mutability
from tests.builders.streams import lines
from tests.report.browser import Browser
from tests.report.test_alerts_page import HOSTILE
from tests.report.test_alerts_page_in_chromium import CUT

pytestmark = pytest.mark.real


@pytest.fixture
def page(demo: Path, tmp_path: Path) -> Path:
    path = tmp_path / "tune.html"
    assert main(["tune", "--html", str(path), str(demo)]) == 0
    return path


def move(browser: Browser, place: int, threshold: int) -> str:
    """Move the slider of a rule; give what the page says then."""
    browser.run(
        "const input = document.querySelectorAll('input[type=number]')[arguments[0]];"
        "input.value = arguments[1]; input.dispatchEvent(new Event('input'));",
        place,
        threshold,
    )
    browser.wait_for(
        f"return document.querySelectorAll('.slider ~ pre')[{place}]"
        f".textContent.endsWith('={threshold}')"
    )
    said = browser.run(
        "return document.querySelectorAll('.slider ~ [role=status]')[arguments[0]].textContent",
        place,
    )
    return str(said)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_error_no_fault_of_accessibility_and_no_sideways_scrolling(
    dark: bool, width: int, page: Path, browser: Browser, faults: Callable[[], list[str]]
) -> None:
    browser.open(page, dark, width)
    browser.wait_for("return document.querySelectorAll('svg').length > 2")
    assert browser.messages() == []
    assert faults() == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert not browser.run(CUT)


def test_hostile_text_is_shown_and_never_run(tmp_path: Path, browser: Browser) -> None:
    logs, page = tmp_path / "logs.json", tmp_path / "tune.html"
    made = [
        call
        for text in HOSTILE
        for call in (
            pull(repository=text, by=role(text)),
            set_mutability("MUTABLE", repository=text, by=role(text)),
        )
    ]
    logs.write_bytes(lines(log_file(*made)))
    assert main(["tune", "--html", str(page), str(logs)]) == 0
    browser.open(page)
    browser.wait_for("return document.querySelectorAll('svg').length > 0")
    shown = browser.run("return document.querySelector('main').textContent")
    assert all(text in shown for text in HOSTILE if text.isprintable())
    assert browser.run("return document.title") == "registrywatch tuning"
    assert browser.run("return document.querySelectorAll('img, main script').length") == 0
    assert browser.messages() == []


def test_what_came_late_is_counted_on_the_page_as_it_was_counted(
    tmp_path: Path,
    browser: Browser,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bursts whose parts were delivered in any order, each file counted by itself."""
    monkeypatch.setattr("registrywatch.cli.detection.WORTH_COUNTING", 0)
    order, folder = random.Random(5), tmp_path / "logs"
    folder.mkdir()
    made = [
        pull(f"v{burst}-{number}", by=role("node"), at=T0 + burst * 500 + number * 17)
        for burst in range(40)
        for number in range(order.randrange(4, 30))
    ]
    order.shuffle(made)
    for number in range(0, len(made), 60):
        (folder / f"{number:05}.json").write_bytes(lines(log_file(*made[number : number + 60])))
    page = tmp_path / "tune.html"
    assert (
        main(["tune", "--html", str(page), "--rule", "ecr-excessive-image-pull", f"{folder}"]) == 0
    )
    capsys.readouterr()
    assert main(["tune", "--json", "--rule", "ecr-excessive-image-pull", f"{folder}"]) == 0
    [found] = json.loads(capsys.readouterr().out)["counted"]
    browser.open(page)
    in_the_end = browser.run(
        "const late = data.series[0]; const plain = {...late, groups: late.groups.map("
        "(each) => ({...each, counted: null}))};"
        "return arguments[0].map((threshold) => [alertsAt(late, threshold).length,"
        "alertsAt(plain, threshold).length])",
        [each["threshold"] for each in found["candidates"]],
    )
    assert [late for late, _ in in_the_end] == [each["alerts"] for each in found["candidates"]]
    assert any(late != plain for late, plain in in_the_end), "the order makes no difference here"


def test_wherever_the_slider_is_the_page_says_what_tune_says(
    page: Path, demo: Path, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["tune", "--json", str(demo)]) == 0
    report: Any = json.loads(capsys.readouterr().out)
    browser.open(page)
    tunable = [found for found in report["counted"] if found["setting"]]
    assert len(tunable) >= 4
    for place, found in enumerate(report["counted"]):
        if not found["setting"]:
            continue
        for candidate in found["candidates"]:
            said = move(browser, place, candidate["threshold"])
            if not candidate["alerts"]:
                assert said == f"At {candidate['threshold']} it would not have fired"
                continue
            assert f" fired {candidate['alerts']:,} time" in said
            assert f" for {candidate['groups']} group" in said
            assert f"at most {candidate['most_in_a_week']} in any seven days" in said
    assert browser.messages() == []
