"""What a cold start loads: a change that raises nothing must not pay for an SDK."""

import json
import subprocess
import sys

import pytest

from registrywatch.delivery.destinations import DESTINATIONS
from registrywatch.sources import rare_calls
from tests.aws.templates import ROOT, load, resources
from tests.builders import cloudtrail as ct
from tests.builders import registry_calls as calls

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "REGISTRYWATCH_TABLE": "table",
    "REGISTRYWATCH_ALERT_QUEUE": "https://sqs.invalid/alerts",
    "REGISTRYWATCH_DEAD_LETTER_QUEUE": "https://sqs.invalid/dead",
    "REGISTRYWATCH_SLACK_WEBHOOK_URL": "ssm:/registrywatch/slack",
}
# powertools itself imports `botocore`, whose top is a few lines
SDKS = {"boto3", "botocore.client", "requests", "urllib3", "rich", "azure"}
SCRIPT = """
import json, sys
from functions.aws.{door} import handler
from types import SimpleNamespace
context = SimpleNamespace(
    function_name="f", memory_limit_in_mb=512, invoked_function_arn="arn", aws_request_id="r",
    get_remaining_time_in_millis=lambda: 60_000,
)
for event in json.load(sys.stdin):
    handler(event, context)
print(json.dumps(sorted(sys.modules)))
"""


def loaded(door: str, *events: object) -> set[str]:
    """The modules in memory after a door has answered these events in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(door=door)],
        input=json.dumps(events),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**ENVIRONMENT, "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_change_that_raises_nothing_loads_no_sdk() -> None:
    found = loaded("changes", ct.eventbridge(ct.set_mutability("IMMUTABLE")))
    assert not found & SDKS


@pytest.mark.parametrize("door", ["changes", "traffic"])
def test_starting_loads_no_sdk_and_only_the_destination_that_is_set(door: str) -> None:
    found = loaded(door)
    assert not found & SDKS
    destinations = {f"registrywatch.delivery.destinations.{name}" for name in DESTINATIONS}
    assert found & destinations == {"registrywatch.delivery.destinations.slack"}
    unwanted = {"registrywatch.rules.grading.iam", "registrywatch.sources.wide_record"}
    assert not found & {*unwanted, "hashlib", "urllib.parse", "difflib", "unicodedata"}


RARE_CALLS = {f"registrywatch.sources.{module}" for module in rare_calls.MODULES}


def test_what_reads_rare_calls_is_loaded_with_the_first_of_them() -> None:
    assert not loaded("changes", ct.eventbridge(ct.set_mutability("IMMUTABLE"))) & RARE_CALLS
    found = loaded("changes", ct.eventbridge(calls.inspector("CreateFilter", {"action": "NONE"})))
    assert "registrywatch.sources.scanner_calls" in found
    assert "registrywatch.sources.monitoring_calls" not in found


@pytest.mark.parametrize("function", sorted(resources("AWS::Serverless::Function")))
def test_a_function_starts_with_what_the_template_gives_it(function: str) -> None:
    of_all = load()["Globals"]["Function"]["Environment"]["Variables"]
    properties = resources("AWS::Serverless::Function")[function]
    own = properties.get("Environment", {}).get("Variables", {})
    given = {
        name: ENVIRONMENT.get(name, "1")
        for name, value in {**of_all, **own}.items()
        if "Fn::If" not in value or name == "REGISTRYWATCH_SLACK_WEBHOOK_URL"
    }
    module = properties["Handler"].rpartition(".")[0]
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            **given,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}",
        },
        check=False,
    )
    assert done.returncode == 0, done.stderr
