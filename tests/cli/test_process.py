"""The command as a process of its own: its exit status, its streams, and how it is stopped."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import registrywatch
from tests.builders.cloudtrail import delete_repository, digest, eventbridge, set_mutability
from tests.builders.streams import lines

COMMAND = [sys.executable, "-m", "registrywatch"]
SECONDS = 60  # far more than any of them takes: a hang is to fail, not to wait for


def environment(**settings: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("REGISTRYW")}
    return {**kept, "PYTHONPATH": str(Path(registrywatch.__file__).parents[1]), **settings}


def run(*argv: str | Path, stdin: bytes = b"", **settings: str) -> tuple[int, str, str]:
    """Exit status, stdout, stderr."""
    done = subprocess.run(
        [*COMMAND, *argv],
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        env=environment(**settings),
        check=False,
    )
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode()


def started(*argv: str | Path, **variables: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*COMMAND, *argv],
        env={**environment(), **variables},
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        # what runs in the background of a shell has interrupts ignored, and hands that on
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Events whose alerts are more than any pipe holds."""
    path = tmp_path / "many.json"
    path.write_bytes(lines(*[set_mutability("MUTABLE", repository=f"r{n}") for n in range(200)]))
    return path


def test_all_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(lines(delete_repository()))
    status, out, err = run("replay", "--json", path)
    assert (status, json.loads(out)["severity"], err) == (0, "high", "")


def test_something_could_not_be_read() -> None:
    status, out, err = run("replay", "--json", "-", stdin=b"oops\n" + lines(delete_repository()))
    assert (status, out.count("\n")) == (1, 1)
    assert err.startswith("registrywatch: standard input:1: not JSON")


def test_wrong_usage_and_wrong_settings() -> None:
    assert run("replay", "/nowhere")[:2] == (2, "")
    assert run("rules", "none")[:2] == (2, "")
    status, out, err = run("replay", stdin=lines(delete_repository()), REGISTRYWATCH_TYPO="x")
    assert (status, out) == (2, "")
    assert err.startswith("registrywatch: REGISTRYWATCH_TYPO is not a setting of registrywatch")


def test_a_closed_standard_input_is_wrong_usage() -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" replay - <&-', "sh", *COMMAND],
        capture_output=True,
        timeout=SECONDS,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"pipe events in" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_whatever_the_terminals_encoding_nothing_fails(encoding: str) -> None:
    data = lines(eventbridge(delete_repository("東京/🐳"))) + "{größe\n".encode()
    done = run("replay", stdin=data, PYTHONIOENCODING=encoding)
    assert (done[0], "1 alert from 1 event, 1 problem" in done[1]) == (1, True)


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("options", [["--json"], []], ids=["json", "people"])
def test_a_reader_who_has_had_enough_is_no_accident(
    many: Path, options: list[str], unbuffered: str
) -> None:
    """`registrywatch replay … | head -1`."""
    process = started("replay", *options, many, PYTHONUNBUFFERED=unbuffered)
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_an_interrupt_while_files_are_read_shows_what_was_read(tmp_path: Path) -> None:
    """Ctrl-C while the second input keeps it waiting."""
    first, waiting = tmp_path / "first.json", tmp_path / "second.json"
    first.write_bytes(lines(delete_repository()))
    os.mkfifo(waiting)
    process = started("replay", "--json", first, waiting)
    with waiting.open("wb"):  # opened as soon as the command opens it, after it has read the first
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert json.loads(out)["rule"] == "ecr-forced-repository-deletion"
    assert err == b"registrywatch: interrupted: only what was read until then counts\n"
    assert process.returncode == 130


def test_alerts_are_there_before_the_input_ends_and_an_interrupt_ends_it_quietly() -> None:
    """Ctrl-C while events are piped in."""
    process = started("replay", "--json")
    assert process.stdin is not None
    assert process.stdout is not None
    for name in ("one", "two"):
        process.stdin.write(lines(delete_repository(digest(name)[7:20])))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["rule"] == "ecr-forced-repository-deletion"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "command",
    [["replay", "many"], ["replay", "--json", "many"], ["rules"], ["--help"]],
    ids=" ".join,
)
def test_an_error_of_the_output_is_not_blamed_on_the_input(
    many: Path, command: list[str], unbuffered: str
) -> None:
    argv = [str(many) if each == "many" else each for each in command]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *argv],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
            env=environment(PYTHONUNBUFFERED=unbuffered),
            check=False,
        )
    expected = b"registrywatch: standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_a_closed_standard_output_is_said_in_one_line(many: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *COMMAND, "replay", str(many)],
        stderr=subprocess.PIPE,
        timeout=SECONDS,
        env=environment(),
        check=False,
    )
    expected = b"registrywatch: standard output is closed\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_an_interrupt_during_the_imports_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "msgspec.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    path = f"{tmp_path}{os.pathsep}{environment()['PYTHONPATH']}"
    process = started("replay", PYTHONPATH=path)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (130, b"", b"")
