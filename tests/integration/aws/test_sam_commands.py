"""The docs' commands for SAM, by the SAM CLI's own parser."""

import json
import os
import re
import subprocess
from itertools import takewhile

import pytest

from tests.aws.templates import load
from tests.integration.components import ROOT, require
from tests.test_commands_in_docs import PAGES, found

pytestmark = pytest.mark.real


def refused(*commands: tuple[str, ...]) -> list[str]:
    """Those that SAM does not take, with its complaints."""
    done = subprocess.run(
        [
            require("sam") / "bin/python",
            ROOT / "tests/integration/tools/parse_sam.py",
            json.dumps([command[1:] for command in commands]),
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0"},
    )
    answer: list[str] = json.loads(done.stdout)
    return answer


def overrides(command: tuple[str, ...]) -> dict[str, str]:
    """The parameters of a command, as SAM reads them."""
    start = command.index("--parameter-overrides") + 1
    given = list(takewhile(lambda word: not word.startswith("--"), command[start:]))
    done = subprocess.run(
        [
            *(require("sam") / "bin/python", "-c"),
            "import json, sys; from samcli.cli.types import CfnParameterOverridesType as Type; "
            "print(json.dumps(Type().convert(tuple(sys.argv[1:]), None, None)))",
            *given,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def fits(parameter: str, value: str) -> bool:
    """Whether the template takes a value of a parameter."""
    declared = load()["Parameters"][parameter]
    if "AllowedValues" in declared:
        return value in map(str, declared["AllowedValues"])
    return re.search(declared.get("AllowedPattern", ""), value) is not None


def test_what_the_docs_override_reaches_the_template_as_it_was_meant() -> None:
    """SAM cuts a value at a space, without a word, and drops double quotes."""
    given = [
        (name, value)
        for page in PAGES
        for command in found(page)
        if command[0] == "sam" and "--parameter-overrides" in command
        for name, value in overrides(command).items()
    ]
    assert {"Settings", "Canary", "SlackWebhookUrl"} <= {name for name, _ in given}
    for name, value in given:
        assert fits(name, value), name
        assert name != "Settings" or json.loads(value)


@pytest.mark.parametrize(
    "word",
    [
        'Settings={"REGISTRYWATCH_FOLD_SECONDS": 0}',
        "ProtectedTags=prod, v*",
        "IgnoreActors=arn:aws:iam::111122223333:role/ci, arn:aws:iam::111122223333:role/cd",
        "IgnoreRepositories=test/*, demo/*",
        "TrustedAccounts=111122223333, 444455556666",
        "PullGroupBy=actor, ip",
    ],
)
def test_what_sam_cuts_is_refused(word: str) -> None:
    [(name, value)] = overrides(("sam", "deploy", "--parameter-overrides", word)).items()
    assert not fits(name, value), value


def test_sam_takes_every_command_of_the_docs() -> None:
    typed = {each for page in PAGES for each in found(page) if each[0] == "sam"}
    assert len(typed) > 4
    assert refused(*typed) == []


def test_a_mistake_is_found() -> None:
    assert len(refused(("sam", "deplyo"), ("sam", "deploy", "--guidd"), ("sam", "build"))) == 2
