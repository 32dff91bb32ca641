"""The filters of `replay`, and its status where an alert is bad enough."""

import json
from pathlib import Path

import pytest

from registrywatch.cli import main
from registrywatch.cli.selection import moment
from tests.builders import azure
from tests.builders.cases import for_each
from tests.builders.clock import T0, iso
from tests.builders.cloudtrail import delete_repository, pull, set_mutability
from tests.builders.streams import lines

Captured = pytest.CaptureFixture[str]
HOUR = 3600


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Two files whose alerts are not in order of time: at 0, 1, 2, 3 and 4 hours."""
    (tmp_path / "1.json").write_bytes(
        lines(
            set_mutability("MUTABLE", repository="shop/late", at=T0 + 3 * HOUR),
            delete_repository("shop/early", at=T0),
            set_mutability("MUTABLE", repository="infra/dns", at=T0 + 2 * HOUR),
        )
    )
    (tmp_path / "2.json").write_bytes(
        lines(
            delete_repository("shop/middle", at=T0 + HOUR),
            azure.deleted(None, "orders", at=T0 + 4 * HOUR),
        )
    )
    return tmp_path


def shown(events: Path, capsys: Captured, *options: str) -> list[str]:
    """The repositories of the alerts that are shown."""
    assert main(["replay", "--json", *options, str(events)]) == 0
    return [json.loads(line)["repository"] for line in capsys.readouterr().out.splitlines()]


def test_alerts_are_in_order_of_time_over_all_files(events: Path, capsys: Captured) -> None:
    assert shown(events, capsys) == [
        "shop/early",
        "shop/middle",
        "infra/dns",
        "shop/late",
        "orders",
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--since", iso(T0 + HOUR)], ["shop/middle", "infra/dns", "shop/late", "orders"]),
        (["--until", iso(T0 + HOUR)], ["shop/early"]),
        (["--since", "2026-08-01", "--until", "2026-08-01", "--rule", "*deletion"], None),
        (["--since", "2026-08-02"], []),
        (["--rule", "ecr-tag-overwrite-enabled"], ["infra/dns", "shop/late"]),
        (["--rule", "ecr-forced-*", "--rule", "acr-*"], ["shop/early", "shop/middle", "orders"]),
        (["--min-severity", "HIGH"], ["shop/early", "shop/middle", "orders"]),
        (["--account", "1111*"], ["shop/early", "shop/middle", "infra/dns", "shop/late"]),
        (["--account", "999"], []),
        (["--repository", "infra/*", "--repository", "orders"], ["infra/dns", "orders"]),
    ],
)
def test_filters_choose_alerts(
    options: list[str], expected: list[str] | None, events: Path, capsys: Captured
) -> None:
    expected = ["shop/early", "shop/middle", "orders"] if expected is None else expected
    assert shown(events, capsys, *options) == expected


def test_what_names_no_repository_passes_a_filter_on_repositories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD", "2")
    path = tmp_path / "pulls.json"
    path.write_bytes(lines(pull("1", repository="a"), pull("2", repository="b")))
    options = ["--rule", "ecr-excessive-image-pull", "--repository", "c"]
    assert shown(path, capsys, *options) == [None]


def test_events_before_the_time_asked_for_still_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD", "2")
    path = tmp_path / "pulls.json"
    path.write_bytes(lines(pull("1", repository="a"), pull("2", repository="a", at=T0 + 60)))
    options = ["--rule", "ecr-excessive-image-pull", "--since", iso(T0 + 30)]
    assert shown(path, capsys, *options) == ["a"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--fail-on", "high"], 3),
        (["--fail-on", "low"], 3),
        (["--fail-on", "critical"], 0),
        (["--fail-on", "high", "--rule", "ecr-tag-*"], 0),
    ],
)
def test_fail_on_gives_3_where_an_alert_that_is_shown_reaches_it(
    options: list[str], status: int, events: Path, capsys: Captured
) -> None:
    assert main(["replay", "--json", *options, str(events)]) == status


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--since", "yesterday", "'yesterday' must be a time"),
        ("--until", "2026-13-01", "must be a time"),
        ("--min-severity", "bad", "'bad' must be one of informational, low"),
        ("--rule", "ecr-images-deletd", "did you mean ecr-images-deleted?"),
        ("--fail-on", "", "must be one of"),
        ("--account", "", "it is empty; * is everything"),
        ("--repository", " ", "it is empty; * is everything"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_wrong_usage(
    option: str, value: str, said: str, events: Path, capsys: Captured
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["replay", option, value, str(events)])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_the_summary_says_what_the_filters_left_out(events: Path, capsys: Captured) -> None:
    options = ["--since", iso(T0 + HOUR), "--min-severity", "high", "--repository", "shop/*"]
    assert main(["replay", *options, str(events)]) == 0
    assert capsys.readouterr().out.endswith(
        "\n1 alert from 5 events.\n4 more alerts do not pass the filters "
        "(since 2026-08-01T10:00:00Z, high or worse, repository shop/*).\n"
    )
    assert main(["replay", "--account", "9*", "--rule", "acr-*", str(events)]) == 0
    assert capsys.readouterr().out == (
        "0 alerts from 5 events.\n5 more alerts do not pass the filters (rule acr-*, account 9*).\n"
    )
    assert main(["replay", "--until", "2099-01-01", str(events)]) == 0
    assert "filters" not in capsys.readouterr().out


def test_a_time_span_of_nothing_is_wrong_usage(events: Path, capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(["replay", "--since", "2026-08-02", "--until", "2026-08-01", str(events)])
    assert "--since must be before --until" in capsys.readouterr().err


@for_each(
    ("text", "at"),
    [
        ("30d", T0 - 30 * 86_400),
        ("12h", T0 - 12 * HOUR),
        ("2w", T0 - 14 * 86_400),
        ("2026-08-01", T0 - 9 * HOUR),
        ("2026-08-01T11:00:00+02:00", T0),
        ("2026-08-01t09:00:00z", T0),
    ],
)
def test_a_time_is_written_in_several_ways(text: str, at: float) -> None:
    assert moment(text, end_of_day=False, clock=lambda: T0) == at


@for_each("text", ["", "d", "1y", "20260801", "2026-08-01T25:00:00Z", "١d"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="a time"):
        moment(text, end_of_day=False)
