"""What is new to an actor and what is familiar: the rules on it, over days of traffic."""

from collections.abc import Callable
from typing import Any

import pytest

from registrywatch.alerts import Alert
from tests.builders.azure import hub, logged
from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    ACCOUNT,
    FOREIGN,
    Json,
    delete_images,
    digest,
    expire_images,
    foreign,
    log_file,
    pull,
    push,
    role,
    root,
    user,
)
from tests.builders.detecting import WatchForNews

DAY = 86_400
HOUR = 3_600
LEARNT = {"LEARNING_DAYS": "0"}
CI = role("CI")


def watch(**variables: str) -> WatchForNews:
    """A watch of an account that is known already, unless variables say otherwise."""
    return WatchForNews(**{**LEARNT, **variables})


def pulls(count: int, first: int = 0, at: float = T0, every: float = 1, **more: Any) -> list[Json]:
    """One pull from each of so many repositories."""
    return [
        pull("v1", repository=f"r{n}", at=at + (n - first) * every, **more)
        for n in range(first, first + count)
    ]


def shown(alerts: list[Alert]) -> list[tuple[str, str]]:
    return [(alert.rule, alert.severity.value) for alert in alerts]


# Unfamiliar pulls

UNFAMILIAR = "ecr-unfamiliar-pull"


def test_twenty_new_repositories_within_an_hour_by_a_known_actor_are_high() -> None:
    there = watch()
    assert there.alerts(log_file(*pulls(5))) == []
    found = there.alerts(log_file(*pulls(20, first=5, at=T0 + 2 * DAY, every=170)))
    assert shown(found) == [(UNFAMILIAR, "high")]
    assert found[0].summary == (
        "Dev pulled for the first time from 20 repositories in 1 hour (111122223333, eu-west-1)"
    )
    assert (found[0].count, found[0].threshold, found[0].window_seconds) == (20, 20, HOUR)


def test_by_an_actor_that_was_never_seen_they_are_medium() -> None:
    assert shown(watch().alerts(log_file(*pulls(20)))) == [(UNFAMILIAR, "medium")]


def test_by_root_or_a_foreign_account_they_are_high() -> None:
    for caller in (root(), foreign()):
        found = watch().alerts(log_file(*pulls(20, by=caller)))
        assert (UNFAMILIAR, "high") in shown(found)


def test_nineteen_are_not_enough_nor_are_twenty_over_hours() -> None:
    assert watch().alerts(log_file(*pulls(19))) == []
    assert watch().alerts(log_file(*pulls(30, every=300))) == []


def test_what_was_used_before_is_no_news_however_often_it_is_pulled() -> None:
    there = watch()
    assert there.alerts(log_file(*pulls(60, every=300))) == []
    for day in (1, 5, 30):
        assert there.alerts(log_file(*pulls(60, at=T0 + day * DAY))) == []


def test_after_the_memory_it_is_news_again() -> None:
    there = watch()
    there.alerts(log_file(*pulls(20, every=300)))
    assert shown(there.alerts(log_file(*pulls(20, at=T0 + 50 * DAY)))) == [(UNFAMILIAR, "medium")]


def test_the_same_repositories_in_another_region_are_news() -> None:
    there = watch()
    there.alerts(log_file(*pulls(20, every=300)))
    elsewhere = pulls(20, at=T0 + 2 * DAY, region="eu-west-2")
    assert shown(there.alerts(log_file(*elsewhere))) == [(UNFAMILIAR, "high")]


def test_what_one_actor_used_is_news_to_another() -> None:
    there = watch()
    there.alerts(log_file(*pulls(20, every=300)))
    others = pulls(20, at=T0 + 2 * DAY, by=role("Other"))
    assert shown(there.alerts(log_file(*others))) == [(UNFAMILIAR, "medium")]


def test_pushing_to_a_repository_makes_no_pull_from_it_familiar() -> None:
    there = watch(ECR_UNFAMILIAR_PUSH_ENABLED="false")
    pushed = [push("v1", f"i{n}", repository=f"r{n}", at=T0 + 300 * n) for n in range(20)]
    assert there.alerts(log_file(*pushed)) == []
    found = there.alerts(log_file(*pulls(20, at=T0 + 2 * DAY)))
    assert shown(found) == [(UNFAMILIAR, "high")], "the actor was known, if for pushing"


def test_one_batch_over_days_knows_its_own_earlier_events() -> None:
    days = [each for day in range(4) for each in pulls(60, at=T0 + day * DAY, every=300)]
    assert watch().alerts(log_file(*days)) == []


def test_on_azure_the_replica_does_not_matter() -> None:
    made = [
        hub(
            logged("Pull", f"i{n}", "v1", f"r{n}", at=T0 + n)
            | {"location": ("westeurope", "northeurope")[n % 2]}
        )
        for n in range(20)
    ]
    assert shown(watch().alerts(*made)) == [("acr-unfamiliar-pull", "medium")]


# Learning


def test_while_an_account_is_learnt_what_is_new_is_informational_and_says_so() -> None:
    there = WatchForNews()
    (first,) = there.alerts(log_file(*pulls(20)))
    assert first.severity.value == "informational"
    assert "REGISTRYWATCH_LEARNING_DAYS" in first.reasons[-2]
    (later,) = there.alerts(log_file(*pulls(20, first=40, at=T0 + 7 * DAY)))
    assert later.severity.value == "high"


def test_a_fixed_severity_holds_while_learning_too() -> None:
    there = WatchForNews(ECR_UNFAMILIAR_PULL_SEVERITY="low")
    assert shown(there.alerts(log_file(*pulls(20)))) == [(UNFAMILIAR, "low")]


# Familiar volume


def test_a_cluster_that_scales_over_what_it_runs_is_informational() -> None:
    there = watch()
    there.alerts(log_file(*pulls(120, every=300)))
    found = there.alerts(log_file(*pulls(120, at=T0 + 2 * DAY)))
    assert shown(found) == [("ecr-excessive-image-pull", "informational")]
    assert "did the same in each of these repositories" in found[0].reasons[1]


def test_one_new_repository_among_ten_familiar_ones_is_low() -> None:
    there = watch()
    there.alerts(log_file(*pulls(110, every=300)))
    there.alerts(log_file(*pulls(8, first=110, at=T0 + 2 * DAY)))
    found = there.alerts(log_file(*pulls(110, at=T0 + 2 * DAY + 60)))
    assert shown(found) == [("ecr-excessive-image-pull", "low")]


def test_more_new_ones_are_medium_even_if_earlier_batches_held_them() -> None:
    there = watch()
    there.alerts(log_file(*pulls(90, every=300)))
    there.alerts(log_file(*pulls(15, first=90, at=T0 + 2 * DAY)))
    found = there.alerts(log_file(*pulls(90, at=T0 + 2 * DAY + 100)))
    assert shown(found) == [("ecr-excessive-image-pull", "medium")]


def test_a_release_over_familiar_repositories_is_low() -> None:
    there = watch(ECR_UNFAMILIAR_PUSH_ENABLED="false")

    def release(at: float) -> Json:
        return log_file(
            *[push(f"v{at}", f"{n}-{at}", repository=f"r{n}", by=CI, at=at + n) for n in range(60)]
        )

    assert shown(there.alerts(release(T0))) == [("ecr-excessive-image-push", "medium")]
    assert shown(there.alerts(release(T0 + 2 * DAY))) == [("ecr-excessive-image-push", "low")]


def one_by_one(at: float) -> list[Json]:
    return [delete_images(digest(f"{at} {n}"), at=at + n) for n in range(12)]


def by_a_run(at: float) -> list[Json]:
    """The records of one run of a lifecycle policy."""
    return [
        expire_images(*(digest(f"{at} {n} {each}") for each in range(6)), evaluated=int(at), at=at)
        for n in range(2)
    ]


def test_deleting_where_one_deleted_before_is_one_step_lower() -> None:
    there = watch()
    first = there.alerts(delete_images(*map(digest, range(20))))
    again = there.alerts(delete_images(*map(digest, range(20, 40)), at=T0 + 2 * DAY))
    assert (shown(first), shown(again)) == (
        [("ecr-images-deleted", "medium")],
        [("ecr-images-deleted", "low")],
    )
    soon = there.alerts(delete_images(*map(digest, range(50, 70)), at=T0 + 2 * DAY + HOUR))
    assert shown(soon) == [("ecr-images-deleted", "low")]
    elsewhere = delete_images(*map(digest, range(20)), repository="other", at=T0 + 3 * DAY)
    assert shown(there.alerts(elsewhere)) == [("ecr-images-deleted", "medium")]


@pytest.mark.parametrize("deleted", [one_by_one, by_a_run])
def test_images_that_go_a_few_at_a_time_where_they_went_before_are_one_step_lower(
    deleted: Callable[[float], list[Json]],
) -> None:
    there = watch()
    first = there.alerts(log_file(*deleted(T0)))
    again = there.alerts(log_file(*deleted(T0 + 2 * DAY)))
    worst = [max(alert.severity for alert in each) for each in (first, again)]
    assert worst[1] == worst[0].one_step_lower()


# Unfamiliar pushes

PUSH = "ecr-unfamiliar-push"


def pushed(tag: str = "build-7", at: float = T0, **more: Any) -> Json:
    return push(tag, f"{tag}{at}", at=at, **more)


@for_each(
    ("made", "severity"),
    [
        (pushed(), "low"),
        (pushed("latest"), "medium"),
        (pushed("release-3"), "medium"),
        (pushed(by=root()), "medium"),
        (pushed(by=user("alice")), "low"),
        (pushed(by=foreign()), "high"),
        (pushed("latest", by=foreign()), "critical"),
    ],
)
def test_the_first_push_of_an_identity_to_a_repository(made: Json, severity: str) -> None:
    (alert,) = [each for each in watch().alerts(made) if each.rule == PUSH]
    assert alert.severity.value == severity
    assert "pushed to prod/api for the first time" in alert.summary


def test_the_second_push_is_no_news_and_one_to_another_repository_is() -> None:
    there = watch()
    assert shown(there.alerts(pushed())) == [(PUSH, "low")]
    for at in (T0 + 60, T0 + HOUR, T0 + 2 * HOUR, T0 + 9 * DAY):
        assert there.alerts(pushed(f"b{at}", at=at)) == []
    assert shown(there.alerts(pushed(repository="prod/web", at=T0 + DAY))) == [(PUSH, "low")]


def test_a_persons_own_key_where_only_roles_pushed_is_medium() -> None:
    there = watch()
    there.alerts(pushed(by=CI))
    found = there.alerts(pushed(by=user("alice"), at=T0 + 2 * DAY))
    assert shown(found) == [(PUSH, "medium")]
    assert shown(there.alerts(pushed(by=user("bob"), at=T0 + 4 * DAY))) == [(PUSH, "low")]


def test_what_one_batch_shows_of_earlier_days_counts_as_before() -> None:
    """A file of many days is one batch: the roles' pushes in it are seen too."""
    before = [pushed(f"b{n}", by=CI, at=T0 + n * DAY) for n in range(3)]
    found = watch().alerts([*before, pushed(by=user("alice"), at=T0 + 4 * DAY)])
    assert shown(found)[-1] == (PUSH, "medium")


def test_signatures_and_untagged_manifests_are_no_first_push() -> None:
    there = watch()
    parts = [push(f"sha256-{'a' * 64}.sig", "s"), push(None, "m"), push("b" * 64, "layer")]
    assert there.alerts(*parts) == []


def test_the_first_image_on_ecr_public_is_medium() -> None:
    there = watch()
    made = [
        push("b1", f"p{n}", repository="pub", at=T0 + n * DAY, source="ecr-public.amazonaws.com")
        for n in range(3)
    ]
    first, *others = [shown(there.alerts(each)) for each in made]
    assert sorted(first) == [(PUSH, "low"), (PUSH, "medium")]
    assert others == [[], []]


# Foreign access

ACCESS = "ecr-foreign-access"


@pytest.mark.parametrize(
    ("made", "severity"),
    [
        (pull("v1", by=foreign()), "medium"),
        (push("b1", by=foreign()), "high"),
        (push("latest", by=foreign()), "critical"),
        (delete_images(digest("a"), by=foreign()), "high"),
        (delete_images(digest("a"), tags={"latest": digest("a")}, by=foreign()), "critical"),
    ],
)
def test_the_first_use_by_a_foreign_account(made: Json, severity: str) -> None:
    (alert,) = [each for each in watch().alerts(made) if each.rule == ACCESS]
    assert alert.severity.value == severity
    assert f"the foreign account {FOREIGN}" in alert.summary


def test_its_second_use_is_no_news_but_another_kind_of_use_is() -> None:
    there = watch()
    there.alerts(pull("v1", by=foreign()))
    assert there.alerts(pull("v2", repository="other", at=T0 + 2 * HOUR, by=foreign())) == []
    found = there.alerts(push("b1", at=T0 + 3 * HOUR, by=foreign()))
    assert (ACCESS, "high") in shown(found)


def test_own_and_trusted_accounts_are_not_foreign() -> None:
    assert watch().alerts(pull("v1")) == []
    trusting = watch(TRUSTED_ACCOUNTS=FOREIGN)
    assert trusting.alerts(pull("v1", by=foreign())) == []
    assert ACCOUNT != FOREIGN


# Azure's pushes: the resource log alone names who pushed


def logged_push(tag: str | None = "build-7", by: str = "ci", at: float = T0) -> Json:
    return hub(logged("Push", "i", tag, by=by, at=at))


def test_on_azure_the_log_says_who_pushed_for_the_first_time() -> None:
    there = watch()
    assert shown(there.alerts(logged_push())) == [("acr-unfamiliar-push", "low")]
    assert there.alerts(logged_push("build-8", at=T0 + 2 * HOUR)) == []
    found = there.alerts(logged_push("latest", by="mallory", at=T0 + 2 * DAY))
    assert shown(found) == [("acr-unfamiliar-push", "medium")]
    assert found[0].actor.name == "mallory"


def test_pushes_of_the_log_without_a_tag_or_a_name_are_nothing() -> None:
    for made in (logged_push(None), logged_push(digest("i")), logged_push(by="<nil>")):
        assert watch().alerts(made) == []


def test_pushes_of_the_log_are_not_counted_beside_those_of_event_grid() -> None:
    there = watch(ACR_UNFAMILIAR_PUSH_ENABLED="false")
    made = [hub(logged("Push", f"i{n}", f"v{n}", at=T0 + n)) for n in range(60)]
    assert there.alerts(*made) == []
