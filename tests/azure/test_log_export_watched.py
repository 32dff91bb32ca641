"""A diagnostic setting that is edited blinds like one that is deleted: both are reported, once."""

import pytest

from registrywatch.azure import names
from registrywatch.azure.rechecks import decode
from tests.azure.given import PLANS, WATCHED, Scene
from tests.azure.http_stub import HttpStub
from tests.builders.azure import SUBSCRIPTION, registry_id, resource_changed
from tests.builders.cloudtrail import Json

NAMESPACE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rw/providers/Microsoft.EventHub/namespaces/rw"
)
SETTINGS = f"{registry_id()}/providers/Microsoft.Insights/diagnosticSettings"
WRITE = "Microsoft.Insights/diagnosticSettings/write"
RULE = "acr-monitoring-removed"


def setting(
    *,
    to: str = NAMESPACE,
    hub: str | None = names.EVENT_HUB,
    enabled: bool = True,
    category: str | None = None,
    **group: str,
) -> Json:
    named = (
        {"categoryGroup": group["group"]}
        if group
        else {"category": category or "ContainerRegistryRepositoryEvents"}
    )
    return {
        "name": "registrywatch",
        "properties": {
            "eventHubAuthorizationRuleId": f"{to}/authorizationRules/diagnostic-settings",
            "eventHubName": hub,
            "logs": [{**named, "enabled": enabled}],
        },
    }


def stands(azure: HttpStub, *settings: Json) -> None:
    azure.answers(SETTINGS, {"value": list(settings)})


@pytest.fixture
def scene(azure: HttpStub) -> Scene:
    """A registry whose logs are known to reach us."""
    scene = Scene(azure, WATCHED, NAMESPACE.upper())
    azure.answers(f"{PLANS}/Containers", 403)
    stands(azure, setting())
    scene.watcher.look_at_all()
    return scene


@pytest.mark.parametrize(
    "edited",
    [
        setting(enabled=False),
        setting(category="ContainerRegistryLoginEvents"),
        setting(to=f"{NAMESPACE}-of-mallory"),
        setting(hub="of-mallory"),
        setting(hub=None),
        {"name": "x", "properties": {"workspaceId": "w", "logs": [{"enabled": True}]}},
        {"name": "x", "properties": None},
    ],
)
def test_a_setting_that_no_longer_sends_us_the_log_is_reported(scene: Scene, edited: Json) -> None:
    stands(scene.azure, edited)
    scene.arrive(resource_changed(WRITE, f"{SETTINGS}/registrywatch", by="mallory@example.com"))
    [alert] = scene.alerts
    assert alert.rule == RULE
    assert alert.actor.id == "mallory@example.com"
    assert "ended the log export of example" in alert.summary


@pytest.mark.parametrize(
    "edited",
    [setting(), setting(group="allLogs"), setting(group="audit"), setting(to=NAMESPACE.lower())],
)
def test_a_setting_that_still_does_is_none(scene: Scene, edited: Json) -> None:
    stands(scene.azure, {"name": "other", "properties": {}}, edited)
    scene.arrive(resource_changed(WRITE, f"{SETTINGS}/registrywatch"))
    assert scene.alerts == []


def test_an_edit_that_shows_late_is_found_by_the_second_look(scene: Scene) -> None:
    scene.arrive(resource_changed(WRITE, f"{SETTINGS}/registrywatch"))
    stands(scene.azure)
    text, delay = scene.queue.take()
    scene.another_worker().recheck(decode(text))
    assert (delay, scene.rules()) == (90, [RULE])


def test_the_timer_finds_what_no_event_reported(scene: Scene) -> None:
    stands(scene.azure)
    scene.watcher.look_at_all()
    assert scene.rules() == [RULE]


def test_a_deleted_setting_is_reported_by_its_event_alone(
    scene: Scene,
) -> None:
    deletion = "Microsoft.Insights/diagnosticSettings/delete"
    scene.arrive(resource_changed(deletion, f"{SETTINGS}/registrywatch"))
    stands(scene.azure)
    scene.watcher.look_at_all()
    assert scene.rules() == [RULE]


def test_another_setting_s_deletion_does_not_hide_an_edit_of_ours(scene: Scene) -> None:
    deletion = "Microsoft.Insights/diagnosticSettings/delete"
    scene.arrive(resource_changed(deletion, f"{SETTINGS}/to-log-analytics"))
    stands(scene.azure, setting(to=f"{NAMESPACE}-of-mallory"))
    scene.watcher.look_at_all()
    deleted, ended = scene.alerts
    assert "deleted the diagnostic setting to-log-analytics" in deleted.summary
    assert "ended the log export of example" in ended.summary


def test_a_setting_that_came_back_and_went_again_is_reported_again(scene: Scene) -> None:
    for settings in ((), (setting(),), ()):
        stands(scene.azure, *settings)
        scene.watcher.look_at_all()
    assert scene.rules() == [RULE, RULE]


@pytest.mark.parametrize("answer", [403, 500, {"value": None}, {}])
def test_what_can_not_be_read_is_neither(scene: Scene, answer: int | Json) -> None:
    scene.azure.answers(SETTINGS, answer)
    assert (registry_id(), True) in [
        (registry, "diagnosticSettings" in why)
        for registry, why in scene.watcher.look_at_all().unknown
    ]
    assert scene.alerts == []


def test_a_registry_made_anew_has_lost_its_settings(scene: Scene) -> None:
    stands(scene.azure)
    scene.arrive(resource_changed("Microsoft.ContainerRegistry/registries/write", registry_id()))
    assert scene.rules() == [RULE]
