"""`registrywatch replay` as it is typed: what it prints, where, and with which exit status."""

import gzip
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from registrywatch.cli import main, reading
from registrywatch.sources.inputs import Input
from registrywatch.sources.many import Part, parts
from registrywatch.windows.memory import MemoryStore
from tests.builders import azure
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    by_docker,
    delete_repository,
    eventbridge,
    log_file,
    looked_up,
    pull,
    record,
    set_mutability,
)
from tests.builders.streams import indented, lines

Captured = pytest.CaptureFixture[str]
DELETED = delete_repository(event_id="11111111-0000-4000-8000-00000000dead")
QUIET = [pull(), record("DescribeImages"), delete_repository(force=False)]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A file with three everyday events and one that raises an alert."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(*map(eventbridge, [*QUIET, DELETED])))
    return path


def rules_in(out: str) -> list[str]:
    return [json.loads(line)["rule"] for line in out.splitlines()]


# What goes where


def test_with_json_stdout_holds_alerts_alone_one_a_line(events: Path, capsys: Captured) -> None:
    assert main(["replay", "--json", str(events)]) == 0
    out, err = capsys.readouterr()
    assert rules_in(out) == ["ecr-forced-repository-deletion"]
    assert json.loads(out)["events"] == [DELETED["eventID"]]
    assert err == ""


def test_with_json_and_nothing_to_tell_stdout_is_empty(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "quiet.json").write_bytes(lines(log_file(*QUIET)))
    assert main(["replay", "--json", str(tmp_path)]) == 0
    assert capsys.readouterr() == ("", "")


def test_for_people_it_says_what_who_where_and_why(events: Path, capsys: Captured) -> None:
    assert main(["replay", str(events)]) == 0
    out, err = capsys.readouterr()
    for told in (
        "HIGH",
        "Forced Repository Deleted",
        "2026-08-01 09:00:00",
        "Dev/alice",
        "arn:aws:iam::111122223333:role/Dev from 203.0.113.12",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/prod/api",
        "ecr-forced-repository-deletion",
        DELETED["eventID"],
    ):
        assert told in out
    assert err == ""
    assert "\x1b" not in out, "no colour where no terminal is"


def test_at_the_end_the_rules_are_summed_up_the_worst_first(
    tmp_path: Path, capsys: Captured
) -> None:
    lax = [set_mutability("MUTABLE", repository=f"r{n}") for n in range(3)]
    (tmp_path / "a.json").write_bytes(lines(*lax, DELETED, *QUIET))
    assert main(["replay", str(tmp_path)]) == 0
    *_, head, first, second, last = capsys.readouterr().out.splitlines()
    assert head.split() == ["rule", "alerts", "by", "severity"]
    assert first.split() == ["ecr-forced-repository-deletion", "1", "1", "high"]
    assert second.split() == ["ecr-tag-overwrite-enabled", "3", "3", "medium"]
    assert last == "4 alerts from 7 events."


def test_problems_are_counted_in_the_summary(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.json").write_bytes(b"oops\n" + lines(DELETED))
    assert main(["replay", str(tmp_path)]) == 1
    assert capsys.readouterr().out.endswith("1 alert from 1 event, 1 problem (see above).\n")


# What it reads


def test_a_folder_is_read_whole_and_told_apart_by_content(tmp_path: Path, capsys: Captured) -> None:
    deep = tmp_path / "AWSLogs" / "111122223333" / "CloudTrail" / "2026"
    deep.mkdir(parents=True)
    (deep / "one.json.gz").write_bytes(gzip.compress(lines(log_file(DELETED))))
    (tmp_path / "two.ndjson").write_bytes(lines(eventbridge(delete_repository("two"))))
    (tmp_path / "three.JSON").write_bytes(indented(looked_up(delete_repository("three"))))
    (tmp_path / "grid").write_bytes(lines([azure.deleted(None)]))
    (tmp_path / "hub.log").write_bytes(
        lines(azure.hub(azure.logged("Delete", None, None, repository="other")))
    )
    assert main(["replay", "--json", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert sorted(rules_in(out)) == [
        *["acr-forced-repository-deletion"] * 2,
        *["ecr-forced-repository-deletion"] * 3,
    ]
    assert err == ""


def test_what_cannot_hold_events_is_left_out_of_a_folder(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "events.json").write_bytes(lines(DELETED))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main")
    (tmp_path / ".hidden.json").write_text("{oops")
    (tmp_path / "empty.json").write_bytes(b"")
    (tmp_path / "a.json").mkdir()
    assert main(["replay", "--json", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert (len(rules_in(out)), err) == (1, "")


def test_a_named_file_is_read_whatever_it_is_called(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / ".hidden.bin"
    path.write_bytes(gzip.compress(lines(DELETED)))
    assert main(["replay", "--json", str(path)]) == 0
    assert len(rules_in(capsys.readouterr().out)) == 1


def test_several_paths_are_one_history(tmp_path: Path, capsys: Captured) -> None:
    """A burst that is spread over files is one burst, and a repeated event raises nothing more."""
    pulls = [by_docker(pull(f"v{n}", at=T0 + n)) for n in range(100)]
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    first.write_bytes(lines(log_file(*pulls[:60], DELETED)))
    second.write_bytes(lines(*map(eventbridge, [*pulls[60:], DELETED])))
    assert main(["replay", "--json", str(second), str(first)]) == 0
    assert sorted(rules_in(capsys.readouterr().out)) == [
        "ecr-excessive-image-pull",
        "ecr-forced-repository-deletion",
    ]


@pytest.mark.parametrize("paths", [[], ["-"]])
def test_standard_input_is_read(
    paths: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    data = io.BytesIO(gzip.compress(lines(DELETED) + b"oops\n"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(data)))
    assert main(["replay", "--json", *paths]) == 1
    out, err = capsys.readouterr()
    assert len(rules_in(out)) == 1
    assert err.startswith("registrywatch: standard input:2: not JSON")


def test_an_event_of_no_rule_and_an_empty_file_are_no_error(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "a.json").write_bytes(lines(record("SomethingNew"), {"Records": []}))
    (tmp_path / "b.json").write_bytes(b"")
    assert main(["replay", str(tmp_path)]) == 0
    assert capsys.readouterr() == ("0 alerts from 1 event.\n", "")


def test_documents_of_an_unknown_kind_are_never_all_clear(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "mixed.json"
    path.write_bytes(lines(DELETED) + b'{"name": "app"}\n' * 20)
    assert main(["replay", "--json", str(path)]) == 1
    out, err = capsys.readouterr()
    assert len(rules_in(out)) == 1
    assert err == (
        f"registrywatch: {path}:2: not understood, 20 times, "
        "first: an object with the fields name\n"
    )


def test_of_a_file_that_is_no_json_at_all_there_is_one_line(
    tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"some text\n" * 1000)
    assert main(["replay", "--json", str(path)]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"registrywatch: {path}:1: not JSON")
    assert line.endswith(", and 999 more lines like it")


def test_what_is_recognised_as_something_else_is_named_once_and_is_no_fault(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "a.log").write_bytes(b"2 111122223333 eni-1 ACCEPT OK\n" * 1000)
    (tmp_path / "b.log").write_bytes(b"2 111122223333 eni-1 ACCEPT OK\n" * 1000)
    (tmp_path / "c.json").write_bytes(lines({"digestStartTime": "2026-08-01T09:00:00Z"}))
    assert main(["replay", "--json", str(tmp_path)]) == 0
    [line] = capsys.readouterr().err.splitlines()
    assert line == (
        "registrywatch: skipped, no registry events: "
        "2,000 × VPC flow logs; 1 × CloudTrail digest files"
    )


def test_empty_input_is_never_all_clear(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """Such as what a command that failed has printed into the pipe."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert main(["replay", "--json"]) == 1
    assert capsys.readouterr().err == (
        "registrywatch: the input is empty: there was nothing to read\n"
    )


# What goes wrong


def test_a_line_that_cannot_be_read_is_named_and_the_rest_is_read(
    tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(lines(*QUIET) + b"\nthis is no json\r\n" + lines(DELETED))
    assert main(["replay", "--json", str(path)]) == 1
    out, err = capsys.readouterr()
    assert len(rules_in(out)) == 1
    assert err.startswith(f"registrywatch: {path}:5: not JSON: ")
    assert err.count("\n") == 1


def test_a_broken_file_harms_no_other(tmp_path: Path, capsys: Captured) -> None:
    whole = gzip.compress(lines(*QUIET) + lines(DELETED), mtime=0)
    (tmp_path / "a.json.gz").write_bytes(whole[:-20])
    (tmp_path / "b.json").write_bytes(lines(delete_repository("b")))
    (tmp_path / "c.json").write_bytes(b"\xff\xff\xff")
    assert main(["replay", "--json", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert "b" in [json.loads(line)["repository"] for line in out.splitlines()]
    assert f"{tmp_path / 'a.json.gz'}:" in err
    assert "the gzip data is broken" in err
    assert f"{tmp_path / 'c.json'}:1: not UTF-8" in err
    assert "Traceback" not in err


def test_a_path_that_does_not_exist_is_wrong_usage(events: Path, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["replay", "--json", str(events), str(events.parent / "nowhere")])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert (out, "nowhere': there is no such file or folder" in err) == ("", True)


def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_read(
    events: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    locked = events.parent / "locked.json"
    locked.write_bytes(lines(delete_repository("locked")))
    opened = Path.open

    def only_others(self: Path, *how: Any, **more: Any) -> Any:
        if self == locked:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *how, **more)

    monkeypatch.setattr(Path, "open", only_others)
    assert main(["replay", "--json", str(locked), str(events)]) == 1
    out, err = capsys.readouterr()
    assert len(rules_in(out)) == 1
    assert err == f"registrywatch: {locked}: Permission denied\n"


def test_an_event_that_the_detector_fails_on_is_named(
    events: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no more room")

    monkeypatch.setattr(MemoryStore, "add", fail)
    events.write_bytes(lines(pull(event_id="the-pull"), DELETED))
    assert main(["replay", "--json", str(events)]) == 1
    out, err = capsys.readouterr()
    assert rules_in(out) == ["ecr-forced-repository-deletion"]
    assert err == f"registrywatch: {events}: event the-pull: OSError: no more room\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTRYWATCH_TRUSTED_ACCOUNTS", "12"),
        ("REGISTRYWATCH_TYPO", "x"),
        ("REGISTRYWATCH_CONFIG", "/nowhere.json"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_it_before_anything_is_read(
    name: str, value: str, events: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(reading, "parts_by", lambda *_: pytest.fail("something was read"))
    assert main(["replay", str(events)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.startswith(f"registrywatch: {name}")) == ("", True)


def test_settings_tune_it_as_they_tune_the_cloud_functions(
    events: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("REGISTRYWATCH_ECR_FORCED_REPOSITORY_DELETION_SEVERITY", "low")
    monkeypatch.setenv("REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD", "1")
    assert main(["replay", "--json", str(events)]) == 0
    alerts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {alert["rule"]: alert["severity"] for alert in alerts} == {
        "ecr-excessive-image-pull": "medium",
        "ecr-forced-repository-deletion": "low",
    }


@pytest.mark.parametrize("argv", [["replay", "--yaml"], ["replay", "--json=yes"], ["replay", ""]])
def test_wrong_usage_ends_with_2(argv: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    said, hint = capsys.readouterr().err.splitlines()
    assert said.startswith("registrywatch replay: ")
    assert hint == "`registrywatch help replay` shows what can be typed"


@pytest.mark.parametrize(
    ("begins", "problem"),
    [
        (b"\x28\xb5\x2f\xfd", "packed by zstd: unpack it first"),
        (b"PK\x03\x04", "packed by zip: unpack it first"),
        (b"BZh9", "packed by bzip2: unpack it first"),
        (b"\xfd7zXZ", "packed by xz: unpack it first"),
        (b"PAR1", "a Parquet file, which is not read"),
    ],
)
def test_a_file_of_another_kind_is_one_line_that_says_which(
    begins: bytes, problem: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(begins + b"\x80\n" * 9)
    assert main(["replay", str(path)]) == 1
    assert capsys.readouterr().err == f"registrywatch: {path}:1: {problem}\n"


# Ctrl-C


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading is interrupted after the first input."""

    def parts_by(_: int, inputs: Sequence[Input], __: Sequence[int]) -> Iterator[Part]:
        yield from parts(inputs[:1])
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "parts_by", parts_by)


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize("options", [[], ["--json"], ["--fail-on", "low"]])
def test_after_an_interrupt_what_was_read_is_shown(
    options: list[str], events: Path, capsys: Captured
) -> None:
    assert main(["replay", *options, str(events), str(events)]) == 130
    out, err = capsys.readouterr()
    assert "ecr-forced-repository-deletion" in out
    assert err == "registrywatch: interrupted: only what was read until then counts\n"


@pytest.mark.usefixtures("interrupted")
def test_after_an_interrupt_what_was_read_is_counted(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "pulls.json"
    path.write_bytes(lines(log_file(*[pull(f"v{n}", at=T0 + n) for n in range(100)])))
    assert main(["replay", "--json", str(path), str(path)]) == 130
    assert "ecr-excessive-image-pull" in rules_in(capsys.readouterr().out)


@pytest.mark.usefixtures("interrupted")
def test_after_an_interrupt_tune_reports_on_what_was_read(events: Path, capsys: Captured) -> None:
    assert main(["tune", "--json", str(events), str(events)]) == 130
    report = json.loads(capsys.readouterr().out)
    assert (report["records"], report["problems"]) == (4, 1)


@pytest.mark.usefixtures("interrupted")
def test_after_an_interrupt_what_was_read_is_learnt(events: Path, capsys: Captured) -> None:
    assert main(["learn", "--no-write", str(events), str(events)]) == 130
    assert capsys.readouterr().out.startswith("Would learn from 3 events: ")


# Folders


def test_a_folder_that_cannot_be_listed_is_named(
    events: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    locked = events.parent / "locked"
    locked.mkdir()
    scandir = os.scandir

    def refused(path: Any) -> Any:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert main(["replay", "--json", str(events.parent)]) == 1
    out, err = capsys.readouterr()
    assert len(rules_in(out)) == 1
    assert err == f"registrywatch: {locked}: Permission denied\n"


def test_a_folder_without_any_file_of_events_is_never_all_clear(
    tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "a.zst").write_bytes(b"x")
    assert main(["replay", "--json", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"registrywatch: {tmp_path}: the folder holds no file of events, only 1 .zst\n"
    )
