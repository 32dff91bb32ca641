"""The day of `make demo`: what the attacker does is seen."""

import json
from pathlib import Path

import pytest

from registrywatch.cli import main
from tests.builders.day import AZURE_THIEF, write

SEEN = {
    "ecr-repository-policy-applied",
    "ecr-replication-changed",
    "ecr-image-scan-disabled",
    "ecr-tag-overwrite-enabled",
    "ecr-excessive-image-pull",
    "ecr-images-deleted",
    "ecr-lifecycle-policy-added",
    "ecr-forced-repository-deletion",
    "ecr-monitoring-removed",
    "acr-credentials-issued",
    "acr-excessive-image-pull",
    "acr-forced-repository-deletion",
}


@pytest.fixture
def alerts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    write(tmp_path)
    assert main(["replay", "--json", str(tmp_path)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_step_of_the_attacker_is_seen(alerts: list[dict[str, object]]) -> None:
    assert {alert["rule"] for alert in alerts} >= SEEN


def test_the_trail_that_is_stopped_is_named(alerts: list[dict[str, object]]) -> None:
    [alert] = [alert for alert in alerts if alert["rule"] == "ecr-monitoring-removed"]
    assert "stopped the trail main" in str(alert["summary"])
    assert alert["severity"] == "high"


def test_the_replication_to_a_foreign_account_is_critical(alerts: list[dict[str, object]]) -> None:
    [alert] = [alert for alert in alerts if alert["rule"] == "ecr-replication-changed"]
    assert alert["severity"] == "critical"


def test_the_credentials_taken_on_azure_name_the_thief(alerts: list[dict[str, object]]) -> None:
    taken = [alert for alert in alerts if alert["rule"] == "acr-credentials-issued"]
    assert len(taken) == 2
    assert all(AZURE_THIEF in json.dumps(alert["actor"]) for alert in taken)
