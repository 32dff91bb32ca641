"""The wheel, installed into an empty environment with msgspec alone: every command runs there."""

import json
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import files
from pathlib import Path

import pytest

from registrywatch import __version__
from registrywatch.cli import COMMANDS
from tests.builders.cloudtrail import delete_repository
from tests.builders.streams import lines

ROOT = Path(__file__).parents[1]
SECONDS = 120  # far more than any of them takes: a hang is to fail, not to wait for


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the sources, so that nothing is left among them."""
    folder = tmp_path_factory.mktemp("sources")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "shared", folder / "shared", ignore=ignored)
    build = "from setuptools.build_meta import build_wheel as build; build('.')"
    command = [sys.executable, "-c", build]  # as `pip wheel` does, in one process instead of three
    subprocess.run(command, check=True, timeout=SECONDS, cwd=folder, stdout=subprocess.DEVNULL)
    (built,) = folder.glob("*.whl")
    return built


_EACH = """
import contextlib, io, json, sys
from registrywatch.cli import main
for argv in json.load(sys.stdin):
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(argv)
        except SystemExit as stopped:
            status = stopped.code or 0
    print(json.dumps([status, *(each.buffer.getvalue().decode() for each in (out, err))]))
"""


class Environment:
    """A virtual environment with the wheel, msgspec, and nothing else."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder, with_pip=False)
        self.bin = folder / "bin"
        (site,) = folder.glob("lib/python*/site-packages")
        command = [sys.executable, "-m", "pip", f"--python={self.bin / 'python'}", "install"]
        command += ["--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
        subprocess.run([*command, wheel], check=True, timeout=SECONDS)
        for file in files("msgspec") or ():
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), target)

    def run(self, *arguments: str | Path, **settings: str) -> tuple[int, str, str]:
        """Exit status, stdout and stderr of the command."""
        done = self._process([self.bin / "registrywatch", *arguments], "", settings)
        return done.returncode, done.stdout, done.stderr

    def run_each(self, commands: list[list[str]], **settings: str) -> list[tuple[int, str, str]]:
        """The same of each command, one after the other in one process, which costs less."""
        done = self._process([self.bin / "python", "-c", _EACH], json.dumps(commands), settings)
        assert (done.returncode, done.stderr) == (0, "")
        return [tuple(json.loads(line)) for line in done.stdout.splitlines()]

    def _process(
        self, command: list[str | Path], stdin: str, settings: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            env={"PATH": str(self.bin), **settings},
        )
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    return Environment(tmp_path_factory.mktemp("environment"), wheel)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("events") / "events.json"
    path.write_bytes(lines(delete_repository()))
    return path


def test_the_wheel_holds_the_library_its_types_and_its_licence_and_no_tools(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name == f"registrywatch-{__version__}-py3-none-any.whl"
    assert {name.partition("/")[0] for name in names} == {
        "registrywatch",
        f"registrywatch-{__version__}.dist-info",
    }
    assert "registrywatch/py.typed" in names
    assert f"registrywatch-{__version__}.dist-info/licenses/LICENSE" in names
    sources = {str(each.relative_to(ROOT / "shared")) for each in (ROOT / "shared").rglob("*.py")}
    assert sources <= set(names)


def test_the_metadata_say_licence_readme_and_where_to_find_more(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
    metadata = archive.read(name).decode()
    assert "License-Expression: Apache-2.0\n" in metadata
    assert "Description-Content-Type: text/markdown\n" in metadata
    assert metadata.count("Project-URL: ") >= 4
    assert "Classifier: Typing :: Typed\n" in metadata
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: ")]
    assert [line for line in required if "extra ==" not in line] == ["Requires-Dist: msgspec"]


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    headings = [
        line.split()[1]
        for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
        if line.startswith("## ")
    ]
    assert headings[:2] == ["Unreleased", __version__]


def test_help_needs_no_extra(environment: Environment) -> None:
    commands = [["help"], ["--version"], *([each, "-h"] for each in COMMANDS)]
    found = [environment.run(), *environment.run_each(commands)]
    for argv, (status, out, err) in zip([[], *commands], found, strict=True):
        assert (status, err) == (0, ""), argv
        assert out, argv


READ_EVENTS = ("replay", "tune")  # tried with a file of events


def test_tune_prints_plainly_without_an_extra(environment: Environment, events: Path) -> None:
    status, out, err = environment.run("tune", events)
    assert (status, err) == (0, "")
    assert "ecr-forced-repository-deletion" in out


def test_replay_prints_plainly_without_an_extra(environment: Environment, events: Path) -> None:
    status, out, err = environment.run("replay", events)
    assert (status, err) == (0, "")
    assert "Forced Repository Deleted" in out
    assert out.endswith("1 alert from 1 event.\n")
    status, out, _ = environment.run("replay", "--json", events)
    assert (status, json.loads(out)["rule"]) == (0, "ecr-forced-repository-deletion")


QUEUES = [
    "--from",
    "https://sqs.eu-west-1.amazonaws.com/111122223333/a",
    "--to",
    "https://sqs.eu-west-1.amazonaws.com/111122223333/b",
]
STORAGE = ["--from", "https://a.queue.core.example/a", "--to", "https://a.queue.core.example/b"]
ENVIRONMENT = {
    "REGISTRYWATCH_SLACK_WEBHOOK_URL": "https://hooks.example/x",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
}

NEED_NO_EXTRA = [
    ["rules"],
    ["rules", "ecr-images-deleted"],
    ["rules", "--json"],
    ["show-alert", "ecr-images-deleted", "--as", "slack"],
    ["check-settings"],
    ["completions", "bash"],
]
NEED_AN_EXTRA = [
    (["check", "aws"], "aws"),
    (["learn", "--table", "t", "."], "aws"),
    (["test-alert"], "cli"),
    (["redeliver", *QUEUES], "aws"),
    (["redeliver", *STORAGE], "azure"),
    (["replay", "s3://bucket/prefix"], "remote"),
    (["tune", "az://account/container"], "remote"),
    (["replay", "athena://database/table"], "remote"),
    (["learn", "--azure", "."], "azure"),
    (["check", "azure", "--resource-group", "rw"], "azure"),
    (["test-alert", "--deployed", "azure", "--resource-group", "rw"], "azure"),
]


def test_every_command_is_tried_here() -> None:
    tried = {argv[0] for argv in (*NEED_NO_EXTRA, *(argv for argv, _ in NEED_AN_EXTRA))}
    assert tried | set(READ_EVENTS) == set(COMMANDS)


def test_what_needs_no_cloud_works_without_an_extra(environment: Environment) -> None:
    found = environment.run_each(NEED_NO_EXTRA)
    for argv, (status, out, err) in zip(NEED_NO_EXTRA, found, strict=True):
        assert (status, err) == (0, ""), argv
        assert out, argv


def test_a_command_that_lacks_its_extra_says_so_in_one_line(environment: Environment) -> None:
    found = environment.run_each([argv for argv, _ in NEED_AN_EXTRA], **ENVIRONMENT)
    for (argv, extra), (status, out, err) in zip(NEED_AN_EXTRA, found, strict=True):
        assert (status, out) == (2, ""), argv
        assert re.fullmatch(
            rf"registrywatch {argv[0]}: \w+ is not installed; "
            rf"run: pip install 'registrywatch\[{extra}\]'\n",
            err,
        ), argv


def test_settings_in_ssm_without_the_extra_are_one_line_too(environment: Environment) -> None:
    status, out, err = environment.run("rules", REGISTRYWATCH_CONFIG="ssm:/x")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "pip install 'registrywatch[aws]'" in err
