"""infra/azure under checkov: nothing fails, and every exception says why in its place."""

import functools
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.azure.bicep import INFRA, files
from tests.integration.components import require

pytestmark = pytest.mark.real


@functools.cache
def scanned(folder: Path) -> dict[str, Any]:
    program = require("checkov") / "bin" / "checkov"
    told = subprocess.run(
        [program, "--framework", "bicep", "-d", folder, "--skip-download", "-o", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_every_template_is_understood_and_nothing_fails() -> None:
    found = scanned(INFRA)
    assert found["summary"]["parsing_errors"] == 0, found["results"]["parsing_errors"]
    failed = [(each["check_id"], each["resource"]) for each in found["results"]["failed_checks"]]
    assert failed == []
    assert found["summary"]["passed"] > 30


def test_every_exception_has_its_reason_and_is_still_needed() -> None:
    written = {
        (path.name, check): reason
        for path in files()
        for check, reason in re.findall(r"// checkov:skip=(\w+):(.*)", path.read_text())
    }
    assert all(len(reason.split()) > 1 for reason in written.values())
    used = {
        (Path(each["file_path"]).name, each["check_id"])
        for each in scanned(INFRA)["results"]["skipped_checks"]
    }
    assert {*written} == used


def test_the_gate_sees_a_template_that_checkov_can_not_read(tmp_path: Path) -> None:
    (tmp_path / "broken.bicep").write_text("resource a 'Microsoft.Web/sites@2024-04-01' = {\n")
    (tmp_path / "sound.bicep").write_text("param a string\noutput b string = a\n")
    found = scanned(tmp_path)
    summary = found.get("summary", found)
    assert summary["parsing_errors"] == 1
