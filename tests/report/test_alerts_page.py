"""The page of `replay --html`: one file, whose own style and script alone may run."""

import base64
import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from registrywatch.cli import main
from registrywatch.events import Actor
from registrywatch.report.actors import Activities
from registrywatch.report.alerts_page import Collected, Run, alerts_page
from registrywatch.severity import Severity
from tests.builders.alerts import an_alert
from tests.builders.cases import for_each
from tests.builders.cloudtrail import delete_repository, pull
from tests.builders.detecting import events_of
from tests.builders.streams import lines

Captured = pytest.CaptureFixture[str]
RUN = Run(records=7, problems=0, ended=1_785_574_800.0)
HOSTILE = (
    "</script><script>document.title='owned'</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "\u202egpj.exe \u2028\u2029 \u200b",
    "${alert(1)} {{7*7}} %s",
    "' \" & ; --></style>",
)


def page_of(*alerts: Any, most: int = 100) -> str:
    collected = Collected(most)
    for alert in alerts:
        collected.add(alert)
    return alerts_page(collected, {}, RUN)


def data_in(page: str) -> Any:
    [block] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    return json.loads(block)


def test_the_policy_lets_the_pages_own_style_and_script_run_and_nothing_else() -> None:
    page = page_of(an_alert())
    [policy] = re.findall(r'Content-Security-Policy" content="(.*?)">', page)
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    for text in (style, script):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"&#x27;sha256-{digest}&#x27;" in policy
    assert policy.startswith("default-src &#x27;none&#x27;;")
    assert "unsafe" not in policy


def test_the_page_loads_nothing() -> None:
    page = page_of(an_alert(references=()))
    assert not re.findall(r"<(?:img|link|iframe|object|embed|video|audio|form)\b", page)
    assert not re.findall(r"\b(?:src|srcset)=[\"']|@import|url\(|fetch\(|XMLHttp", page)


@for_each("text", HOSTILE)
def test_text_of_an_attackers_making_stays_data(text: str) -> None:
    page = page_of(
        an_alert(
            summary=text,
            reasons=(text,),
            repository=text,
            actor=Actor(id=text, name=text, ip=text, user_agent=text),
            events=(text,),
        )
    )
    plain = page_of(an_alert())
    assert page.count("<script") == plain.count("<script")
    assert page.count("<") == plain.count("<")
    [alert] = data_in(page)["alerts"]
    hidden = set("\u202e\u2028\u2029\u200b")
    assert not hidden & set(page)
    if not hidden & set(text):
        assert alert["summary"] == alert["reasons"][0] == text


def test_actors_are_listed_with_all_that_they_did_not_only_with_what_raised_an_alert() -> None:
    book = Activities()
    events = events_of([delete_repository("b", ip="198.51.100.1"), pull(repository="a")])
    book.note(events)
    collected = Collected()
    collected.add(an_alert(actor=events[0].actor))
    [actor] = data_in(alerts_page(collected, book.by_id, RUN))["actors"]
    assert actor["repositories"] == ["b", "a"]
    assert actor["addresses"] == ["198.51.100.1", "203.0.113.12"]
    assert actor["events"] == 2


def test_of_more_alerts_than_a_page_holds_the_most_severe_stay_in_order() -> None:
    alerts = [
        an_alert(number, severity=Severity.HIGH if number % 3 == 0 else Severity.LOW)
        for number in range(9)
    ]
    data = data_in(page_of(*alerts, most=4))
    assert [alert["time"] for alert in data["alerts"]] == sorted(
        alert["time"] for alert in data["alerts"]
    )
    assert [alert["id"] for alert in data["alerts"]] == [alerts[at].id for at in (0, 1, 3, 6)]
    assert data["left_out"] == 5


# On the command line


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.json"
    path.write_bytes(lines(delete_repository(), pull()))
    return path


def test_the_page_is_written_and_the_summary_printed(
    events: Path, tmp_path: Path, capsys: Captured
) -> None:
    page = tmp_path / "report.html"
    page.write_text("an older one")
    assert main(["replay", "--html", str(page), str(events)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"The page is in {page}\n")
    assert out.endswith("1 alert from 2 events.\n")
    assert len(data_in(page.read_text())["alerts"]) == 1
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_the_page_says_what_its_filters_left_out(events: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert main(["replay", "--html", str(page), "--min-severity", "critical", str(events)]) == 0
    data = data_in(page.read_text())
    assert (data["filtered"], data["filters"]) == (1, "critical or worse")


def test_where_the_page_cannot_be_written_the_alerts_are_printed(
    events: Path, tmp_path: Path, capsys: Captured
) -> None:
    page = tmp_path / "nowhere" / "report.html"
    assert main(["replay", "--html", str(page), str(events)]) == 1
    out, err = capsys.readouterr()
    assert err == (f"registrywatch: the page can't be written: {page}: No such file or directory\n")
    assert "Forced Repository Deleted" in out


def test_a_device_or_pipe_is_written_to_and_not_replaced(
    events: Path, tmp_path: Path, capsys: Captured
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text)
        assert main(["replay", "--html", str(pipe), str(events)]) == 0
    assert pipe.is_fifo()
    assert len(data_in(read.result())["alerts"]) == 1
    assert capsys.readouterr().out.startswith("The page is in ")


def test_a_symbolic_link_stays_one(events: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.html"
    link.symlink_to("report.html")
    assert main(["replay", "--html", str(link), str(events)]) == 0
    assert link.is_symlink()
    assert len(data_in((tmp_path / "report.html").read_text())["alerts"]) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "it is empty"), (".", "name a file to write"), ("-", "name a file to write")],
)
def test_what_is_no_file_is_wrong_usage(
    name: str, said: str, events: Path, capsys: Captured
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["replay", "--html", name, str(events)])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_page_and_json_at_once_is_wrong_usage(events: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["replay", "--json", "--html", "x.html", str(events)])
    assert caught.value.code == 2
