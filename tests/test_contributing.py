"""The walks of CONTRIBUTING.md, followed to the letter in one copy of the project.

A walk writes one new file and adds to one list; a setting needs no file. Nothing else is touched.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from registrywatch.sources import read
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
    """A copy of what a walk may touch or run. `pages` are the commands that generate pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages: dict[str, None] = {}
        self.commands: dict[str, list[str]] = {}
        self._written: list[Path] = []
        self._changed: dict[Path, None] = {}
        ignored = shutil.ignore_patterns("*.egg-info")  # what is compiled already is used again
        for name in ("shared", "tools", "docs", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", folder)

    def follow(self, walk: str) -> list[str]:
        """Write the new file, change the others. Returns the commands that show the result."""
        for source in blocks(walk, "python"):
            first, _, text = source.partition("\n")
            new = self.folder / first.removeprefix("# ")
            assert not new.exists()
            new.write_text(text)
            self._written.append(new)
        for diff in blocks(walk, "diff"):
            for name, hunk in re.findall(r"^--- (.+)\n((?:[ +].*\n)+)", diff, re.MULTILINE):
                changed = self.folder / name
                changed.write_text(patched(changed.read_text("utf-8"), hunk.splitlines()))
                self._changed[changed] = None
        commands = [line for block in blocks(walk, "sh") for line in block.splitlines()]
        self.pages |= dict.fromkeys(line for line in commands if line.startswith("python "))
        return [line for line in commands if line not in self.pages]

    def lint(self) -> None:
        """Check the style of what the walks wrote and changed."""
        self.run("ruff", "check", "--quiet", *self._written)
        self.run("ruff", "check", "--quiet", "--ignore=I", *self._changed)  # the order of imports
        self.run("ruff", "format", "--quiet", "--check", *self._written, *self._changed)

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

    def printed_by(self, walk: str) -> list[str]:
        """What each command of a walk prints that shows its result."""
        printed = []
        for line in self.commands[walk]:
            words, variables = typed(line)
            printed.append(self.run(*words, **variables))
        return printed


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


WALKS = ("Add a rule", "Add a destination", "Add an input format", "Add a setting", "Add a command")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One copy in which all walks were followed: a copy and its processes take a second each."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.commands = {walk: project.follow(walk) for walk in WALKS}
    return project


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


def test_the_walk_that_adds_a_rule(project: Project) -> None:
    events(project, push(tag="debug-1"), push(tag="v1"))
    rules, replay, show_alert = project.printed_by("Add a rule")
    assert "REGISTRYWATCH_ECR_DEBUG_IMAGE_PUSHED_SEVERITY = (not set)" in rules
    assert "pushed a debug image" in replay
    assert "2 alerts from 2 events." in replay  # the other: a first push, while it learns
    assert "Debug Image Pushed" in json.dumps(json.loads(show_alert))
    off = {"REGISTRYWATCH_ECR_DEBUG_IMAGE_PUSHED_ENABLED": "false"}
    assert "1 alert from 2 events." in project.run("registrywatch", "replay", "events.json", **off)


def test_the_walk_that_adds_a_destination(project: Project) -> None:
    show_alert, check_settings = project.printed_by("Add a destination")
    assert json.loads(show_alert)["title"].startswith("high: ")
    assert "Alerts go to ntfy (from low)." in check_settings


def test_the_walk_that_adds_an_input_format(project: Project) -> None:
    line = {"date": 1785575412.5, "log": json.dumps(eventbridge(delete_repository()))}
    assert not read(lines(line)).events  # without the walk
    events(project, line)
    [replay] = project.printed_by("Add an input format")
    assert "Forced Repository Deleted" in replay
    assert "1 alert from 1 event." in replay


def test_the_walk_that_adds_a_setting(project: Project) -> None:
    [check_settings] = project.printed_by("Add a setting")
    assert check_settings.startswith("1 setting can be used.")


def test_the_walk_that_adds_a_command(project: Project) -> None:
    help_text, formats = project.printed_by("Add a command")
    assert "lists all formats" in help_text
    assert "a CloudTrail log file: a trail's S3 bucket" in formats
    assert "formats" in project.run("registrywatch", "completions", "fish")


def test_what_the_walks_write_has_the_house_s_style(project: Project) -> None:
    project.lint()


def test_the_generated_pages_have_what_the_walks_added(project: Project) -> None:
    [command] = project.pages
    project.run(*typed(command)[0])
    for page, text in (
        ("rules", "## ecr-debug-image-pushed"),
        ("settings", "`REGISTRYWATCH_NTFY_URL`"),
        ("settings", "`NTFY`"),
        ("settings", "| `REGISTRYWATCH_OWNER` |"),
        ("settings", "the team that answers for this deployment"),
        ("inputs", "a line of Fluent Bit"),
    ):
        assert text in (project.folder / f"docs/{page}.md").read_text("utf-8")


def test_tests_that_iterate_over_a_list_try_its_new_member_too(project: Project) -> None:
    whole = (
        "tests/rules/test_catalogue.py",
        "tests/delivery/destinations/test_every_kind.py",
        "tests/sources/test_formats.py",
        "tests/settings/test_variables.py",
    )
    commands = "tried or test_frame and (help or completions_know)"
    chosen = " or ".join((*(Path(each).stem for each in whole), commands))
    of_commands = ("tests/cli/test_frame.py", "tests/test_packaging.py")
    project.run("pytest", "-x", "-p", "no:cacheprovider", "-k", chosen, *whole, *of_commands)
