"""template.yaml and the forwarder, by every checker there is; what they miss is in tests/aws."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.aws.templates import FORWARDER, MAIN
from tests.integration.components import ROOT, require

pytestmark = pytest.mark.real


def run(*command: str | Path) -> str:
    """What a command printed; its complaints if it failed."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_sam_can_translate_the_template() -> None:
    run(require("sam") / "bin/sam", "validate", "--region", "eu-west-1", "-t", MAIN)


@pytest.mark.parametrize("path", [MAIN, FORWARDER], ids=lambda path: path.name)
def test_cfn_lint_accepts_the_template_as_written(path: Path) -> None:
    run(require("sam") / "bin/cfn-lint", path)


def lint_expanded(template: Path, scratch: Path) -> None:
    """SAM's resources are looked into only after they have been expanded."""
    sam = require("sam") / "bin"
    written = scratch / "expanded.json"
    written.write_text(
        run(sam / "python", ROOT / "tests/integration/tools/expand_sam.py", template)
    )
    run(sam / "cfn-lint", written)


def test_cfn_lint_accepts_what_the_template_becomes(tmp_path: Path) -> None:
    lint_expanded(MAIN, tmp_path)


def test_a_mistake_inside_of_a_sam_resource_is_found(tmp_path: Path) -> None:
    """No other check looks there."""
    template = MAIN.read_text()
    loop = "      RecursiveLoop: Allow\n"
    assert loop in template
    mistaken = tmp_path / "template.yaml"
    mistaken.write_text(template.replace(loop, "      RecursiveLoop: Perhaps\n"))
    with pytest.raises(AssertionError, match="E3030"):
        lint_expanded(mistaken, tmp_path)


@pytest.mark.parametrize("path", [MAIN, FORWARDER], ids=lambda path: path.name)
def test_checkov_finds_nothing_that_the_template_does_not_justify(path: Path) -> None:
    found = json.loads(
        run(
            *(require("checkov") / "bin/checkov", "--file", path, "--framework", "cloudformation"),
            *("--skip-download", "--output", "json"),
        )
    )
    assert found["summary"]["parsing_errors"] == 0  # checkov itself is content with those
    assert found["summary"]["passed"] > 5
    assert found["results"]["failed_checks"] == []
    for skipped in found["results"]["skipped_checks"]:
        assert len(skipped["check_result"]["suppress_comment"]) > 20, skipped["check_id"]
