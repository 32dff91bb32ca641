"""Blinding by state: the next self-check reports it, once, and its recovery."""

import logging

import pytest
import requests

from functions.azure import triggers
from registrywatch.alerts import Alert
from registrywatch.azure.arm import Arm
from registrywatch.azure.check import check
from registrywatch.checks.report import CheckedPlace
from registrywatch.checks.self_check import SelfCheck
from registrywatch.checks.transitions import Transitions
from registrywatch.rows import MemoryRows
from tests.azure.given import PLANS
from tests.azure.http_stub import HttpStub
from tests.azure.test_check import APP, DEPLOYMENT, SETTINGS, Azure
from tests.builders.azure import SUBSCRIPTION
from tests.builders.clock import T0
from tests.builders.detecting import detector


class App:
    """What the timer uses of the app, with a detector that keeps its alerts."""

    def __init__(self, azure: Azure) -> None:
        self.alerts: list[Alert] = []
        arm = Arm(requests.Session(), lambda: "token", azure.stub.url, sleep=lambda _: None)
        detect = detector(self.alerts.append).detect
        transitions = Transitions(
            MemoryRows(),
            CheckedPlace("azure", SUBSCRIPTION, None),
            lambda event: detect([event]),  # type: ignore[arg-type]
            lambda: T0,
        )
        self.self_check = SelfCheck(
            lambda: check(DEPLOYMENT, arm, azure.letters, lambda: T0),
            transitions,
            lambda _: (),
            None,
            lambda: T0,
        )


@pytest.fixture
def deployed(azure: HttpStub) -> Azure:
    return Azure(azure)


@pytest.fixture
def app(deployed: Azure, monkeypatch: pytest.MonkeyPatch) -> App:
    made = App(deployed)
    monkeypatch.setattr(triggers, "app", lambda: made)
    return made


def test_a_stopped_app_is_reported_once_and_its_recovery_too(app: App, deployed: Azure) -> None:
    triggers.self_check()
    deployed.answers(APP, {"properties": {"state": "Stopped"}})
    triggers.self_check()
    triggers.self_check()
    deployed.answers(APP, {"properties": {"state": "Running"}})
    triggers.self_check()
    assert [(alert.rule, alert.severity.value) for alert in app.alerts] == [
        ("acr-monitoring-removed", "high"),
        ("acr-monitoring-removed", "low"),
    ]
    first, second = app.alerts
    assert "found a fault in function app: its state is Stopped" in first.summary
    assert any("az functionapp start" in reason for reason in first.reasons)
    assert "found function app right again" in second.summary
    assert first.id != second.id


def test_every_check_leaves_a_line(
    app: App, deployed: Azure, caplog: pytest.LogCaptureFixture
) -> None:
    deployed.answers(APP, {"properties": {"state": "Stopped"}})
    with caplog.at_level(logging.INFO):
        triggers.self_check()
    lines = [record.getMessage() for record in caplog.records]
    assert any('"event":"self_check_item"' in line and "Stopped" in line for line in lines)
    assert any('"event":"self_check"' in line for line in lines)
    assert app.alerts


@pytest.mark.parametrize(
    "path", [f"{PLANS}/Containers", SETTINGS], ids=["at the subscription", "at the registry"]
)
def test_a_role_that_the_identity_lost_is_found_by_the_next_check(
    app: App, deployed: Azure, path: str
) -> None:
    triggers.self_check()
    deployed.answers(path, 403)
    triggers.self_check()
    triggers.self_check()
    [alert] = app.alerts
    assert alert.severity.value == "high"
    assert "rights to read" in alert.summary
    assert "example" in alert.reasons[0]
