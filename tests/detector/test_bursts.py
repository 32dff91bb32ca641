"""Whole happenings: deletes, refusals and archivings that are spread over many records."""

from typing import Any

import pytest

from registrywatch.alerts import Alert
from tests.builders.azure import deleted, hub, logged
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    Json,
    by_docker,
    delete_images,
    delete_repository,
    digest,
    expire_images,
    failed,
    foreign,
    log_file,
    pull,
    push,
    role,
)
from tests.builders.detecting import Watch, alerts

DAY = 86_400
BURST = "ecr-deletion-burst"


def of(rule: str, *made: Json | list[Json], **variables: str) -> list[Alert]:
    """The alerts of one rule."""
    return [each for each in alerts(*made, **variables) if each.rule == rule]


def severities(rule: str, *made: Json | list[Json]) -> list[str]:
    return [each.severity.value for each in of(rule, *made)]


def singly(count: int, at: float = T0, repositories: int = 1) -> list[Json]:
    return [
        delete_images(digest(f"{at}{n}"), repository=f"r{n % repositories}", at=at + n)
        for n in range(count)
    ]


def test_deleting_one_by_one_is_a_burst_as_well() -> None:
    (alert,) = of(BURST, log_file(*singly(300)))
    assert alert.severity.value == "high"
    assert alert.summary.startswith("Dev deleted 300 images in 1 hour")


def test_deletes_over_many_repositories_are_one_burst() -> None:
    assert severities(BURST, log_file(*singly(60, repositories=30))) == ["high"]


def test_fewer_or_slower_or_by_several_actors_are_none() -> None:
    assert severities(BURST, log_file(*singly(49))) == []
    slow = [delete_images(digest(n), at=T0 + 120 * n) for n in range(100)]
    assert severities(BURST, log_file(*slow)) == []
    shared = [delete_images(digest(n), at=T0 + n, by=role(f"R{n % 2}")) for n in range(80)]
    assert severities(BURST, log_file(*shared)) == []


def test_the_same_image_deleted_again_counts_once() -> None:
    again = [delete_images(digest("a"), at=T0 + n) for n in range(80)]
    assert severities(BURST, log_file(*again)) == []


def test_the_nightly_clean_up_is_low() -> None:
    watch = Watch()
    for night, expected in ((0, "high"), (1, "high"), (2, "low")):
        found = watch.alerts(log_file(*singly(60, T0 + night * (DAY - 60), repositories=6)))
        assert [each.severity.value for each in found if each.rule == BURST] == [expected]


def test_a_clean_up_that_takes_a_protected_tag_or_a_new_repository_is_high() -> None:
    for odd in (
        delete_images(tags={"latest": digest("x")}, repository="r0", at=T0 + 2 * DAY),
        delete_images(digest("y"), repository="never", at=T0 + 2 * DAY),
    ):
        watch = Watch()
        watch.alerts(log_file(*singly(60, repositories=6)))
        found = watch.alerts(log_file(odd, *singly(60, T0 + 2 * DAY + 1, repositories=6)))
        assert [each.severity.value for each in found if each.rule == BURST] == ["high"]


def test_a_lifecycle_run_is_summed_over_its_records() -> None:
    def run(at: float) -> Json:
        records = [
            expire_images(*[digest(f"{at}{part}{n}") for n in range(9)], at=at + part)
            for part in range(20)
        ]
        return log_file(*records)

    watch = Watch()
    (first,) = [each for each in watch.alerts(run(T0)) if each.rule == BURST]
    assert first.severity.value == "medium"
    assert "expired" in first.summary
    (then,) = [each for each in watch.alerts(run(T0 + 2 * DAY)) if each.rule == BURST]
    assert then.severity.value == "low"


def test_expiry_in_many_repositories_is_no_burst() -> None:
    made = [
        expire_images(*[digest(f"{n}{each}") for each in range(9)], repository=f"r{n}", at=T0 + n)
        for n in range(40)
    ]
    assert severities(BURST, log_file(*made)) == []


@pytest.mark.parametrize("order", [1, -1])
def test_emptied_and_then_deleted_without_force_is_high_in_any_order_of_delivery(
    order: int,
) -> None:
    made = [delete_images(digest("a")), delete_repository(force=False, at=T0 + DAY - 9000)]
    (alert,) = of(BURST, *made[::order])
    assert alert.severity.value == "high"
    assert "emptied prod/api and deleted it, without force" in alert.summary
    assert not any("threshold" in reason for reason in alert.reasons), "the pair is no number"


def test_other_unforced_deletes_are_none() -> None:
    unforced = delete_repository(force=False, at=T0 + 60)
    assert severities(BURST, unforced) == []
    other = delete_images(digest("a"), repository="another")
    assert severities(BURST, other, unforced) == []
    by_other = delete_images(digest("a"), by=role("Other"))
    assert severities(BURST, by_other, unforced) == []
    days_before = delete_images(digest("a"), at=T0 - 2 * DAY)
    assert severities(BURST, days_before, unforced) == []
    forced = delete_repository(force=True, at=T0 + 60)
    assert severities(BURST, delete_images(digest("a")), forced) == []


def test_on_azure_deletes_count_by_actor_else_by_registry() -> None:
    named = [
        hub(logged("Delete", f"i{n}", None, at=T0 + n, correlation=f"c{n}")) for n in range(50)
    ]
    unnamed = [deleted(f"i{n}", at=T0 + n) for n in range(50)]
    for made in (named, unnamed):
        (alert,) = of("acr-deletion-burst", *made)
        assert (alert.severity.value, alert.registry) == ("high", "example.azurecr.io")
    assert of("acr-deletion-burst", *named[:25], *unnamed[25:]) == []


# Refused calls

DENIED = "ecr-denied-calls"


def refused(count: int, repositories: int = 99, **more: Any) -> list[Json]:
    return [
        failed(by_docker(pull("v1", repository=f"r{n % repositories}", at=T0 + n, **more)))
        for n in range(count)
    ]


def test_calls_refused_on_many_repositories() -> None:
    assert severities(DENIED, log_file(*refused(20))) == ["medium"]
    assert severities(DENIED, log_file(*refused(20, by=foreign()))) == ["high"]


def test_a_repository_that_only_the_refusals_text_names_counts_too() -> None:
    """AWS leaves the request out where it refuses a call."""
    bare = [
        {
            **made,
            "requestParameters": None,
            "resources": None,
            "errorMessage": "User: x is not authorized to perform: ecr:BatchGetImage on resource: "
            f"arn:aws:ecr:eu-west-1:111122223333:repository/team/r{n}",
        }
        for n, made in enumerate(refused(20))
    ]
    assert severities(DENIED, log_file(*bare)) == ["medium"]


def test_calls_refused_again_and_again_on_a_few_repositories_are_none() -> None:
    assert severities(DENIED, log_file(*refused(19))) == []
    assert severities(DENIED, log_file(*refused(200, repositories=19))) == []


def test_refused_overwrites_of_immutable_tags() -> None:
    code = "ImageTagAlreadyExistsException"
    tries = [failed(push("latest", f"i{n}", at=T0 + n), code) for n in range(3)]
    (alert,) = of(DENIED, log_file(*tries))
    assert alert.severity.value == "medium"
    assert "tried 3 times to overwrite immutable tags" in alert.summary
    assert severities(DENIED, log_file(*tries[:2])) == []
