"""What Canary in template.yaml rests on: why SAM's aliases don't do; what CloudFormation does.

tests/aws/test_canary.py and test_canary_deployed.py hold what follows from it.
"""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.aws.account import CREATE_ONLY
from tests.aws.templates import MAIN
from tests.integration.aws.lambda_runtime import LAYER
from tests.integration.components import ROOT, require

pytestmark = pytest.mark.real

HANDLER = "      Handler: functions.aws.traffic.handler\n"
ALIAS = "      AutoPublishAlias: live\n      AutoPublishAliasAllProperties: true\n"


def versions(template: Path, *given: str) -> set[str]:
    """The logical ids of the traffic function's versions that SAM publishes."""
    tool = ROOT / "tests/integration/tools/expand_sam.py"
    command = [str(require("sam") / "bin/python"), str(tool), str(template), *given]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    made = json.loads(text)["Resources"]
    kinds = {name: each["Type"] for name, each in made.items()}
    return {n for n, kind in kinds.items() if (kind, n[:15]) == (VERSION, "TrafficFunction")}


VERSION = "AWS::Lambda::Version"


def test_sam_would_publish_no_version_for_a_changed_parameter(tmp_path: Path) -> None:
    """Nearly all settings are parameters: a deployment of settings alone would change nothing."""
    text = MAIN.read_text()
    assert HANDLER in text
    aliased = tmp_path / "template.yaml"
    aliased.write_text(text.replace(HANDLER, HANDLER + ALIAS))
    [before] = versions(aliased)
    for given in ("PullThreshold=5", "SettingsVersion=2", "SlackWebhookUrl=ssm:/other"):
        assert versions(aliased, given) == {before}
    aliased.write_text(text.replace(HANDLER, HANDLER + ALIAS).replace("Timeout: 60", "Timeout: 59"))
    assert versions(aliased) != {before}, "the text of the template is what counts"


def create_only(kind: str) -> set[str]:
    """The properties of a type whose change replaces the resource, by AWS's own schema."""
    tool = f"""
import json
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as manager
schema = manager.get_resource_schema("eu-west-1", {kind!r}).schema
print(json.dumps(schema.get("createOnlyProperties", [])))
"""
    command = [str(require("sam") / "bin/python"), "-c", tool]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: list[Any] = json.loads(text)
    return {each.rpartition("/")[2] for each in found}


def test_a_version_is_replaced_when_its_description_changes() -> None:
    assert "Description" in create_only(VERSION)


@pytest.mark.parametrize("kind", CREATE_ONLY)
def test_the_model_of_a_deployment_replaces_what_cloudformation_replaces(kind: str) -> None:
    assert create_only(kind) >= CREATE_ONLY[kind]


def test_sources_keep_what_they_are_when_they_get_an_alias_or_lose_it() -> None:
    """A mapping that were replaced would be there twice, or not at all, for a while."""
    assert "FunctionName" not in create_only("AWS::Lambda::EventSourceMapping")
    assert not {"Targets"} & create_only("AWS::Events::Rule")
    assert "FunctionVersion" not in create_only("AWS::Lambda::Alias")


def test_the_layer_names_the_template_and_the_functions_code() -> None:
    """So whatever changes makes a new layer, which SettingsCheck's fingerprint is made of."""
    sources = [MAIN, *sorted((ROOT / "functions/aws").glob("*.py"))]
    whole = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    assert (LAYER / "registrywatch.sha256").read_text().strip() == whole
