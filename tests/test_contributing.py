"""The walks of CONTRIBUTING.md, followed to the letter in a copy of the project.

A walk writes one new file and adds to one list; a setting needs no file. Nothing else is touched.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.cloudtrail import Json, delete_repository, eventbridge, push
from tests.builders.streams import lines

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SECONDS = 120  # far more than any of them takes: a hang is to fail, not to wait for


def blocks(walk: str, language: str) -> list[str]:
    """The code blocks of one walk, by its heading."""
    section = PAGE.partition(f"\n## {walk}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


class Project:
    """A copy of what a walk may touch or run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("*.egg-info")  # what is compiled already is used again
        for name in ("shared", "tools", "docs", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", folder)

    def follow(self, walk: str) -> list[str]:
        """Write the new file, change the others. Returns the commands that follow."""
        for source in blocks(walk, "python"):
            first, _, text = source.partition("\n")
            new = self.folder / first.removeprefix("# ")
            assert not new.exists()
            new.write_text(text)
            self._lint(new)
        for diff in blocks(walk, "diff"):
            for name, hunk in re.findall(r"^--- (.+)\n((?:[ +].*\n)+)", diff, re.MULTILINE):
                changed = self.folder / name
                changed.write_text(patched(changed.read_text("utf-8"), hunk.splitlines()))
                self._lint(changed, "--ignore=I")  # a walk leaves the order of imports to ruff
        return [line for block in blocks(walk, "sh") for line in block.splitlines()]

    def _lint(self, path: Path, *options: str) -> None:
        self.run("ruff", "check", "--quiet", *options, path)
        self.run("ruff", "format", "--quiet", "--check", path)

    def test(self, path: str, *options: str) -> None:
        """Run tests that iterate over the lists, and so try the new member too."""
        self.run("pytest", "-x", "-p", "no:cacheprovider", path, *options)

    def run(self, *command: str | Path, **variables: str) -> str:
        """The output of a command that must succeed, in the copy."""
        name, *arguments = map(str, command)
        module = {"python": []}.get(name, ["-m", name])
        done = subprocess.run(
            [sys.executable, *module, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            cwd=self.folder,
            env={"PYTHONPATH": f"{self.folder / 'shared'}:{self.folder}", **variables},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def patched(text: str, diff: list[str]) -> str:
    """The text with the lines of a diff: each after the line before it, imports at the top."""
    kept = text.splitlines()
    at = next(n for n, line in enumerate(kept) if line.startswith(("from ", "import ")))
    for line in diff:
        if line.startswith("+"):
            kept.insert(at, line[1:])
            at += 1
        else:
            at = kept.index(line[1:], at) + 1
    return "\n".join((*kept, ""))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def typed(line: str) -> tuple[list[str], dict[str, str]]:
    """A line of a shell: the words, and the variables that are set before them."""
    words = line.split()
    variables = {}
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    return words, variables


def events(project: Project, *payloads: Json) -> None:
    (project.folder / "events.json").write_bytes(lines(*payloads))


def printed_by(project: Project, commands: list[str]) -> list[str]:
    """What each command of a walk prints."""
    printed = []
    for line in commands:
        words, variables = typed(line)
        printed.append(project.run(*words, **variables))
    return printed


def test_the_walk_that_adds_a_rule(project: Project) -> None:
    commands = project.follow("Add a rule")
    events(project, push(tag="debug-1"), push(tag="v1"))
    rules, replay, show_alert, _ = printed_by(project, commands)
    assert "REGISTRYWATCH_ECR_DEBUG_IMAGE_PUSHED_SEVERITY = (not set)" in rules
    project.test("tests/rules/test_catalogue.py")
    assert "pushed a debug image" in replay
    assert "2 alerts from 2 events." in replay  # the other: a first push, while it learns
    assert "Debug Image Pushed" in json.dumps(json.loads(show_alert))
    page = (project.folder / "docs/rules.md").read_text("utf-8")
    assert "## ecr-debug-image-pushed" in page
    off = {"REGISTRYWATCH_ECR_DEBUG_IMAGE_PUSHED_ENABLED": "false"}
    assert "1 alert from 2 events." in project.run("registrywatch", "replay", "events.json", **off)


def test_the_walk_that_adds_a_destination(project: Project) -> None:
    commands = project.follow("Add a destination")
    show_alert, check_settings, _ = printed_by(project, commands)
    project.test("tests/delivery/destinations/test_every_kind.py")
    project.test("tests/settings/test_variables.py")
    assert json.loads(show_alert)["title"].startswith("high: ")
    assert "Alerts go to ntfy (from low)." in check_settings
    page = (project.folder / "docs/settings.md").read_text("utf-8")
    assert "`REGISTRYWATCH_NTFY_URL`" in page
    assert "`NTFY`" in page


def test_the_walk_that_adds_an_input_format(project: Project) -> None:
    line = {"date": 1785575412.5, "log": json.dumps(eventbridge(delete_repository()))}
    events(project, line)
    with pytest.raises(AssertionError, match="not understood"):
        project.run("registrywatch", "replay", "events.json")
    replay, _ = printed_by(project, project.follow("Add an input format"))
    project.test("tests/sources/test_formats.py")
    assert "a line of Fluent Bit" in (project.folder / "docs/inputs.md").read_text("utf-8")
    assert "Forced Repository Deleted" in replay
    assert "1 alert from 1 event." in replay


def test_the_walk_that_adds_a_setting(project: Project) -> None:
    check_settings, _ = printed_by(project, project.follow("Add a setting"))
    assert check_settings.startswith("1 setting can be used.")
    page = (project.folder / "docs/settings.md").read_text("utf-8")
    assert "| `REGISTRYWATCH_OWNER` |" in page
    assert "the team that answers for this deployment" in page
    project.test("tests/settings/test_variables.py")


def test_the_walk_that_adds_a_command(project: Project) -> None:
    help_text, formats = printed_by(project, project.follow("Add a command"))
    assert "lists all formats" in help_text
    assert "a CloudTrail log file: a trail's S3 bucket" in formats
    assert "formats" in project.run("registrywatch", "completions", "fish")
    project.test("tests/cli/test_frame.py", "-k", "help or completions_know")
    project.test("tests/test_packaging.py", "-k", "tried")
