"""The walks of CONTRIBUTING.md, followed to the letter in a copy of the project.

A walk writes one new file and adds to one list. Nothing else is touched.
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
        """Write the file, add to the list. Returns the commands that the walk goes on with."""
        (source,) = blocks(walk, "python")
        first, _, text = source.partition("\n")
        new = self.folder / first.removeprefix("# ")
        assert not new.exists()
        new.write_text(text)
        (diff,) = blocks(walk, "diff")
        name, *imported, listed = diff.splitlines()
        path = self.folder / name.removeprefix("--- ")
        before = path.read_text("utf-8")
        head, found, rest = before.partition("\nfrom registrywatch.")
        at = "".join((head, *(f"\n{line[1:]}" for line in imported), found, rest))
        after = re.sub(
            r"^([A-Z]+: tuple\[.*\] = \()$", rf"\1\n{listed[1:]}", at, flags=re.MULTILINE
        )
        assert len(after.splitlines()) == len(before.splitlines()) + len(imported) + 1
        path.write_text(after)
        self.run("ruff", "check", "--quiet", new)
        self.run("ruff", "format", "--quiet", "--check", new)
        return [line for block in blocks(walk, "sh") for line in block.splitlines()]

    def test(self, path: str, *options: str) -> None:
        """Run tests that iterate over the list, and so try the new member too."""
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
    project.test("tests/rules/test_catalogue.py", "-k", "not as_promised")
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
