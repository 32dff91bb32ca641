"""`--learn`: earlier events teach what is usual, and raise nothing."""

import json
from pathlib import Path

import pytest

from registrywatch.cli import main
from tests.builders.clock import T0, iso
from tests.builders.cloudtrail import delete_repository, push, role, set_registry_scanning
from tests.builders.streams import lines

Captured = pytest.CaptureFixture[str]
DAY = 86_400.0
BY = role("builder")


def severities(capsys: Captured) -> dict[str, str]:
    """The severity of each alert about an unfamiliar push, by repository."""
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {
        alert["repository"]: alert["severity"]
        for alert in found
        if alert["rule"] == "ecr-unfamiliar-push"
    }


def test_what_was_learnt_is_familiar_and_the_learning_days_are_over(
    tmp_path: Path, capsys: Captured
) -> None:
    earlier, now = tmp_path / "earlier.json", tmp_path / "now.json"
    old = [push(f"v{day}", repository="known", by=BY, at=T0 - day * DAY) for day in range(2, 20)]
    earlier.write_bytes(lines(delete_repository(at=T0 - 3 * DAY), *reversed(old)))
    now.write_bytes(
        lines(*[push("v1", repository=name, by=BY, at=T0) for name in ("known", "unknown")])
    )
    assert main(["replay", "--json", str(now)]) == 0
    untaught = severities(capsys)
    assert set(untaught.values()) == {"informational"}
    assert main(["replay", "--json", "--learn", str(earlier), str(now)]) == 0
    taught = severities(capsys)
    assert "known" not in taught
    assert taught["unknown"] != "informational"


def test_what_is_learnt_from_raises_nothing_and_is_not_counted_as_read(
    tmp_path: Path, capsys: Captured
) -> None:
    earlier, now = tmp_path / "earlier.json", tmp_path / "now.json"
    earlier.write_bytes(lines(delete_repository("old", at=T0 - DAY)))
    now.write_bytes(lines(delete_repository("new", at=T0)))
    assert main(["replay", "--learn", str(earlier), str(now)]) == 0
    out = capsys.readouterr().out
    assert "old" not in out
    assert out.endswith("1 alert from 1 event.\n")


def test_a_path_to_learn_from_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["replay", "--learn", str(tmp_path / "none"), str(tmp_path)])
    assert caught.value.code == 2


def test_the_last_configuration_before_what_is_shown_is_known(
    tmp_path: Path, capsys: Captured
) -> None:
    earlier, now = tmp_path / "earlier.json", tmp_path / "now.json"
    earlier.write_bytes(lines(set_registry_scanning("ENHANCED", ("SCAN_ON_PUSH", "*"), at=T0)))
    now.write_bytes(lines(set_registry_scanning("BASIC", ("SCAN_ON_PUSH", "*"), at=T0 + 9 * DAY)))
    ways = [
        (["--learn", str(earlier), str(now)], "medium"),
        (["--since", iso(T0 + DAY), str(earlier), str(now)], "medium"),
        ([str(now)], "informational"),
    ]
    for arguments, severity in ways:
        assert main(["replay", "--json", *arguments]) == 0
        [alert] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert alert["severity"] == severity
