"""acr-monitoring-removed: whoever deletes what the detector lives on is seen doing it."""

import pytest

from registrywatch.azure.rechecks import decode
from registrywatch.azure.scope import WatchScope
from registrywatch.severity import Severity
from registrywatch.sources import monitoring_operations
from tests.azure.given import Scene
from tests.azure.http_stub import HttpStub
from tests.builders.azure import SUBSCRIPTION, activity, hub, registry_id, resource_changed
from tests.builders.clock import T0

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/registrywatch/providers"
TOPIC = f"{GROUP}/Microsoft.EventGrid/systemTopics/registrywatch-example"
SETTING = "Microsoft.Insights/diagnosticSettings"
OURS = WatchScope(
    registries=(registry_id(),),
    feeds=(TOPIC, f"/subscriptions/{SUBSCRIPTION}/providers/{SETTING}/registrywatch"),
)

REMOVALS = {
    "the registry's diagnostic setting": (
        f"{SETTING}/delete",
        f"{registry_id()}/providers/{SETTING}/registrywatch",
    ),
    "the activity log's diagnostic setting": (f"{SETTING}/delete", OURS.feeds[1]),
    "the system topic": ("Microsoft.EventGrid/systemTopics/delete", TOPIC),
    "its subscription": (
        "Microsoft.EventGrid/systemTopics/eventSubscriptions/delete",
        f"{TOPIC}/eventSubscriptions/registrywatch",
    ),
    "a subscription on the registry itself": (
        "Microsoft.EventGrid/eventSubscriptions/delete",
        f"{registry_id()}/providers/Microsoft.EventGrid/eventSubscriptions/registrywatch",
    ),
}


HUB = f"{GROUP}/Microsoft.EventHub/namespaces/registrywatch-x1"
APP = f"{GROUP}/Microsoft.Web/sites/registrywatch-x1"
ACCOUNT = f"{GROUP}/Microsoft.Storage/storageAccounts/rwx1"
ASSIGNMENT = f"{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/1-2"

WITH_APP = WatchScope(OURS.registries, OURS.feeds, APP)

PARTS = {
    "its namespace": ("Microsoft.EventHub/namespaces/delete", HUB),
    "its network": (
        "Microsoft.EventHub/namespaces/networkRuleSets/write",
        f"{HUB}/networkRuleSets/default",
    ),
    "its hub": ("Microsoft.EventHub/namespaces/eventhubs/delete", f"{HUB}/eventhubs/registry-logs"),
    "its consumer group": (
        "Microsoft.EventHub/namespaces/eventhubs/consumergroups/delete",
        f"{HUB}/eventhubs/registry-logs/consumergroups/c",
    ),
    "its rule": (
        "Microsoft.EventHub/namespaces/authorizationRules/delete",
        f"{HUB}/authorizationRules/diagnostic-settings",
    ),
    "its hub's rule": (
        "Microsoft.EventHub/namespaces/eventhubs/authorizationRules/delete",
        f"{HUB}/eventhubs/registry-logs/authorizationRules/x",
    ),
    "its keys": (
        "Microsoft.EventHub/namespaces/authorizationRules/regenerateKeys/action",
        f"{HUB}/authorizationRules/diagnostic-settings",
    ),
    "its hub's keys": (
        "Microsoft.EventHub/namespaces/eventhubs/authorizationRules/regenerateKeys/action",
        f"{HUB}/eventhubs/registry-logs/authorizationRules/x",
    ),
    "its app": ("Microsoft.Web/sites/delete", APP),
    "its app stopped": ("Microsoft.Web/sites/stop/action", APP),
    "a function of it": ("Microsoft.Web/sites/functions/delete", f"{APP}/functions/event_hub"),
    "its storage": ("Microsoft.Storage/storageAccounts/delete", ACCOUNT),
    "its queue": (
        "Microsoft.Storage/storageAccounts/queueServices/queues/delete",
        f"{ACCOUNT}/queueServices/default/queues/alerts",
    ),
    "its table": (
        "Microsoft.Storage/storageAccounts/tableServices/tables/delete",
        f"{ACCOUNT}/tableServices/default/tables/windows",
    ),
    "its vault": ("Microsoft.KeyVault/vaults/delete", f"{GROUP}/Microsoft.KeyVault/vaults/rw-x1"),
    "its action group": (
        "Microsoft.Insights/actionGroups/delete",
        f"{GROUP}/Microsoft.Insights/actionGroups/registrywatch",
    ),
    "its metric alert": (
        "Microsoft.Insights/metricAlerts/delete",
        f"{GROUP}/Microsoft.Insights/metricAlerts/registrywatch-dropped",
    ),
    "its log alert": (
        "Microsoft.Insights/scheduledQueryRules/delete",
        f"{GROUP}/Microsoft.Insights/scheduledQueryRules/registrywatch-silent",
    ),
    "its activity alert": (
        "Microsoft.Insights/activityLogAlerts/delete",
        f"{GROUP}/Microsoft.Insights/activityLogAlerts/registrywatch-a",
    ),
    "its right": ("Microsoft.Authorization/roleAssignments/delete", ASSIGNMENT),
    "its identity": (
        "Microsoft.ManagedIdentity/userAssignedIdentities/delete",
        f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/registrywatch",
    ),
    "its plan": ("Microsoft.Web/serverfarms/delete", f"{GROUP}/Microsoft.Web/serverfarms/rw"),
    "its packages": (
        "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
        f"{ACCOUNT}/blobServices/default/containers/packages",
    ),
    "its insights": (
        "Microsoft.Insights/components/delete",
        f"{GROUP}/Microsoft.Insights/components/registrywatch",
    ),
    "its workspace": (
        "Microsoft.OperationalInsights/workspaces/delete",
        f"{GROUP}/Microsoft.OperationalInsights/workspaces/registrywatch",
    ),
    "its resource group": (
        "Microsoft.Resources/subscriptions/resourceGroups/delete",
        GROUP.removesuffix("/providers"),
    ),
}
EDITS = {
    "a subscription": (
        "Microsoft.EventGrid/systemTopics/eventSubscriptions/write",
        f"{TOPIC}/eventSubscriptions/registrywatch",
    ),
    "a registry's own subscription": (
        "Microsoft.EventGrid/eventSubscriptions/write",
        f"{registry_id()}/providers/Microsoft.EventGrid/eventSubscriptions/registrywatch",
    ),
    "the namespace": ("Microsoft.EventHub/namespaces/write", HUB),
    "the hub": ("Microsoft.EventHub/namespaces/eventhubs/write", f"{HUB}/eventhubs/registry-logs"),
    "the rule": (
        "Microsoft.EventHub/namespaces/authorizationRules/write",
        f"{HUB}/authorizationRules/diagnostic-settings",
    ),
    "the app": ("Microsoft.Web/sites/write", APP),
    "the app's settings": ("Microsoft.Web/sites/config/write", f"{APP}/config/appsettings"),
    "the app's settings deleted": ("Microsoft.Web/sites/config/delete", f"{APP}/config/x"),
}


LOCK = (
    "Microsoft.Authorization/locks/delete",
    f"{GROUP}/Microsoft.Authorization/locks/registrywatch",
)


def test_every_operation_is_tried_here() -> None:
    tried = {operation.lower() for operation, _ in (REMOVALS | PARTS | EDITS).values()}
    tried.add(LOCK[0].lower())
    assert tried == monitoring_operations.FEEDS.keys() | monitoring_operations.PARTS.keys()


@pytest.fixture
def scene(azure: HttpStub) -> Scene:
    return Scene(azure, WITH_APP)


@pytest.mark.parametrize("removal", (REMOVALS | PARTS).values(), ids=(REMOVALS | PARTS).keys())
def test_event_grid_tells(scene: Scene, removal: tuple[str, str]) -> None:
    scene.arrive(resource_changed(*removal, by="mallory@example.com"))
    [alert] = scene.alerts
    assert (alert.rule, alert.severity) == ("acr-monitoring-removed", Severity.HIGH)
    assert alert.actor.id == "mallory@example.com"
    assert removal[1].rpartition("/")[2] in alert.summary


@pytest.mark.parametrize("removal", (REMOVALS | PARTS).values(), ids=(REMOVALS | PARTS).keys())
def test_the_activity_log_tells_in_capitals(scene: Scene, removal: tuple[str, str]) -> None:
    scene.arrive(hub(activity(*removal)))
    assert scene.rules() == ["acr-monitoring-removed"]


def test_a_lock_that_is_removed_has_lost_nothing_yet(scene: Scene) -> None:
    scene.arrive(hub(activity(*LOCK)))
    [alert] = scene.alerts
    assert (alert.rule, alert.severity) == ("acr-monitoring-removed", Severity.MEDIUM)


def test_both_together_are_one_alert(scene: Scene) -> None:
    removal = REMOVALS["the registry's diagnostic setting"]
    scene.arrive(resource_changed(*removal, correlation="c-1"))
    scene.arrive(hub(activity(*removal, correlation="c-1")))
    assert scene.rules() == ["acr-monitoring-removed"]


def test_an_attempt_that_failed_removed_nothing(scene: Scene) -> None:
    scene.arrive(hub(activity(*REMOVALS["the system topic"], result="Failure")))
    scene.arrive(hub(activity(*REMOVALS["the system topic"], result="Start")))
    assert scene.alerts == []


@pytest.mark.parametrize(
    ("operation", "resource"),
    [
        (f"{SETTING}/delete", f"{registry_id('unwatched')}/providers/{SETTING}/x"),
        (f"{SETTING}/delete", f"{GROUP}/Microsoft.KeyVault/vaults/v/providers/{SETTING}/x"),
        ("Microsoft.EventGrid/systemTopics/delete", f"{TOPIC}-of-somebody-else"),
        (f"{SETTING}/write", f"{registry_id()}/providers/{SETTING}/registrywatch"),
    ],
)
def test_what_others_live_on_is_theirs(scene: Scene, operation: str, resource: str) -> None:
    scene.arrive(resource_changed(operation, resource))
    assert scene.alerts == []


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_what_others_run_is_theirs(scene: Scene, part: tuple[str, str]) -> None:
    operation, resource = part
    theirs = resource.replace("registrywatch", "shop")
    scene.arrive(resource_changed(operation, theirs))
    assert scene.alerts == []


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_whose_outcome_nobody_can_look_up_is_informational(
    azure: HttpStub, edit: tuple[str, str]
) -> None:
    scene = Scene(azure, WatchScope())
    scene.arrive(resource_changed(*edit))
    [alert] = scene.alerts
    assert alert.severity == Severity.INFORMATIONAL
    assert "state not looked up" in alert.reasons[0]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_causes_a_look_at_the_state_and_another_a_little_later(
    scene: Scene, edit: tuple[str, str]
) -> None:
    scene.arrive(resource_changed(*edit), resource_changed(*edit))
    assert (scene.self_checks, scene.alerts) == (1, [])
    [(text, delay)] = scene.queue.messages
    scene.watcher.recheck(decode(text))
    assert (scene.self_checks, delay, len(scene.queue.messages)) == (2, 90, 1)


@pytest.mark.parametrize(
    ("scope", "looks"),
    [
        (registry_id(), 1),
        (registry_id().partition("/providers/")[0], 1),
        (f"/subscriptions/{SUBSCRIPTION}", 1),
        (registry_id("unwatched"), 0),
        ("/subscriptions/another", 0),
    ],
)
def test_a_role_assignment_that_goes_where_a_watched_registry_is_causes_a_look(
    scene: Scene, scope: str, looks: int
) -> None:
    resource = f"{scope}/providers/Microsoft.Authorization/roleAssignments/1-2"
    scene.arrive(resource_changed("Microsoft.Authorization/roleAssignments/delete", resource))
    assert (scene.self_checks, scene.alerts) == (looks, [])


def test_an_edit_of_another_app_is_no_reason_to_look(scene: Scene) -> None:
    other = APP.replace("registrywatch", "shop")
    scene.arrive(resource_changed("Microsoft.Web/sites/write", other))
    assert (scene.self_checks, scene.alerts) == (0, [])


WRITE = "Microsoft.ContainerRegistry/registries/write"


def test_a_registry_that_is_not_watched_is_reported_once_with_who_made_it(scene: Scene) -> None:
    created = resource_changed(WRITE, registry_id("shadow"), by="mallory@example.com")
    scene.arrive(created, created)
    scene.arrive(resource_changed(WRITE, registry_id("shadow").upper()))
    assert len({alert.id for alert in scene.alerts}) == 1, "a repeated delivery is the same alert"
    alert = scene.alerts[0]
    assert (alert.rule, alert.severity.value) == ("acr-monitoring-removed", "medium")
    assert "registry shadow" in alert.summary
    assert alert.actor.id == "mallory@example.com"
    scene.arrive(resource_changed(WRITE, registry_id("another")))
    assert len({alert.id for alert in scene.alerts}) == 2


DELETE = "Microsoft.ContainerRegistry/registries/delete"


def ended(scene: Scene) -> list[str]:
    """What is said of ends, each checked to belong to the alert that began."""
    incidents = [alert.incident for alert in scene.alerts if alert.incident]
    opened = {each.id for each in incidents if each.state == "open"}
    assert {each.id for each in incidents if each.state == "resolved"} <= opened
    return [alert.reasons[0] for alert in scene.alerts if alert.resolved]


def test_an_unwatched_registry_that_is_deleted_is_over_once(scene: Scene) -> None:
    scene.arrive(resource_changed(WRITE, registry_id("shadow")))
    assert ended(scene) == []
    scene.arrive(*(resource_changed(DELETE, registry_id("shadow")) for _ in range(2)))
    assert ended(scene) == ["Found: it was deleted."]
    scene.arrive(resource_changed(DELETE, registry_id("never-seen")))
    assert len(scene.alerts) == 2


def test_an_unwatched_registry_that_is_watched_now_is_over_once(
    scene: Scene, azure: HttpStub
) -> None:
    scene.arrive(resource_changed(WRITE, registry_id("shadow")))
    scene.watched = WatchScope((registry_id(), registry_id("SHADOW")))
    for worker in (scene.another_worker(), scene.another_worker()):
        for _ in range(2):
            worker.look_at_all()
    assert ended(scene) == ["Found: it is watched now."]


def test_an_unwatched_registry_that_is_made_again_is_reported_again(scene: Scene) -> None:
    first, second = (resource_changed(WRITE, registry_id("shadow"), at=T0 + at) for at in (0, 120))
    gone = resource_changed(DELETE, registry_id("shadow"), at=T0 + 60)
    scene.arrive(first, gone, first, second)
    opened = [alert.id for alert in scene.alerts if not alert.resolved]
    assert len(opened) == len(set(opened)) == 2
    scene.arrive(resource_changed(DELETE, registry_id("shadow"), at=T0 + 180))
    assert len(ended(scene)) == 2


def test_a_registry_that_was_deleted_before_its_creation_is_heard_of_is_no_news(
    scene: Scene,
) -> None:
    scene.arrive(
        resource_changed(DELETE, registry_id("shadow"), at=T0 + 60),
        resource_changed(WRITE, registry_id("shadow"), at=T0),
    )
    assert scene.alerts == []


def test_a_watched_registry_is_not_reported_as_one_that_is_not(scene: Scene) -> None:
    scene.arrive(resource_changed(WRITE, registry_id()))
    assert scene.alerts == []


def test_a_replay_knows_no_list_and_tells_of_every_registry_and_topic(azure: HttpStub) -> None:
    scene = Scene(azure, WatchScope())
    scene.arrive(resource_changed(*REMOVALS["the system topic"]))
    scene.arrive(
        resource_changed(f"{SETTING}/delete", f"{registry_id('any')}/providers/{SETTING}/x")
    )
    assert scene.rules() == ["acr-monitoring-removed"] * 2
