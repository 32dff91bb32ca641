"""Every command that the docs print can be typed: its own parser, or what describes it, takes it.

`registrywatch` is parsed by its own parser, `make` by the Makefile, `aws` by botocore's models.
`sam` is parsed by the SAM CLI itself in tests/integration/aws/test_sam_commands.py. Of the Azure
tools none runs here: a table has the commands and options that the docs may use.
"""

import re
import shlex
import textwrap
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from registrywatch.cli import parser
from tests.aws.templates import FORWARDER, MAIN, load
from tests.azure_commands import AZURE

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
PROGRAMS = ("registrywatch", "make", "aws", "sam", "az", "azd", "func")

Command = tuple[str, ...]

NOT_TYPED = {
    # of the destination and the command that CONTRIBUTING.md adds; tests/test_contributing.py runs
    # the walks
    ("registrywatch", "show-alert", "ecr-images-deleted", "--as", "ntfy"),
    ("registrywatch", "formats"),
    # whom an alert names
    ("registrywatch", "check", "--send-test"),
}

ANYWHERE = {"--query", "--output", "--region", "--profile", "--max-items"}
"""Options of the AWS CLI that every command has, or that every list has."""

RENAMED = {("sns", "subscribe"): {"--notification-endpoint": "--endpoint"}}
"""Options that the AWS CLI calls otherwise than the operation's member: it has one of that name."""

BY_THE_CLI = {
    ("logs", "tail"): {"--since", "--filter-pattern", "--follow"},
    ("cloudformation", "deploy"): {
        "--stack-name",
        "--template-file",
        "--capabilities",
        "--parameter-overrides",
    },
}
"""Commands that the AWS CLI has by itself, without an operation of that name."""

SAM = {
    ("build",): {"--use-container"},
    ("deploy",): {"--parameter-overrides", "--guided", "--tags", "--stack-name"},
    ("delete",): {"--stack-name", "--no-prompts"},
    ("remote", "invoke"): {"--stack-name", "--event-file"},
    ("validate",): {"--lint"},
}


def commands(script: str) -> Iterator[Command]:
    """The commands of a script for a shell, those within `$(…)` too; comments are left out."""
    for line in _whole_lines(script):
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;")
        words.whitespace_split = True
        here: list[str] = []
        for word in [*words, ";"]:
            for inner in re.findall(r"\$\(([^()]+)\)", word):
                yield from commands(inner)
            if set(word) <= set("|&;"):
                if here := _without_variables(here):
                    yield tuple(here)
                here = []
            else:
                here.append(word)


def _whole_lines(script: str) -> Iterator[str]:
    """Lines that go on after a backslash, or within quotes, are one."""
    gathered = ""
    for line in textwrap.dedent(script).replace("\\\n", " ").splitlines():
        gathered += f"{line}\n"
        try:
            shlex.split(gathered, comments=True)
        except ValueError:
            continue
        yield gathered
        gathered = ""
    assert not gathered, f"a quote that is not closed: {gathered}"


def _without_variables(words: list[str]) -> list[str]:
    if words[:1] == ["export"]:
        words = words[1:]
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    return words


def found(page: Path) -> list[Command]:
    """The commands of a page: in fenced blocks, and in text where they have arguments."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"^[ ]*```sh\n(.*?)^[ ]*```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^[ ]*```.*?^[ ]*```$", "", text, flags=re.MULTILINE | re.DOTALL)
    typed = "|".join(PROGRAMS)
    inline = re.findall(rf"`((?:{typed}) [^`]*)`", re.sub(r"\s*\n\s*", " ", prose))
    whole = [each.replace("\\|", "|") for each in inline if not re.search(r"[…\[]|\w\|\w", each)]
    return [each for script in (*blocks, *whole) for each in commands(script)]


def options(words: Sequence[str]) -> set[str]:
    """The options among the words, without their values."""
    return {word.partition("=")[0] for word in words if word.startswith("--")}


def no_mistake(_: Command) -> None:
    """For what is everywhere: `cat`, `git checkout`."""


def registrywatch(command: Command) -> None:
    if command[1] == "help":
        return
    _, rest = parser().parse_known_args(command[1:])
    assert not rest


def make(command: Command) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = {*re.findall(r"^([a-z][a-z0-9.-]*):", makefile, re.MULTILINE)}
    for word in command[1:]:
        name, is_setting, value = word.partition("=")
        if is_setting:
            assert f"$({name})" in makefile
            for bench in value.split() if name == "BENCH" and value.islower() else ():
                assert (ROOT / f"tools/bench/{bench}.py").exists()
        else:
            assert word in targets


def aws(command: Command) -> None:
    service, operation, *rest = command[1:]
    renamed = RENAMED.get((service, operation), {})
    given = {renamed.get(each, each) for each in options(rest) - ANYWHERE}
    if (own := BY_THE_CLI.get((service, operation))) is not None:
        assert given <= own
        parameters_exist(rest, FORWARDER)
        return
    model = botocore.session.Session().get_service_model(service)
    names = {xform_name(name).replace("_", "-"): name for name in model.operation_names}
    assert operation in names
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(n).replace("_", "-"): (n, s) for n, s in shape.members.items()}
    switches = {f"no-{name}" for name, (_, s) in members.items() if s.type_name == "boolean"}
    assert {each[2:] for each in given} <= {*members, *switches}
    if given:
        named = {members[each[2:].removeprefix("no-")][0] for each in given}
        assert set(shape.required_members) <= named
    for name, values in _values(rest):
        _, member = members.get(name, ("", None))
        member = getattr(member, "member", member)
        if allowed := getattr(member, "enum", None):
            assert set(values) <= {*allowed}


def _values(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each option with the words after it."""
    starts = [n for n, word in enumerate(words) if word.startswith("--")]
    for start, end in pairwise([*starts, len(words)]):
        yield words[start][2:], [*words[start + 1 : end]]


def sam(command: Command) -> None:
    known = [each for each in SAM if command[1 : 1 + len(each)] == each]
    assert len(known) == 1
    rest = command[1 + len(known[0]) :]
    assert options(rest) <= SAM[known[0]]
    parameters_exist(rest, MAIN)
    if known[0] == ("remote", "invoke"):
        assert {word for word in rest if word.endswith("Function")} <= {*load()["Resources"]}


def parameters_exist(words: Sequence[str], template: Path) -> None:
    """Whether what is overridden are parameters of the template."""
    for name, values in _values(words):
        if name == "parameter-overrides":
            assert {value.partition("=")[0] for value in values} <= {*load(template)["Parameters"]}


def azure(command: Command) -> None:
    taken = [n for n in range(len(command), 0, -1) if " ".join(command[:n]) in AZURE]
    assert taken, "add it to tests/azure_commands.py once you have looked it up"
    assert options(command) <= AZURE[" ".join(command[: taken[0]])]


def python(command: Command) -> None:
    if command[1] == "-c":
        compile(command[2], "docs", "exec")
    else:
        assert command[1] == "-m"
        assert find_spec(command[2])


def copied(command: Command) -> None:
    assert (ROOT / command[1]).exists()


READERS: dict[str, Callable[[Command], None]] = {
    "registrywatch": registrywatch,
    "make": make,
    "aws": aws,
    "sam": sam,
    "az": azure,
    "azd": azure,
    "func": azure,
    "python": python,
    ".venv/bin/python": python,
    ".venv/bin/registrywatch": registrywatch,
    "cp": copied,
    "cat": no_mistake,
    "git": no_mistake,
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_can_be_typed(page: Path) -> None:
    wrong = []
    for command in [each for each in found(page) if each not in NOT_TYPED]:
        try:
            READERS[command[0]](command)
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - all of them are listed
            wrong.append(f"{shlex.join(command)}: {problem!r}")
    assert not wrong, "\n".join(wrong)


def test_the_docs_hold_the_commands_that_they_should() -> None:
    typed = [command for page in PAGES for command in found(page)]
    assert {command[0] for command in typed} >= {*PROGRAMS}
    assert len(typed) > 80


@pytest.mark.parametrize("last", ["sam deploy", "azd up"])
def test_the_readme_deploys_by_two_commands_once_the_secret_is_stored(last: str) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    [block] = [block for block in blocks if last in block]
    lines = [line for line in _whole_lines(block) if "put-parameter" not in line]
    assert len(lines) <= 2


@pytest.mark.parametrize(
    "mistake",
    [
        "registrywatch replai -",
        "registrywatch replay --jsonn -",
        "make tset",
        "make bench BENCH=nothing",
        "aws sqs receive-mesage --queue-url Q",
        "aws sqs receive-message --queue-urll Q",
        "aws sqs get-queue-attributes --attribute-names All",
        "aws ssm put-parameter --name n --value v --type Secure",
        "aws logs tail G --sinc 1h",
        "aws cloudformation deploy --stack-name s --parameter-overrides BusArm=1",
        "sam deploy --parameter-overrides SlackWebhook=ssm:/x",
        "sam deplyo",
        "sam remote invoke ChangeFunction",
        "az grop delete --name n",
        "az group delete --nam n",
        "azd upp",
        "func publish",
        'cat "$(aws sqs nothing)"',
        "python -m tools.nothing",
    ],
)
def test_a_mistake_is_found(mistake: str) -> None:
    def read() -> None:
        for command in commands(mistake):
            READERS[command[0]](command)

    with pytest.raises((Exception, SystemExit)):
        read()
