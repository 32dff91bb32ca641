"""What a user may tune: whom to pass over, what a group is, what is counted, and when it fires."""

from typing import Any

import pytest

from tests.builders.azure import logged
from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    ACCOUNT,
    Json,
    by_docker,
    delete_images,
    delete_repository,
    digest,
    foreign,
    log_file,
    nobody,
    person,
    pull,
    push,
    role,
    root,
    service,
    set_mutability,
    user,
)
from tests.builders.detecting import Watch, alerts, raised

ECR_PULL = "ECR_EXCESSIVE_IMAGE_PULL"
THREE = {f"{ECR_PULL}_THRESHOLD": "3"}
BURST = ("ecr-excessive-image-pull", "medium")
DEV = f"arn:aws:iam::{ACCOUNT}:role/Dev"


def pulls(count: int = 3, first: int = 0, every: float = 1, **more: Any) -> list[Json]:
    """Pulls of distinct images."""
    start = more.pop("at", T0)
    return [pull(f"v{first + n}", at=start + n * every, **more) for n in range(count)]


# Whom to pass over


CALLERS = (role(), user(), person(), root(), foreign(), service(), nobody())


@for_each(
    "records",
    [
        *([set_mutability("MUTABLE", by=caller)] for caller in CALLERS),
        *(pulls(100, by=caller) for caller in (role(), user(), person(), root())),
        [delete_images(digest(n), at=T0 + n, by=person()) for n in range(10)],
    ],
)
def test_the_setting_that_an_alert_suggests_suppresses_it(records: list[Json]) -> None:
    found = alerts(log_file(*records))
    assert found
    for alert in found:
        name, _, value = (alert.silence or "").partition("=")
        after = alerts(log_file(*records), **{name.removeprefix("REGISTRYWATCH_"): value})
        assert alert.id not in {each.id for each in after}


@for_each(
    ("globs", "quiet"),
    [
        (DEV, True),
        ("arn:aws:iam::*:role/Dev", True),
        ("arn:aws:iam::111122223333:role/De?", True),
        ("*", True),
        (f"other, {DEV}", True),
        ("Dev", False),
        ("role/Dev", False),
        ("arn:aws:iam::111122223333:role/De", False),
        ("arn:aws:iam::111122223333:role/dev", False),
        ("Dev/alice", False),
        ("arn:aws:iam::*:role/D??", True),
        ("arn:aws:iam::*:role/[D]ev", False),
    ],
)
def test_an_actor_is_ignored_by_the_whole_name_of_his_role(globs: str, quiet: bool) -> None:
    made = [delete_repository(), log_file(*pulls())]
    found = raised(*made, IGNORE_ACTORS=globs, **THREE)
    assert bool(found) != quiet
    assert len(found) in (0, 2)


def test_a_name_that_merely_contains_an_ignored_one_is_not_ignored() -> None:
    evil = delete_repository(by=role("Dev-evil"))
    assert len(raised(evil, IGNORE_ACTORS=DEV)) == 1


@pytest.mark.parametrize(
    ("globs", "quiet"),
    [("prod/api", True), ("prod/*", True), ("*api", True), ("prod", False), ("api", False)],
)
def test_a_repository_is_ignored_by_its_whole_name(globs: str, quiet: bool) -> None:
    made = [delete_repository(), log_file(*pulls())]
    assert bool(raised(*made, IGNORE_REPOSITORIES=globs, **THREE)) != quiet


def test_a_foreign_caller_is_ignored_by_his_account() -> None:
    made = delete_repository(by=foreign("999988887777"))
    assert raised(made, IGNORE_ACTORS="999988887777") == []
    assert len(raised(made, IGNORE_ACTORS="99998888777*,9999888877777")) == 0
    assert len(raised(made, IGNORE_ACTORS="99998888777")) == 1


@pytest.mark.parametrize("glob", ["User@Example.com", "user@example.com", "USER@*"])
@pytest.mark.parametrize("name", ["user@example.com", "User@example.COM"])
def test_on_azure_an_actor_is_ignored_in_whatever_letter_case(glob: str, name: str) -> None:
    made = [logged("Delete", by=name), *(logged(tag=f"v{n}", by=name, at=T0 + n) for n in range(3))]
    few = {"ACR_EXCESSIVE_IMAGE_PULL_THRESHOLD": "3"}
    assert len(raised(*made, **few)) == 2
    assert raised(*made, IGNORE_ACTORS=glob, **few) == []


def test_who_has_no_name_is_in_no_list() -> None:
    made = delete_repository() | {"userIdentity": None}
    assert len(raised(made, IGNORE_ACTORS="*")) == 1


def test_the_list_of_one_rule_is_added_to_the_general_one_and_no_other_rules() -> None:
    lists = {
        "IGNORE_ACTORS": f"arn:aws:iam::{ACCOUNT}:user/ci",
        "ECR_IMAGES_DELETED_IGNORE_ACTORS": f"arn:aws:iam::{ACCOUNT}:user/janitor",
    }
    ci, janitor = user("ci"), user("janitor")
    assert raised(delete_images(digest("a"), by=ci), **lists) == []
    assert raised(delete_images(digest("a"), by=janitor), **lists) == []
    assert raised(delete_repository(by=ci), **lists) == []
    assert len(raised(delete_repository(by=janitor), **lists)) == 1


def test_what_is_ignored_is_not_counted() -> None:
    ignored = pulls(2, repository="cache/base")
    watched = pulls(2, first=10)
    found = raised(log_file(*ignored, *watched), IGNORE_REPOSITORIES="cache/*", **THREE)
    assert found == []


# Whether, and how bad


def test_a_rule_that_is_switched_off_raises_nothing_and_all_others_do() -> None:
    made = [delete_repository(), set_mutability("MUTABLE"), log_file(*pulls())]
    off = {"ECR_FORCED_REPOSITORY_DELETION_ENABLED": "false", f"{ECR_PULL}_ENABLED": "false"}
    assert raised(*made, **THREE, **off) == [("ecr-tag-overwrite-enabled", "medium")]


def test_a_fixed_grade_is_the_grade_and_the_alert_says_so() -> None:
    fixed = {
        "ECR_FORCED_REPOSITORY_DELETION_SEVERITY": "informational",
        f"{ECR_PULL}_SEVERITY": "critical",
    }
    deletion, burst = alerts(delete_repository(), log_file(*pulls()), **THREE, **fixed)
    assert (deletion.severity.value, burst.severity.value) == ("informational", "critical")
    for alert in (deletion, burst):
        assert "A setting fixes the severity." in alert.reasons
        assert len(alert.reasons) > 1, "what the event says is told all the same"


# When it fires


@pytest.mark.parametrize("threshold", [1, 2, 7, 100])
def test_it_fires_when_the_threshold_is_reached_not_before(threshold: int) -> None:
    settings = {f"{ECR_PULL}_THRESHOLD": str(threshold)}
    assert raised(log_file(*pulls(threshold - 1)), **settings) == []
    assert raised(log_file(*pulls(threshold)), **settings) == [BURST]


@pytest.mark.parametrize("window", [12, 600, 86_400])
def test_a_burst_that_fits_into_the_window_fires_and_a_drip_does_not(window: int) -> None:
    settings = {
        **THREE,
        f"{ECR_PULL}_WINDOW_SECONDS": str(window),
        f"{ECR_PULL}_QUIET_SECONDS": str(window),
    }
    assert raised(log_file(*pulls(every=window / 2 - 1)), **settings) == [BURST]
    slow = window / 2 * (1 + 1 / 12) + 1
    assert raised(log_file(*pulls(10, every=slow)), **settings) == []


def test_the_same_image_again_is_no_sighting_but_a_call() -> None:
    again = [pull("app", at=T0 + n) for n in range(5)]
    assert raised(log_file(*again), **THREE) == []
    (alert,) = alerts(log_file(*again), **THREE, **{f"{ECR_PULL}_COUNT": "calls"})
    assert (alert.count, alert.threshold) == (5, 3)
    assert "5 times" in alert.summary


def test_a_call_with_many_images_is_as_many_sightings_but_one_call() -> None:
    many = pull(*[digest(n) for n in range(5)])
    assert raised(many, **THREE) == [BURST]
    assert raised(many, **THREE, **{f"{ECR_PULL}_COUNT": "calls"}) == []


def test_a_call_that_is_delivered_again_is_one_call() -> None:
    made = pull()
    calls = {**THREE, f"{ECR_PULL}_COUNT": "calls"}
    assert raised(*[log_file(made)] * 5, [made] * 5, **calls) == []


def test_images_of_the_same_name_in_two_repositories_are_two() -> None:
    made = [pull("latest", repository=f"r{n}", at=T0 + n) for n in range(3)]
    assert raised(log_file(*made), **THREE) == [BURST]


def test_a_storm_raises_about_one_alert_a_quiet_period() -> None:
    storm = pulls(360, every=30)  # three hours
    hourly = {**THREE, f"{ECR_PULL}_QUIET_SECONDS": "3600"}
    assert len(raised(log_file(*storm), **hourly)) in (3, 4)
    assert 15 <= len(raised(log_file(*storm), **THREE)) <= 18


def test_after_the_quiet_period_a_burst_is_reported_again() -> None:
    first, second = pulls(), pulls(first=10, at=T0 + 1300)
    assert raised(log_file(*first, *second), **THREE) == [BURST, BURST]
    longer = {**THREE, f"{ECR_PULL}_QUIET_SECONDS": "7200"}
    assert raised(log_file(*first, *second), **longer) == [BURST]


def test_a_burst_that_is_delivered_late_after_a_later_one_is_reported_as_well() -> None:
    late, timely = pulls(), pulls(first=10, at=T0 + 5 * 3600)
    assert raised(log_file(*timely), log_file(*late), **THREE) == [BURST, BURST]


# What a group is


SAME: Json = {"by": role("A"), "repository": "r", "ip": "203.0.113.1", "region": "eu-west-1"}
OTHER: dict[str, Json] = {
    "actor": {"by": role("B")},
    "repository": {"repository": "s"},
    "registry": {"region": "eu-west-2"},
    "account": {"account": "222233334444"},
    "ip": {"ip": "203.0.113.2"},
}


def halves(**differently: Any) -> Json:
    """Two sightings, and two more by somebody or somewhere else."""
    return log_file(*pulls(2, **SAME), *pulls(2, first=10, **{**SAME, **differently}))


@pytest.mark.parametrize("field", OTHER)
def test_what_it_is_grouped_by_counts_apart(field: str) -> None:
    grouped = {**THREE, f"{ECR_PULL}_GROUP_BY": field}
    assert raised(halves(), **grouped) == [BURST]
    assert raised(halves(**OTHER[field]), **grouped) == []


@for_each(
    ("group_by", "together"),
    [
        ("actor", {"repository", "ip"}),
        ("repository", {"actor", "ip"}),
        ("registry", {"actor", "repository", "ip"}),
        ("ip", {"actor", "repository"}),
        ("account", {"actor", "repository", "ip", "registry"}),
        ("account,actor", {"repository", "ip", "registry"}),
        ("actor,repository", {"ip"}),
        ("account,registry", {"actor", "repository", "ip"}),
    ],
)
def test_what_it_is_not_grouped_by_counts_together(group_by: str, together: set[str]) -> None:
    """Always within one registry, unless it is grouped by account; never over two accounts."""
    grouped = {**THREE, f"{ECR_PULL}_GROUP_BY": group_by}
    found = {field for field, other in OTHER.items() if raised(halves(**other), **grouped)}
    assert found == together


def test_who_is_not_named_is_grouped_by_registry() -> None:
    anonymous = [logged("Pull", f"i{n}", f"v{n}", by="", at=T0 + n) for n in range(4)]
    elsewhere = [
        logged("Pull", f"i{n}", f"v{n}", by="", at=T0 + n, registry="two") for n in range(2)
    ]
    three = {"ACR_EXCESSIVE_IMAGE_PULL_THRESHOLD": "3"}
    watch = Watch(**three)
    assert watch.alerts(elsewhere, anonymous[:2]) == []
    (alert,) = watch.alerts(anonymous[2:])
    assert (alert.actor.id, alert.registry) == (None, "example.azurecr.io")


def test_pushes_and_pulls_are_counted_apart() -> None:
    both = {**THREE, "ECR_EXCESSIVE_IMAGE_PUSH_THRESHOLD": "3"}
    mixed = [*pulls(2), *[by_docker(push(f"v{n}", f"p{n}")) for n in range(2)]]
    assert raised(log_file(*mixed), **both) == []
