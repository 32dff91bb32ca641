"""What all commands share: help, examples, exit statuses, completions, errors in one line."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from registrywatch import __version__
from registrywatch.cli import COMMANDS, main
from registrywatch.rules import CATALOGUE
from registrywatch.severity import Severity

QUEUES = "https://sqs.eu-west-1.amazonaws.com/111122223333"
Captured = pytest.CaptureFixture[str]


def help_of(command: str, capsys: Captured) -> str:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("argv", [[], ["help"], ["--help"]])
def test_without_a_command_the_help_is_shown(argv: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"\n    {command} " in shown for command in COMMANDS)


def test_help_with_a_command_shows_that_commands_help(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["help", "replay"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == help_of("replay", capsys)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_examples_and_exit_statuses(command: str, capsys: Captured) -> None:
    shown = help_of(command, capsys)
    _, found, epilog = shown.partition("\nexamples:\n")
    assert found
    assert f"  registrywatch {command}" in epilog
    assert "\nexit status:\n  0  " in epilog
    assert "  2  wrong usage, or a setting that can't be used" in epilog


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("columns", ["80", "200"])
def test_no_line_of_help_is_wider_than_the_terminal_but_for_examples(
    command: str, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    before, _, _ = help_of(command, capsys).partition("\nexamples:\n")
    assert all(len(line) <= int(columns) for line in before.splitlines())


def test_the_help_of_replay_has_each_of_its_exit_statuses(capsys: Captured) -> None:
    found = re.findall(r"^  (\d)  ", help_of("replay", capsys), re.MULTILINE)
    assert found == ["0", "1", "2", "3"]


def test_its_version_is_the_librarys(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"registrywatch {__version__}\n"


def test_an_unknown_command_is_wrong_usage_with_a_guess(capsys: Captured) -> None:
    assert main(["relpay"]) == 2
    assert capsys.readouterr().err == (
        "registrywatch: there is no command 'relpay'; did you mean replay?\n"
        "`registrywatch help` lists the commands\n"
    )
    assert main(["help", "zzz"]) == 2
    assert "did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        ["redeliver", "--from", f"{QUEUES}/a", "--to", f"{QUEUES}/b", "--show", ""],
        ["redeliver", "--from", f"{QUEUES}/a", "--to", f"{QUEUES}/b", "--destination", " "],
        ["check", "aws", "--stack", ""],
        ["check-settings", ""],
        ["rules", ""],
    ],
)
def test_an_empty_value_is_not_taken_for_none(argv: list[str], capsys: Captured) -> None:
    """`--show "$ID"` without an ID sent every letter again."""
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2
    assert ": it is empty\n" in capsys.readouterr().err


def test_a_missing_extra_is_one_line_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def lacking(*_: object) -> int:
        raise ModuleNotFoundError("No module named 'boto3'", name="boto3")

    monkeypatch.setattr("registrywatch.cli.rules.run", lacking)
    assert main(["rules"]) == 2
    assert capsys.readouterr().err == (
        "registrywatch rules: boto3 is not installed; run: pip install 'registrywatch[aws]'\n"
    )


def test_a_missing_module_that_no_extra_brings_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: object) -> int:
        raise ModuleNotFoundError("No module named 'msgspec'", name="msgspec")

    monkeypatch.setattr("registrywatch.cli.rules.run", lacking)
    with pytest.raises(ModuleNotFoundError):
        main(["rules"])


def script(shell: str, capsys: Captured) -> str:
    assert main(["completions", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_commands_options_and_rules(shell: str, capsys: Captured) -> None:
    shown = script(shell, capsys)
    assert all(command in shown for command in (*COMMANDS, "help"))
    assert all(rule.name in shown for rule in CATALOGUE)
    assert "severity" in shown
    assert "informational low medium high critical" in shown


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_in_the_shells_that_are_not_here_no_quote_stays_open(shell: str, capsys: Captured) -> None:
    """Both take a text in single quotes as it stands, as shlex does."""
    lines = [shlex.split(line) for line in script(shell, capsys).splitlines() if "'" in line]
    assert not [line for line in lines if any("'" in word for word in line)]
    of_help = "show a command s options and examples"
    assert any({of_help, f"help:{of_help}"} & {*line} for line in lines)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_itself_accepts_the_script(shell: str, capsys: Captured, tmp_path: Path) -> None:
    found = shutil.which(shell)
    if found is None:
        assert shell != "bash"  # which every machine has that runs the tests
        return
    path = tmp_path / "completions"
    path.write_text(script(shell, capsys))
    subprocess.run([found, "-n", path], check=True, timeout=60)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["re"], {"replay", "redeliver"}),
        (["rules", "ecr-images-d"], {"ecr-images-deleted"}),
        (["show-alert", "--sev"], {"--severity"}),
        (["show-alert", "--severity", "m"], {"medium"}),
        (["replay", "--min-severity", ""], {each.value for each in Severity}),
        (["replay", "--fail-on", "h"], {"high"}),
        (["replay", "--html", "ev"], {"events.json"}),
        (["replay", "ev"], {"events.json"}),
        (["help", "rul"], {"rules"}),
    ],
)
def test_bash_offers_what_can_follow(
    typed: list[str], offered: set[str], capsys: Captured, tmp_path: Path
) -> None:
    (tmp_path / "events.json").touch()
    words = ["registrywatch", *typed]
    lines = [
        script("bash", capsys),
        f"COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}",
        "_registrywatch",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        timeout=60,
    )
    assert set(done.stdout.split()) == offered
