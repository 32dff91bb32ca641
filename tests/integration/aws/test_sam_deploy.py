"""The README's `sam deploy`, run as it is typed until CloudFormation is asked for a change set.

S3 and CloudFormation are moto's. moto knows no transform and no rules of a template, so the request
is looked at and not carried out. The one thing that is typed otherwise is the bucket: the stack in
which SAM keeps its own has no outputs in moto.
"""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.aws.templates import resources
from tests.integration.aws import stack as stacks
from tests.integration.aws.stand_ins import stand_in
from tests.integration.components import ROOT, require
from tests.test_commands_in_docs import found

pytestmark = pytest.mark.real

OWN_BUCKET = ("--no-resolve-s3", "--s3-bucket", "bucket")
ASKED = ("StackName", "ChangeSetType", "Capabilities", "Parameters", "TemplateURL")


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What CloudFormation is asked for; it refuses."""
    stand_in(monkeypatch)
    from moto.cloudformation.exceptions import ValidationError
    from moto.cloudformation.responses import CloudFormationResponse

    requests: list[dict[str, Any]] = []

    def refuse(self: CloudFormationResponse) -> None:
        requests.append({name: self._get_param(name) for name in ASKED})
        raise ValidationError("nothing is deployed here")

    monkeypatch.setattr(CloudFormationResponse, "create_change_set", refuse)
    with stacks.sqs() as endpoint:  # moto's server has every service
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        for name, value in {**stacks.CREDENTIALS, "AWS_DEFAULT_REGION": stacks.REGION}.items():
            monkeypatch.setenv(name, value)
        where = {"LocationConstraint": stacks.REGION}
        boto3.client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=where)
        yield requests


def test_the_readme_s_deployment_reaches_cloudformation(requests: list[dict[str, Any]]) -> None:
    [command] = [each for each in found(ROOT / "README.md") if each[:2] == ("sam", "deploy")]
    done = subprocess.run(
        [require("sam") / "bin/sam", "deploy", *OWN_BUCKET, *command[2:]],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0"},
    )
    assert "nothing is deployed here" in done.stdout + done.stderr
    [asked] = requests
    assert asked["StackName"] == "registrywatch"
    assert asked["ChangeSetType"] == "CREATE"
    assert asked["Capabilities"] == ["CAPABILITY_IAM"]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in asked["Parameters"]}
    assert given == dict(
        word.split("=") for word in command[command.index("--parameter-overrides") + 1 :]
    )
    key = asked["TemplateURL"].rpartition("/")[2]
    text = boto3.client("s3").get_object(Bucket="bucket", Key=key)["Body"].read().decode()
    packages = [line.strip() for line in text.splitlines() if "s3://bucket/" in line]
    assert len(packages) == len(resources("AWS::Serverless::Function")) + 1, "and the layer"
    assert len({each.partition(":")[2] for each in packages}) == 2, "the functions' are the same"
