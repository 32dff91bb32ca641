"""The page of `replay --html` as a person meets it, in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registrywatch.cli import main
from registrywatch.events import Actor
from registrywatch.report.alerts_page import Collected, Run, alerts_page
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.report.browser import Browser
from tests.report.test_alerts_page import HOSTILE

pytestmark = pytest.mark.real
RUN = Run(records=7, problems=1, ended=1_785_574_800.0)
CUT = (
    "return [...document.querySelectorAll('.scroll')]"
    ".some((each) => each.scrollWidth > each.clientWidth)"
)
"""Whether a table is cut at its right side."""
Faults = Callable[[], list[str]]


@pytest.fixture
def page(demo: Path, tmp_path: Path) -> Path:
    path = tmp_path / "demo.html"
    assert main(["replay", "--html", str(path), str(demo)]) == 0
    return path


def written(path: Path, *alerts: Any) -> Path:
    collected = Collected()
    for alert in alerts:
        collected.add(alert)
    path.write_text(alerts_page(collected, {}, RUN))
    return path


def listed(browser: Browser) -> int:
    found: int = browser.run("return document.querySelectorAll('#list > li').length")
    return found


def status(browser: Browser) -> str:
    return str(browser.run("return document.querySelector('[role=status]').textContent"))


def choose(browser: Browser, name: str, value: str) -> None:
    browser.run(
        "const element = document.querySelector(`.filters [name=${arguments[0]}]`);"
        "element.value = arguments[1];"
        "element.dispatchEvent(new Event('input', {bubbles: true}));"
        "element.dispatchEvent(new Event('change', {bubbles: true}));",
        name,
        value,
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_error_no_fault_of_accessibility_and_no_sideways_scrolling(
    dark: bool, width: int, page: Path, browser: Browser, faults: Faults
) -> None:
    browser.open(page, dark, width)
    browser.run("document.querySelectorAll('details.alert').forEach((each) => each.open = true)")
    browser.wait_for("return document.querySelectorAll('.body').length > 5")
    assert browser.messages() == []
    assert faults() == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert not browser.run(CUT)


def test_the_name_of_a_setting_in_an_advice_does_not_widen_a_phone(
    tmp_path: Path, browser: Browser
) -> None:
    advice = "If it should, add it to REGISTRYWATCH_TRUSTED_ACCOUNTS_OR_TRUSTED_ORGS."
    browser.open(written(tmp_path / "page.html", an_alert(mitigation=advice)), width=360)
    browser.run("document.querySelectorAll('details.alert').forEach((each) => each.open = true)")
    browser.wait_for("return document.querySelectorAll('.body').length == 1")
    assert browser.run("return document.documentElement.scrollWidth") <= 360


def test_filters_and_search_narrow_the_list(page: Path, browser: Browser) -> None:
    browser.open(page)
    everything = listed(browser)
    assert status(browser) == f"{everything} alerts"
    choose(browser, "rule", "ecr-tag-overwrite-enabled")
    assert (listed(browser), status(browser)) == (1, f"1 of {everything} alerts match the filters")
    choose(browser, "rule", "")
    choose(browser, "text", "SHOP/API 198.51.100.23")
    browser.wait_for(f"return document.querySelectorAll('#list > li').length < {everything}")
    assert 0 < listed(browser) < everything
    browser.run("document.querySelector('.filters button').click()")
    assert listed(browser) == everything
    browser.run("document.querySelector('.tile').click()")  # critical: the demo has its own number
    critical = browser.run("return Number(document.querySelector('.tile strong').textContent)")
    assert listed(browser) == critical


def test_the_worst_is_listed_first_until_another_order_is_chosen(
    page: Path, browser: Browser
) -> None:
    browser.open(page)
    first = "return document.querySelector('#list .badge').textContent"
    assert browser.run(first) == "Critical"
    choose(browser, "order", "oldest")
    at = "return [...document.querySelectorAll('#list time')].map((each) => each.dateTime)"
    times = browser.run(at)
    assert times == sorted(times)
    choose(browser, "order", "newest")
    assert browser.run(at) == sorted(times, reverse=True)


def test_a_bar_of_the_timeline_narrows_to_its_time(page: Path, browser: Browser) -> None:
    browser.open(page)
    browser.wait_for("return document.querySelectorAll('.hit').length > 1")
    everything = listed(browser)
    browser.run(
        "document.querySelector('.hit').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    assert 0 < listed(browser) < everything


def test_the_keyboard_opens_an_alert(page: Path, browser: Browser) -> None:
    browser.open(page)
    browser.run("document.querySelector('details.alert summary').focus()")
    browser.press("\ue007")
    browser.wait_for("return document.querySelector('details.alert .body') !== null")
    text = browser.run("return document.querySelector('details.alert .body').textContent")
    assert "What to do" in text


def test_hostile_text_is_shown_and_never_run(tmp_path: Path, browser: Browser) -> None:
    alerts = [
        an_alert(
            number,
            summary=text,
            reasons=(text,),
            repository=text,
            actor=Actor(id=text, name=text, ip=text, user_agent=text),
            events=(text,),
            silence=text,
        )
        for number, text in enumerate(HOSTILE)
    ]
    browser.open(written(tmp_path / "page.html", *alerts))
    browser.run("document.querySelectorAll('details.alert').forEach((each) => each.open = true)")
    browser.wait_for(f"return document.querySelectorAll('.body').length === {len(HOSTILE)}")
    assert browser.run("return document.title") == "registrywatch report"
    assert browser.run("return document.querySelectorAll('img, main script').length") == 0
    assert HOSTILE[0] in browser.run("return document.querySelector('#list').textContent")
    assert browser.messages() == []


def test_of_ten_thousand_alerts_a_few_are_drawn_and_all_are_found(
    tmp_path: Path, browser: Browser
) -> None:
    alerts = [
        an_alert(number, severity=[*Severity][number % 5], repository=f"team/{number}")
        for number in range(10_000)
    ]
    browser.open(written(tmp_path / "page.html", *alerts))
    assert status(browser) == "10,000 alerts"
    assert listed(browser) <= 1000
    choose(browser, "text", "team/9999")
    browser.wait_for("return document.querySelectorAll('#list > li').length === 1")
    assert browser.messages() == []


def test_a_page_without_alerts_says_so(tmp_path: Path, browser: Browser, faults: Faults) -> None:
    browser.open(written(tmp_path / "page.html"))
    assert status(browser) == "0 alerts"
    assert (browser.messages(), faults()) == ([], [])


def test_in_print_the_alerts_are_open_and_the_controls_gone(page: Path, browser: Browser) -> None:
    browser.open(page)
    browser.devtools("Emulation.setEmulatedMedia", media="print")
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    browser.wait_for("return document.querySelectorAll('.body').length > 5")
    hidden = "return getComputedStyle(document.querySelector('.filters')).display"
    assert browser.run(hidden) == "none"
    name = "return document.querySelector('tbody th button').getClientRects().length"
    assert browser.run(name) == 1, "an actor without a name"
    browser.run("window.dispatchEvent(new Event('afterprint'))")
    assert browser.run("return document.querySelectorAll('details.alert[open]').length") == 0
    browser.devtools("Emulation.setEmulatedMedia", media="")


def test_on_paper_the_alerts_are_whole_and_what_is_left_out_is_said(
    tmp_path: Path, browser: Browser
) -> None:
    path = written(tmp_path / "page.html", *map(an_alert, range(700)))
    browser.open(path)
    browser.run("window.dispatchEvent(new Event('beforeprint'))")  # and no later event
    whole = browser.run("return document.querySelectorAll('details[open] .body').length")
    said = browser.run("return document.querySelector('.printonly').textContent")
    assert (whole, said) == (600, "600 of 700 alerts are shown.")
