"""acr-image-scan-disabled on Azure: an alert when scanning went from on to off, and only then."""

import msgspec
import pytest

from registrywatch.azure.rechecks import STATE_DELAYS, LookAgain, Recheck, decode
from registrywatch.azure.scope import WatchScope
from registrywatch.errors import StoreError
from registrywatch.severity import Severity
from tests.azure.given import FREE, INHERITED, NO_ACCESS, OVERRIDE, PLANS, Scene, events, plan
from tests.azure.http_stub import Answer, HttpStub
from tests.builders.azure import activity, hub, plan_changed, registry_id
from tests.builders.cloudtrail import Json

ON = plan()
RULE = "acr-image-scan-disabled"


def stands(azure: HttpStub, *, containers: Json = ON, posture: Json = FREE) -> None:
    """How the subscription's plans stand from now on; the registry has no override."""
    azure.answers(f"{PLANS}/Containers", containers)
    azure.answers(f"{PLANS}/CloudPosture", posture)
    azure.answers(OVERRIDE, INHERITED)


@pytest.fixture
def scanned(scene: Scene) -> Scene:
    """A registry known to be scanned."""
    stands(scene.azure)
    scene.watcher.look_at_all()
    scene.azure.asked.clear()
    return scene


def next_recheck(scene: Scene) -> tuple[Recheck, int]:
    text, delay = scene.queue.take()
    return decode(text), delay


def test_a_plan_set_to_free_is_reported_at_once_with_who_did_it(scanned: Scene) -> None:
    stands(scanned.azure, containers=FREE)
    scanned.arrive(plan_changed("Containers", by="mallory@example.com"))
    [alert] = scanned.alerts
    assert alert.rule == RULE
    assert alert.severity is Severity.HIGH
    assert alert.actor.id == "mallory@example.com"
    assert alert.registry == "example.azurecr.io"
    assert alert.reasons == (
        "Scanning went from on to off: plan Containers of the subscription: plan free.",
    )
    assert scanned.queue.messages == []


def test_registry_access_switched_off_is_reported(scanned: Scene) -> None:
    stands(scanned.azure, containers=NO_ACCESS)
    scanned.arrive(plan_changed("Containers"))
    assert "registry access off" in scanned.alerts[0].reasons[0]


def test_an_override_of_the_registry_is_reported(scanned: Scene) -> None:
    scanned.azure.answers(OVERRIDE, plan(tier="Free", access=None, inherited="False"))
    scanned.arrive(plan_changed("Containers", scope=registry_id()))
    assert "for this registry" in scanned.alerts[0].reasons[0]


def test_deleting_the_override_that_scanned_is_reported(scene: Scene) -> None:
    stands(scene.azure, containers=FREE)
    scene.azure.answers(OVERRIDE, plan(inherited="False"))
    scene.watcher.look_at_all()
    scene.azure.answers(OVERRIDE, 404)
    scene.arrive(plan_changed("Containers", deleted=True, scope=registry_id()))
    assert scene.rules() == [RULE]


def test_one_of_two_plans_off_is_none_but_the_other_then_is(scene: Scene) -> None:
    stands(scene.azure, posture=ON)
    scene.watcher.look_at_all()
    stands(scene.azure, containers=FREE, posture=ON)
    scene.arrive(plan_changed("Containers"))
    assert scene.alerts == []
    stands(scene.azure, containers=FREE, posture=FREE)
    scene.arrive(plan_changed("CloudPosture"))
    assert "plan CloudPosture" in scene.alerts[0].reasons[0]


def test_switching_on_and_what_was_off_before_are_none(scene: Scene) -> None:
    stands(scene.azure, containers=FREE)
    scene.arrive(plan_changed())
    stands(scene.azure)
    scene.arrive(plan_changed())
    assert scene.alerts == []


def test_the_timer_finds_what_no_event_reported(scanned: Scene) -> None:
    stands(scanned.azure, containers=FREE)
    scanned.watcher.look_at_all()
    [alert] = scanned.alerts
    assert alert.actor.id is None
    assert alert.summary.startswith("An unknown actor switched off image scanning")


def test_event_activity_log_and_timer_tell_one_change_once(scanned: Scene) -> None:
    stands(scanned.azure, containers=FREE)
    change = plan_changed(correlation="c-1")
    written = f"{PLANS}/Containers"
    scanned.arrive(change, change)
    scanned.arrive(hub(activity("Microsoft.Security/pricings/write", written, correlation="c-1")))
    scanned.watcher.look_at_all()
    scanned.another_worker().look_at_all()
    assert scanned.rules() == [RULE]


def test_off_again_after_on_is_reported_again(scanned: Scene) -> None:
    for _ in range(2):
        stands(scanned.azure, containers=FREE)
        scanned.arrive(plan_changed())
        stands(scanned.azure)
        scanned.watcher.look_at_all()
    assert scanned.rules() == [RULE, RULE]
    assert len({alert.id for alert in scanned.alerts}) == 2


def test_a_state_that_lags_behind_the_event_is_looked_at_again(scanned: Scene) -> None:
    scanned.arrive(plan_changed("Containers", by="mallory@example.com"))
    recheck, delay = next_recheck(scanned)
    assert delay == 90
    stands(scanned.azure, containers=FREE)
    scanned.another_worker().recheck(recheck)
    assert scanned.alerts[0].actor.id == "mallory@example.com"


def test_a_change_that_switched_nothing_off_is_looked_at_twice_and_forgotten(
    scanned: Scene,
) -> None:
    scanned.arrive(plan_changed())
    scanned.watcher.recheck(next_recheck(scanned)[0])
    assert scanned.queue.messages == []
    assert scanned.alerts == []


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_failing_resource_manager_is_neither_on_nor_off(scanned: Scene, status: int) -> None:
    remembered = dict(scanned.scanning_rows.rows)
    scanned.azure.answers(f"{PLANS}/Containers", status)
    scanned.arrive(plan_changed())
    assert scanned.watcher.look_at_all().unknown[0][0] == registry_id()
    assert scanned.alerts == []
    assert scanned.scanning_rows.rows == remembered


def test_a_failing_resource_manager_is_asked_again_ever_later_then_left_to_the_timer(
    scanned: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scanned.azure.answers(f"{PLANS}/Containers", 403)
    scanned.arrive(plan_changed())
    delays = []
    while scanned.queue.messages:
        recheck, delay = next_recheck(scanned)
        delays.append(delay)
        scanned.watcher.recheck(recheck)
    assert (0, *delays) == STATE_DELAYS
    lines = [msgspec.json.decode(record.message) for record in caplog.records]
    assert {line["event"] for line in lines} == {"state_unreadable"}
    assert "HTTP 403" in lines[0]["reason"]


def test_what_failed_first_is_reported_when_it_can_be_read(scanned: Scene) -> None:
    scanned.azure.answers(f"{PLANS}/Containers", 500)
    scanned.arrive(plan_changed(by="mallory@example.com"))
    stands(scanned.azure, containers=FREE)
    scanned.watcher.recheck(next_recheck(scanned)[0])
    assert scanned.alerts[0].actor.id == "mallory@example.com"


def test_one_registry_that_can_not_be_read_hinders_no_other(azure: HttpStub) -> None:
    both = WatchScope(registries=(registry_id("one"), registry_id("two")))
    scene = Scene(azure, both)
    stands(azure)
    scene.watcher.look_at_all()
    stands(azure, containers=FREE)
    azure.answers(f"{registry_id('one')}/providers/Microsoft.Security/pricings/Containers", 403)
    scene.arrive(plan_changed())
    assert [alert.registry for alert in scene.alerts] == ["two.azurecr.io"]


def test_an_alert_that_could_not_be_handed_over_is_not_lost(scanned: Scene) -> None:
    stands(scanned.azure, containers=FREE)
    scanned.fail_to_hand_over = True
    [change] = events(plan_changed())
    assert scanned.watcher.handle([change]).failed == {}
    [(look, delay)] = scanned.queue.messages
    assert delay == 0
    with pytest.raises(StoreError):
        scanned.watcher.recheck(decode(look))  # the queue's host hands it in again
    scanned.fail_to_hand_over = False
    scanned.another_worker().recheck(decode(look))
    assert scanned.rules() == [RULE]


def test_a_registry_that_nobody_watches_is_not_asked_about(scanned: Scene) -> None:
    scanned.arrive(plan_changed(scope=registry_id("somebody-elses")))
    assert scanned.azure.asked == []


def test_without_a_list_of_registries_the_change_itself_is_reported(azure: HttpStub) -> None:
    scene = Scene(azure, WatchScope())
    scene.arrive(plan_changed())
    [alert] = scene.alerts
    assert alert.severity is Severity.INFORMATIONAL


def test_a_slow_resource_manager_holds_nobody_up_for_more_than_its_timeout(
    scanned: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registrywatch.azure.http._TIMEOUT", (1.0, 0.05))
    scanned.azure.answers(f"{PLANS}/Containers", Answer(body=ON, after=0.3))
    scanned.arrive(plan_changed())
    assert scanned.slept == [1.0, 2.0, 4.0]
    assert isinstance(next_recheck(scanned)[0], LookAgain)
