"""The docs' commands for SAM, by the SAM CLI's own parser."""

import json
import os
import subprocess

import pytest

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


def test_sam_takes_every_command_of_the_docs() -> None:
    typed = {each for page in PAGES for each in found(page) if each[0] == "sam"}
    assert len(typed) > 4
    assert refused(*typed) == []


def test_a_mistake_is_found() -> None:
    assert len(refused(("sam", "deplyo"), ("sam", "deploy", "--guidd"), ("sam", "build"))) == 2
