"""`registrywatch check`: item by item what is right, and what to type to mend the rest."""

import json
from collections.abc import Iterator

import pytest

from registrywatch.cli import main
from tests.aws.deployed import STACK, Deployed, deployed
from tests.builders.cloudtrail import REGION
from tests.builders.moto import aws_in_memory

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with aws_in_memory(), deployed(monkeypatch) as stack:
        yield stack


def stop(stack: Deployed) -> None:
    stack.client("cloudtrail").stop_logging(Name="main")


def test_a_good_deployment_is_status_0(stack: Deployed, capsys: Captured) -> None:
    assert main(["check", "aws"]) == 0
    printed = capsys.readouterr().out
    assert "trail: main records the management events of eu-west-1, reads included" in printed
    assert "mend:" not in printed
    assert printed.endswith(" parts, all right.\n")


def test_what_is_wrong_is_status_1_and_says_what_to_type(stack: Deployed, capsys: Captured) -> None:
    stop(stack)
    assert main(["check", "aws"]) == 1
    printed = capsys.readouterr().out
    assert "trail: no trail of eu-west-1 is logging" in printed
    assert "mend: aws cloudtrail start-logging --name main\n" in printed
    assert printed.endswith(" parts, 1 not right.\n")


def test_json_is_an_object_a_line(stack: Deployed, capsys: Captured) -> None:
    stop(stack)
    assert main(["check", "aws", "--json", "--stack", STACK, "--region", REGION]) == 1
    items = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [item["name"] for item in items if item["standing"] != "right"] == ["trail"]
    assert items[0].keys() == {"name", "standing", "found", "mend", "minor"}


def test_another_stack_is_not_there(stack: Deployed, capsys: Captured) -> None:
    assert main(["check", "aws", "--stack", "other"]) == 1
    assert "there is no stack other" in capsys.readouterr().out


def test_azure_without_its_settings_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.delenv("REGISTRYWATCH_AZURE_REGISTRIES", raising=False)
    assert main(["check", "azure"]) == 2
    assert "REGISTRYWATCH_AZURE_REGISTRIES is not set" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["check"], ["check", "gcp"]])
def test_a_cloud_must_be_named(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
