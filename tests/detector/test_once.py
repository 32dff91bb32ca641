"""One happening raises one alert, however often, in whatever envelope and order it is told."""

import json
import random
from collections import Counter as Tally

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.detector import memory
from registrywatch.detector.memory import InMemory
from registrywatch.times import DAY
from tests.builders.azure import (
    activity,
    cloud_event,
    deleted,
    hub,
    logged,
    plan_changed,
    pushed,
    registry_id,
    resource_changed,
)
from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    FOREIGN,
    Json,
    create_repository,
    delete_images,
    delete_repository,
    digest,
    eventbridge,
    expire_images,
    failed,
    foreign,
    log_file,
    looked_up,
    pull,
    push,
    set_mutability,
    set_policy,
)
from tests.builders.detecting import Watch, alerts, raised

CHANGES = [
    create_repository(tls=None),
    set_policy("no policy at all"),
    delete_images(digest("a")),
    expire_images(*[digest(n) for n in range(40)]),
    delete_repository(),
    set_mutability("MUTABLE"),
]
GONE = ("acr-forced-repository-deletion", "high")
DELETED = ("acr-images-deleted", "low")
PLAN = ("acr-image-scan-disabled", "informational")


def in_every_envelope(made: Json) -> list[Json | list[Json]]:
    return [eventbridge(made), eventbridge(made), log_file(made), looked_up(made), [made], made]


# AWS


@for_each("made", CHANGES, ids=lambda made: made["eventName"])
def test_an_event_raises_one_alert_in_whatever_envelopes_it_comes(made: Json) -> None:
    envelopes = in_every_envelope(made)
    assert len(alerts(*envelopes)) == 1
    ids = {alert.id for envelope in envelopes for alert in alerts(envelope)}
    assert len(ids) == 1, "and always under the same id"


@given(st.randoms(use_true_random=False))
def test_any_order_and_number_of_deliveries_raises_each_alert_once(rng: random.Random) -> None:
    deliveries = [each for made in CHANGES for each in in_every_envelope(made)]
    rng.shuffle(deliveries)
    watch = Watch()
    found = [alert.events for alert in watch.alerts(*deliveries)]
    assert sorted(found) == sorted((made["eventID"],) for made in CHANGES)


def test_in_one_batch_a_repeated_event_is_one_too() -> None:
    made = delete_repository()
    assert len(alerts([eventbridge(made), eventbridge(made), log_file(made, made)])) == 1


def test_both_accounts_records_of_one_call_are_one_alert() -> None:
    shared: Json = {"sharedEventID": "77777777-0000-4000-8000-000000000002", "by": foreign()}
    records = [delete_repository(**shared), delete_repository(seen_in=FOREIGN, **shared)]
    assert len({made["eventID"] for made in records}) == 2
    assert len(alerts(log_file(*records))) == 1


def test_the_same_call_made_again_is_another_alert() -> None:
    assert len(alerts(set_mutability("MUTABLE"), set_mutability("MUTABLE", at=T0 + 1))) == 2


@for_each("made", [*CHANGES, pull(), push()], ids=lambda made: made["eventName"])
def test_a_call_that_failed_raises_nothing_and_counts_nothing(made: Json) -> None:
    everything = {
        "ECR_EXCESSIVE_IMAGE_PULL_THRESHOLD": "1",
        "ECR_EXCESSIVE_IMAGE_PUSH_THRESHOLD": "1",
    }
    assert len(raised(made, **everything)) == 1
    refused = {**made, "eventID": "another", "errorCode": "AccessDenied"}
    assert raised(failed(made), refused, **everything) == []


# Azure: a repository's delete is told image by image


def images_of_one_request(count: int = 4, request: str = "r-1") -> list[Json]:
    return [deleted(f"i{n}", request=request, at=T0 + n / 10) for n in range(count)]


MAYBE = (GONE[0], "medium")


def test_the_second_image_of_a_request_may_be_the_repositorys_delete() -> None:
    first, second, *others = images_of_one_request(5)
    watch = Watch()
    assert [alert.rule for alert in watch.alerts(first)] == [DELETED[0]]
    (gone,) = watch.alerts(second)
    assert (gone.rule, gone.severity.value) == MAYBE
    assert gone.repository == "orders-api"
    assert watch.alerts(*others) == []


def test_images_of_other_requests_and_repositories_still_raise() -> None:
    watch = Watch()
    watch.alerts(*images_of_one_request())
    others = [
        deleted("x", request="r-2", at=T0 + 400),
        deleted("y", "another", request="r-1", at=T0 + 400),
        deleted("z", request="r-1", registry="second", at=T0 + 400),
    ]
    assert [alert.rule for alert in watch.alerts(*others)] == [DELETED[0]] * 3


REPOSITORY_GONE = [
    *images_of_one_request(),
    hub(logged("Delete", None, None, status="202", at=T0 + 2)),
]


@given(st.permutations(REPOSITORY_GONE * 2))
def test_redelivered_in_any_order_a_repositorys_delete_is_reported_once(order: list[Json]) -> None:
    found = Tally(raised(*order))
    assert found[GONE] == 1
    assert found[DELETED] <= 1
    assert found[MAYBE] <= 1  # several images of one request only suggest it
    assert set(found) <= {GONE, DELETED, MAYBE}


@given(st.permutations([deleted(f"i{n}", at=T0 + n) for n in range(3)] * 2))
def test_redelivered_in_any_order_images_of_requests_of_their_own_are_reported_once(
    order: list[Json],
) -> None:
    assert raised(*order) == [DELETED] * 3


# Azure: two kinds of records tell of one happening


SCOPE = "/subscriptions/00000000-0000-0000-0000-000000000009"
CONTAINERS = f"{SCOPE}/providers/Microsoft.Security/pricings/Containers"
SETTING = f"{registry_id()}/providers/Microsoft.Insights/diagnosticSettings/watch"
PLAN_WRITE, SETTING_DELETE = (
    "Microsoft.Security/pricings/write",
    "Microsoft.Insights/diagnosticSettings/delete",
)

TWINS = {
    "an image": (deleted("a", at=T0), hub(logged("Delete", "a", None, at=T0 + 90)), DELETED),
    "a repository": (
        deleted(None, at=T0),
        hub(logged("Delete", None, None, at=T0 + 90)),
        GONE,
    ),
    "a plan": (
        resource_changed(PLAN_WRITE, CONTAINERS, correlation="c-1", at=T0),
        hub(activity(PLAN_WRITE, CONTAINERS, correlation="c-1", at=T0 + 90)),
        PLAN,
    ),
    "a diagnostic setting": (
        resource_changed(SETTING_DELETE, SETTING, correlation="c-2", at=T0),
        hub(activity(SETTING_DELETE, SETTING, correlation="c-2", at=T0 + 90)),
        ("acr-monitoring-removed", "high"),
    ),
}


@pytest.mark.parametrize(("grid", "log", "expected"), TWINS.values(), ids=TWINS)
def test_event_grid_and_the_logs_tell_of_one_happening(
    grid: Json, log: Json, expected: tuple[str, str]
) -> None:
    for order in ([grid, log], [log, grid], [grid, log, grid, log], [log, log, grid, grid]):
        assert raised(*order) == [expected]
    assert raised(cloud_event(grid), grid, log) == [expected]


def test_two_plans_of_one_request_are_two() -> None:
    posture = CONTAINERS.replace("Containers", "CloudPosture")
    made = [resource_changed(PLAN_WRITE, plan, correlation="c-1") for plan in (CONTAINERS, posture)]
    assert raised(*made) == [PLAN, PLAN]


def test_a_change_that_is_repeated_by_another_request_is_reported_again() -> None:
    assert raised(plan_changed(at=T0), plan_changed(at=T0 + 60)) == [PLAN, PLAN]


def test_pushes_are_counted_once_however_often_delivered() -> None:
    made = [pushed(f"v{n}", f"i{n}", at=T0 + n) for n in range(49)]
    assert raised(made, [cloud_event(each) for each in made], *made) == []
    assert len(raised(made, pushed("v50", "i50", at=T0 + 50))) == 1


# What is remembered


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> InMemory:
    """A memory of a hundred entries a generation."""
    monkeypatch.setattr(memory, "KEEP", 100)
    return InMemory()


def test_the_first_value_that_is_kept_stays(small: InMemory) -> None:
    assert small.get("key") is None
    assert small.keep("key", "first", T0) == "first"
    assert small.keep("key", "second", T0 + 1) == "first"
    assert small.get("key") == "first"


def held(small: InMemory) -> int:
    return len(small._young) + len(small._old)


@pytest.mark.parametrize("direction", [1, -1], ids=["oldest first", "newest first"])
def test_memory_is_bounded_whichever_way_time_goes(small: InMemory, direction: int) -> None:
    for number in range(5_000):
        small.keep(f"key {number}", "", T0 + direction * number * 3600)
        assert small.get(f"key {max(0, number - 100)}") == "", "the last hundred are known"
    assert held(small) <= 2 * 101


def test_a_day_is_remembered_however_much_happens(small: InMemory) -> None:
    for number in range(5_000):
        small.keep(f"key {number}", "", T0 + number * DAY / 5_000)
    assert all(small.get(f"key {number}") == "" for number in range(5_000))


def test_little_is_remembered_for_long(small: InMemory) -> None:
    small.keep("key", "", T0)
    small.keep("other", "", T0 + 365 * DAY)
    assert small.get("key") == ""


def test_a_redelivery_after_months_is_known_if_little_happened() -> None:
    watch = Watch()
    made = delete_repository()
    assert len(watch.alerts(made, json.loads(json.dumps(made)))) == 1
    assert len(watch.alerts(delete_repository(at=T0 + 90 * DAY), made)) == 1
