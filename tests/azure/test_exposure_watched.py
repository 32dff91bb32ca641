"""acr-registry-exposed: an alert for each protection that was on and no longer is."""

from typing import Any

import pytest

from registrywatch.azure.exposure_state import API_VERSION
from registrywatch.azure.rechecks import decode
from tests.azure.given import Scene, events
from tests.azure.http_stub import Answer, HttpStub
from tests.builders.azure import registry_id, resource_changed
from tests.builders.cloudtrail import Json

RULE = "acr-registry-exposed"
WRITE = "Microsoft.ContainerRegistry/registries/write"
POLICIES: dict[str, Any] = {
    "exportPolicy": {"status": "disabled"},
    "softDeletePolicy": {"status": "enabled", "retentionDays": 7},
    "retentionPolicy": {"status": "disabled", "days": 7},
    "trustPolicy": {"type": "Notary", "status": "enabled"},
    "quarantinePolicy": {"status": "enabled"},
}


def registry(policies: Json | None = None, **properties: Any) -> Json:
    """What Resource Manager answers: a registry that is closed in every way, but for these."""
    closed: Json = {
        "anonymousPullEnabled": False,
        "adminUserEnabled": False,
        "publicNetworkAccess": "Disabled",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []},
        "networkRuleBypassOptions": "None",
        "networkRuleBypassAllowedForTasks": False,
        "policies": {**POLICIES, **(policies or {})},
    }
    return {"id": registry_id(), "properties": {**closed, **properties}}


def opened_to(*values: object) -> Json:
    """A registry that refuses every address but these."""
    rules = [{"action": "Allow", "value": value} for value in values]
    return registry(
        publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Deny", "ipRules": rules}
    )


CLOSED = registry()


@pytest.fixture
def scene(azure: HttpStub) -> Scene:
    """A registry that is known to be closed."""
    scene = Scene(azure)
    azure.answers(registry_id(), CLOSED)
    scene.watcher.look_at_all()
    return scene


def written(scene: Scene, **who: Any) -> None:
    document = resource_changed(WRITE, registry_id(), **who)
    assert scene.watcher.handle(events(document)).failed == {}
    scene.take_looks()


def severities(scene: Scene) -> list[str]:
    assert {alert.rule for alert in scene.alerts} <= {RULE}
    return [alert.severity.value for alert in scene.alerts]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (registry(anonymousPullEnabled=True), ["critical"]),
        (registry(adminUserEnabled=True), ["high"]),
        (registry(publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Allow"}),
         ["high"]),
        (registry(publicNetworkAccess="Enabled", networkRuleSet=None), ["high"]),
        (registry(publicNetworkAccess="Enabled"), []),
        (opened_to("0.0.0.0/0"), ["high"]),
        (opened_to("0.0.0.0/1", "128.0.0.0/1"), ["high"]),
        (opened_to("40.0.0.0/7"), ["high"]),
        (opened_to("40.0.0.0/8", "198.51.100.7"), []),
        (opened_to("not an address"), []),
        (opened_to(None), []),
        (registry(networkRuleSet={"defaultAction": "Allow"}), []),
        (registry({"exportPolicy": {"status": "enabled"}}), ["high"]),
        (registry({"softDeletePolicy": {"status": "disabled"}}), ["medium"]),
        (registry({"retentionPolicy": {"status": "enabled", "days": 7}}), ["medium"]),
        (registry({"retentionPolicy": {"status": "enabled", "days": 8}}), []),
        (registry({"trustPolicy": {"status": "disabled"}}), ["medium"]),
        (registry({"quarantinePolicy": {"status": "disabled"}}), ["medium"]),
        (registry(networkRuleBypassOptions="AzureServices"), ["medium"]),
        (registry(networkRuleBypassAllowedForTasks=True), ["medium"]),
        (registry(networkRuleBypassAllowedForTasks=None), []),
        (registry(anonymousPullEnabled=True, adminUserEnabled=True), ["critical", "high"]),
        (registry(tags={"a": "b"}), []),
        (registry({"trustPolicy": None, "softDeletePolicy": {}}), []),
        (registry(publicNetworkAccess=None, anonymousPullEnabled=None), []),
    ],
)  # fmt: skip
def test_what_was_switched_off_decides(scene: Scene, now: Json, expected: list[str]) -> None:
    scene.azure.answers(registry_id(), now)
    written(scene)
    assert severities(scene) == expected


def test_the_alert_names_the_actor_of_the_change(scene: Scene) -> None:
    scene.azure.answers(registry_id(), registry(anonymousPullEnabled=True))
    written(scene, by="mallory@example.com")
    [alert] = scene.alerts
    assert alert.actor.id == "mallory@example.com"
    assert alert.registry == "example.azurecr.io"
    assert "let anyone pull from the registry example" in alert.summary


def test_a_state_is_reported_once_and_again_only_after_it_was_right(scene: Scene) -> None:
    open_now = registry(adminUserEnabled=True)
    for now in (open_now, open_now, CLOSED, open_now):
        scene.azure.answers(registry_id(), now)
        written(scene)
    assert severities(scene) == ["high", "high"]


def test_the_first_look_reports_nothing_and_switching_on_protections_neither(
    azure: HttpStub,
) -> None:
    scene = Scene(azure)
    azure.answers(registry_id(), registry(anonymousPullEnabled=True))
    written(scene)
    azure.answers(registry_id(), CLOSED)
    written(scene)
    assert scene.alerts == []


def test_resource_manager_may_lag_so_it_is_asked_again(scene: Scene) -> None:
    written(scene)
    assert scene.alerts == []
    scene.azure.answers(registry_id(), registry(adminUserEnabled=True))
    text, delay = scene.queue.take()
    assert delay == 90
    scene.another_worker().recheck(decode(text))
    assert severities(scene) == ["high"]


def test_the_timer_finds_what_no_event_reported(scene: Scene) -> None:
    scene.azure.answers(registry_id(), registry(adminUserEnabled=True))
    scene.watcher.look_at_all()
    assert severities(scene) == ["high"]
    [alert] = scene.alerts
    assert alert.actor.id is None


@pytest.mark.parametrize("failure", [Answer(403), Answer(500), Answer(200, {"id": "x"})])
def test_an_answer_that_says_nothing_changes_nothing(scene: Scene, failure: Answer) -> None:
    scene.azure.answers(registry_id(), failure)
    written(scene)
    assert scene.queue.messages, "it is asked again"
    scene.azure.answers(registry_id(), CLOSED)
    written(scene)
    assert scene.alerts == []


def test_the_registry_itself_is_asked_for_in_a_fixed_version(scene: Scene) -> None:
    [asked] = [each for each in scene.azure.asked if each.path.lower() == registry_id().lower()]
    assert asked.query == {"api-version": API_VERSION}


@pytest.mark.parametrize(
    ("operation", "resource", "reported"),
    [
        ("Microsoft.ContainerRegistry/registries/listCredentials/action", registry_id(), True),
        ("Microsoft.ContainerRegistry/registries/tasks/write", f"{registry_id()}/tasks/t", True),
        ("Microsoft.ContainerRegistry/registries/listCredentials/action", registry_id("x"), False),
        (
            "Microsoft.ContainerRegistry/registries/tasks/write",
            f"{registry_id('x')}/tasks/t",
            False,
        ),
    ],
)
def test_only_watched_registries_matter_where_there_is_a_list(
    scene: Scene, operation: str, resource: str, *, reported: bool
) -> None:
    assert scene.watcher.handle(events(resource_changed(operation, resource))).failed == {}
    assert bool(scene.alerts) is reported


ASSIGNED = "Microsoft.Authorization/roleAssignments/write"
ASSIGNMENT = "providers/Microsoft.Authorization/roleAssignments/1"


@pytest.mark.parametrize(
    ("scope", "reported"),
    [
        (registry_id(), True),
        (registry_id().partition("/providers/")[0], True),
        (registry_id().partition("/resourceGroups/")[0], True),
        ("/providers/Microsoft.Management/managementGroups/all", True),
        ("/subscriptions/22222222-0000-0000-0000-000000000000", False),
        (registry_id("x"), False),
    ],
)
def test_a_role_matters_at_or_above_a_watched_registry(
    scene: Scene, scope: str, *, reported: bool
) -> None:
    document = resource_changed(ASSIGNED, f"{scope}/{ASSIGNMENT}")
    assert scene.watcher.handle(events(document)).failed == {}
    assert bool(scene.alerts) is reported
