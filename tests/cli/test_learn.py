"""`learn` and `replay --learn`: what earlier days teach, and that it is exact."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from registrywatch.aws.table import Table, TableRows
from registrywatch.cli import main
from registrywatch.detector.learning import Lessons
from registrywatch.errors import StoreError
from registrywatch.rows import MemoryRows
from registrywatch.rules import CATALOGUE
from registrywatch.rules.rule import Trust
from registrywatch.windows.acquaintance_stores import KIND, MemoryAcquaintances, RowAcquaintances
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    Json,
    delete_images,
    digest,
    eventbridge,
    foreign,
    pull,
    push,
    role,
)
from tests.builders.detecting import events_of
from tests.builders.dynamodb import new_table
from tests.builders.moto import aws_in_memory

DAY = 86_400


def month(actors: int = 3) -> list[Json]:
    """A month of everyday life."""
    made = []
    for day in range(0, 30, 3):
        at = T0 + day * DAY
        for n in range(25):
            by = role(f"team-{n % actors}")
            made.append(pull("v1", repository=f"r{n}", by=by, at=at + n * 300))
        made.append(push(f"b{day}", f"i{day}", by=role("CI"), at=at))
        made.append(delete_images(digest(day), by=role("Ops"), at=at))
    return made


def lines(path: Path, made: list[Json]) -> Path:
    path.write_text("".join(json.dumps(eventbridge(each)) + "\n" for each in made))
    return path


def lessons(made: list[Json]) -> Lessons:
    learnt = Lessons(CATALOGUE, {}, Trust())
    learnt.learn(events_of(made))
    return learnt


# replay --learn


def replayed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["replay", "--json", "--processes", "1", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_log_that_was_taught_raises_what_is_new_from_its_first_hour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = lines(tmp_path / "before.jsonl", month())
    new = [
        pull("v1", repository=f"x{n}", by=role("team-0"), at=T0 + 31 * DAY + n) for n in range(20)
    ]
    usual = [
        pull("v1", repository=f"r{n}", by=role(f"team-{n % 3}"), at=T0 + 31 * DAY + n)
        for n in range(25)
    ]
    after = str(lines(tmp_path / "after.jsonl", [*usual, *new]))
    untaught = replayed(capsys, after)
    assert {each["severity"] for each in untaught} == {"informational"}
    [alert] = replayed(capsys, "--learn", str(before), after)
    assert (alert["rule"], alert["severity"]) == ("ecr-unfamiliar-pull", "high")
    assert alert["count"] == 20


def test_what_teaches_raises_nothing_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = lines(tmp_path / "before.jsonl", [push("latest", by=foreign())])
    after = lines(tmp_path / "after.jsonl", [pull("v1", at=T0 + DAY)])
    assert replayed(capsys, "--learn", str(before), str(after)) == []


def test_a_file_that_cannot_be_learnt_from_makes_the_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{nonsense\n")
    good = lines(tmp_path / "good.jsonl", [pull("v1")])
    assert main(["replay", "--learn", str(bad), "--processes", "1", str(good)]) == 1
    assert "bad.jsonl" in capsys.readouterr().err


# Exactness


def test_learning_in_any_order_and_in_any_portions_teaches_the_same() -> None:
    whole, rng = MemoryAcquaintances(), random.Random(1)
    lessons(month()).write(whole)
    shuffled = rng.sample(month(), len(month()))
    parts = MemoryAcquaintances()
    for start in range(0, len(shuffled), 40):
        lessons(shuffled[start : start + 40]).write(parts)
    assert dict(parts._groups) == dict(whole._groups)
    assert parts._accounts == whole._accounts


def test_what_was_interrupted_is_completed_by_learning_again() -> None:
    rows, learnt = MemoryRows(), lessons(month())
    complete = MemoryRows()
    learnt.write(RowAcquaintances(complete, lambda: T0 + 31 * DAY))
    for calls in range(6):
        with pytest.raises(StoreError):
            learnt.write(RowAcquaintances(Failing(rows, calls), lambda: T0 + 31 * DAY))
    learnt.write(RowAcquaintances(rows, lambda: T0 + 31 * DAY))
    assert content(rows) == content(complete)
    learnt.write(RowAcquaintances(rows, lambda: T0 + 31 * DAY))
    assert content(rows) == content(complete)


def content(rows: MemoryRows) -> dict[str, object]:
    return {name: row.values for name, row in rows.rows.items()}


class Failing(MemoryRows):
    """The same rows, until so many calls were made."""

    def __init__(self, rows: MemoryRows, calls: int) -> None:
        super().__init__()
        self.rows, self.until = rows.rows, rows.until
        self._left = calls

    def get(self, name: str) -> Any:
        self._left -= 1
        if self._left < 0:
            raise StoreError("interrupted")
        return super().get(name)


# The command, on DynamoDB as moto plays it


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with aws_in_memory():
        yield new_table(boto3.client("dynamodb"))


def test_the_deployment_s_table_knows_what_the_logs_show(
    table: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today = SimpleNamespace(time=lambda: T0 + 31 * DAY)
    monkeypatch.setattr("registrywatch.cli.learn.time", today)
    path = str(lines(tmp_path / "month.jsonl", month()))
    for _ in range(2):
        assert main(["learn", "--table", table, "--processes", "1", path]) == 0
    printed = capsys.readouterr().out
    assert "Learnt from 270 events" in printed
    rows = TableRows(Table(table, boto3.client("dynamodb")), KIND)
    stored = RowAcquaintances(rows, lambda: T0 + 31 * DAY)
    expected = MemoryAcquaintances()
    lessons(month()).write(expected)
    for group, firsts in expected._groups.items():
        assert stored.read(group) == firsts
    assert stored.first_seen("111122223333", int(T0) + DAY) == T0


def test_no_write_writes_nothing_and_needs_no_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(lines(tmp_path / "month.jsonl", month()))
    assert main(["learn", "--no-write", "--processes", "1", path]) == 0
    assert capsys.readouterr().out.startswith("Would learn from 270 events: ")


def test_since_leaves_out_what_is_older(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(lines(tmp_path / "month.jsonl", month()))
    arguments = ["--since", "2026-08-25T00:00:00Z", "--processes", "1", path]
    assert main(["learn", "--no-write", *arguments]) == 0
    assert capsys.readouterr().out.startswith("Would learn from 54 events: ")


def test_without_a_table_it_says_what_to_name(tmp_path: Path) -> None:
    path = str(lines(tmp_path / "x.jsonl", [pull("v1")]))
    environ = {name: text for name, text in os.environ.items() if "REGISTRYWATCH" not in name}
    command = [sys.executable, "-m", "registrywatch", "learn", path]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 2
    assert "REGISTRYWATCH_TABLE is not set; name the deployment's table by --table" in done.stderr
