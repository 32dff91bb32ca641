"""Why no function runs behind an alias: SAM would leave a changed setting undeployed.

A version is published when the template's text changes. A parameter's value is no part of that,
and nearly all settings are parameters: a deployment of settings alone would change nothing, and
succeed. docs/upgrade.md says so. Should SAM do otherwise one day, this test fails, and aliases with
canaries can be had.
"""

import json
import subprocess
from pathlib import Path

import pytest

from tests.aws.templates import MAIN, load
from tests.integration.components import ROOT, require

pytestmark = pytest.mark.real

HANDLER = "      Handler: functions.aws.traffic.handler\n"
ALIAS = "      AutoPublishAlias: live\n      AutoPublishAliasAllProperties: true\n"


def versions(template: Path, *given: str) -> set[str]:
    """The logical ids of the versions that a template publishes with these parameters."""
    tool = ROOT / "tests/integration/tools/expand_sam.py"
    command = [str(require("sam") / "bin/python"), str(tool), str(template), *given]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    made = json.loads(text)["Resources"]
    return {name for name, each in made.items() if each["Type"] == "AWS::Lambda::Version"}


def test_a_changed_parameter_would_publish_no_version(tmp_path: Path) -> None:
    text = MAIN.read_text()
    assert HANDLER in text
    aliased = tmp_path / "template.yaml"
    aliased.write_text(text.replace(HANDLER, HANDLER + ALIAS))
    [before] = versions(aliased)
    for given in ("PullThreshold=5", "SettingsVersion=2", "SlackWebhookUrl=ssm:/other"):
        assert versions(aliased, given) == {before}
    aliased.write_text(text.replace(HANDLER, HANDLER + ALIAS).replace("Timeout: 60", "Timeout: 59"))
    assert versions(aliased) != {before}, "the text of the template is what counts"


def test_no_function_has_an_alias() -> None:
    for resource in load()["Resources"].values():
        assert "AutoPublishAlias" not in resource.get("Properties", {})
