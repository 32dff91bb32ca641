"""acr-monitoring-removed: whoever deletes what the detector lives on is seen doing it."""

import pytest

from registrywatch.azure.scope import Watched
from registrywatch.severity import Severity
from tests.azure.given import Scene, events
from tests.azure.http_stub import HttpStub
from tests.builders.azure import SUBSCRIPTION, activity, hub, registry_id, resource_changed
from tests.builders.cloudtrail import Json

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/registrywatch/providers"
TOPIC = f"{GROUP}/Microsoft.EventGrid/systemTopics/registrywatch-example"
SETTING = "Microsoft.Insights/diagnosticSettings"
OURS = Watched(
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


@pytest.fixture
def scene(azure: HttpStub) -> Scene:
    return Scene(azure, OURS)


def told(scene: Scene, *documents: Json) -> None:
    assert scene.watcher.handle(events(*documents)).failed == {}


@pytest.mark.parametrize("removal", REMOVALS.values(), ids=REMOVALS)
def test_event_grid_tells(scene: Scene, removal: tuple[str, str]) -> None:
    told(scene, resource_changed(*removal, by="mallory@example.com"))
    [alert] = scene.alerts
    assert (alert.rule, alert.severity) == ("acr-monitoring-removed", Severity.HIGH)
    assert alert.actor.id == "mallory@example.com"
    assert removal[1].rpartition("/")[2] in alert.summary


@pytest.mark.parametrize("removal", REMOVALS.values(), ids=REMOVALS)
def test_the_activity_log_tells_in_capitals(scene: Scene, removal: tuple[str, str]) -> None:
    told(scene, hub(activity(*removal)))
    assert scene.rules() == ["acr-monitoring-removed"]


def test_both_together_are_one_alert(scene: Scene) -> None:
    removal = REMOVALS["the registry's diagnostic setting"]
    told(scene, resource_changed(*removal, correlation="c-1"))
    told(scene, hub(activity(*removal, correlation="c-1")))
    assert scene.rules() == ["acr-monitoring-removed"]


def test_an_attempt_that_failed_removed_nothing(scene: Scene) -> None:
    told(scene, hub(activity(*REMOVALS["the system topic"], result="Failure")))
    told(scene, hub(activity(*REMOVALS["the system topic"], result="Start")))
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
    told(scene, resource_changed(operation, resource))
    assert scene.alerts == []


def test_a_replay_knows_no_list_and_tells_of_every_registry_and_topic(azure: HttpStub) -> None:
    scene = Scene(azure, Watched())
    told(scene, resource_changed(*REMOVALS["the system topic"]))
    told(
        scene, resource_changed(f"{SETTING}/delete", f"{registry_id('any')}/providers/{SETTING}/x")
    )
    assert scene.rules() == ["acr-monitoring-removed"] * 2
