"""Names, tags and policies are of an attacker's making: a terminal shows them and obeys none."""

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registrywatch.cli import main
from tests.builders import azure
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    ACCOUNT,
    Json,
    allow,
    create_repository,
    delete_images,
    digest,
    pull,
    role,
    set_lifecycle,
    set_mutability,
    set_policy,
    user,
)
from tests.builders.streams import lines

Captured = pytest.CaptureFixture[str]

OURS = re.compile(r"\x1b\[[0-9;]*m")
"""Colours and weights, as rich sets them."""

INVISIBLE_AT_MOST = {"\U000e0041", "\U000e0042", "\u00ad"}
"""What JSON may hold as it is: nothing is drawn for it, and no terminal obeys it."""

HOSTILE = {
    "clears the screen": "\x1b[2J\x1b[H",
    "blinks": "\x1b[5m",
    "sets the title": "\x1b]0;owned\x07",
    "makes a link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "C1 controls": "\x9b2J\x9d0;owned\x9c",
    "draws over the line": "harmless\rREPLACED\x08\x08",
    "new lines": "a\nregistrywatch: all is well\n",
    "reads backwards": "\u202egpj.exe\u202c \u2066x\u2069",
    "hides": "zero\u200bwidth\u2060\ufeff\u00ad",
    "other line breaks": "a\u2028b\u2029c\x85d\x0bd\x0ce",
    "markup": "[bold red on white]x[/][link=https://evil.example]y[/link]",
    "null and delete": "a\x00b\x7f",
    "tags": "\U000e0041\U000e0042",
    "fillers": "\u3164\u2800\uffa0",
}


def made(text: str) -> list[Json]:
    """Events that raise alerts, with the text wherever somebody may choose it."""
    repository = f"repo/{text}"
    told: Json = {
        "repository": repository,
        "by": role(f"Dev{text}", f"alice{text}"),
        "agent": f"curl{text}",
        "ip": f"2001:db8::1{text}",
    }
    return [
        create_repository(tls=f"TLSv1.0{text}", mutability=f"MUTABLE{text}", **told),
        delete_images(digest(text), tags={f"latest{text}": digest(text)}, **told),
        set_policy(allow(f"ecr:*{text}", "ecr:*", to={"AWS": f"*{text}"}, Sid=text), **told),
        set_policy(f"not json {text}", **told),
        set_lifecycle(f"{{{text}", **told),
        set_mutability(f"MUTABLE{text}", f"v*{text}", **told),
        set_mutability("IMMUTABLE_WITH_EXCLUSION", f"v*{text}", **told),
        set_mutability("MUTABLE", by=user(text), region=f"eu-west-1{text}"),
        {**set_mutability("MUTABLE"), "eventID": f"id{text}", "recipientAccountId": ACCOUNT},
        *[pull(f"tag{n}{text}", at=T0 + n, **told) for n in range(3)],
        azure.deleted(f"{text}", repository, by=f"bob{text}", request="r1"),
        azure.deleted(None, repository + "2", by=f"bob{text}", registry=f"reg{text}"),
        azure.plan_changed(by=f"eve{text}"),
    ]


def steering(text: str) -> set[str]:
    """The characters by which text could steer a terminal or hide from its reader."""
    return {each for each in text if unicodedata.category(each)[0] == "C" and each != "\n"}


def unseen(text: str) -> set[str]:
    return steering(text) | (set(text) & set("\u2028\u2029\u3164\u2800\uffa0"))


def replayed(path: Path, text: str, capsys: Captured, *options: str) -> tuple[str, str]:
    path.write_bytes(lines(*made(text)))
    assert main(["replay", *options, str(path)]) == 0
    return capsys.readouterr()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("REGISTRYWATCH_ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD", "3")
    return tmp_path / "events.json"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_terminal_gets_no_sequence_but_our_colours(
    text: str, path: Path, capsys: Captured
) -> None:
    out, err = replayed(path, text, capsys)
    assert "\x1b[" in out, "a terminal is pretended, with colours"
    assert "\x1b[5m" not in out
    assert not unseen(OURS.sub("", out))
    assert err == ""
    assert " 13 alerts " in f" {out.splitlines()[-1]}".replace("\x1b[1m", " ")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_as_json_nothing_hidden_is_written_as_it_is(
    text: str, path: Path, capsys: Captured
) -> None:
    out, err = replayed(path, text, capsys, "--json")
    assert not steering(out) - INVISIBLE_AT_MOST
    assert len(out.splitlines()) == len(out.split("\n")) - 1 == 13
    alerts = [json.loads(line) for line in out.splitlines()]
    assert f"repo/{text}" in {alert["repository"] for alert in alerts}, "and nothing is lost"
    assert err == ""


def test_markup_is_shown_as_it_was_written(path: Path, capsys: Captured) -> None:
    out, _ = replayed(path, "[bold]x[/bold]", capsys)
    assert "[bold]x[/bold]" in OURS.sub("", out)


def test_what_cannot_be_seen_is_made_visible(path: Path, capsys: Captured) -> None:
    out, _ = replayed(path, "\x1b\u202e", capsys)
    assert r"repo/\x1b\u202e" in OURS.sub("", out)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_messages_about_bad_input_are_as_safe(text: str, tmp_path: Path, capsys: Captured) -> None:
    """The record's own names, an unusable value, even the name of the file."""
    name = "".join(each for each in text if each not in "/\x00") or "x"
    path = tmp_path / f"{name}.json"
    broken: list[Json] = [
        {**set_mutability("MUTABLE"), "eventTime": f"then{text}"},
        {**set_mutability("MUTABLE"), "eventID": f"id{text}", "eventTime": 5},
        {**azure.deleted(), "id": text, "eventTime": f"{text}"},
    ]
    path.write_bytes(lines(*broken))
    assert main(["replay", "--json", str(path)]) == 1
    err = capsys.readouterr().err
    assert not unseen(err)
    assert err.count("\n") == 3


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("command", [lambda x: ["replay", x], lambda x: ["rules", x]])
def test_messages_about_wrong_usage_are_as_safe(
    text: str, command: Callable[[str], list[str]], capsys: Captured
) -> None:
    argument = "nowhere" + text.replace("\x00", "")
    with pytest.raises(SystemExit):
        main(command(argument))
    assert not unseen(capsys.readouterr().err)


@given(st.text(max_size=12).filter(lambda text: text.isprintable() is False))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_shown_and_obeyed_by_nobody(path: Path, capsys: Captured, text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    out, _ = replayed(path, text, capsys)
    assert not unseen(OURS.sub("", out))
