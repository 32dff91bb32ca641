"""What a provider or an attacker spreads over records, or writes in another of AWS's own ways."""

from typing import Any

import pytest

from tests.builders.azure import activity, hub, logged, registry_id
from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    Json,
    allow,
    delete_images,
    digest,
    eventbridge,
    expire_images,
    foreign,
    log_file,
    role,
    root,
    set_policy,
)
from tests.builders.detecting import alerts, raised

ORG = "o-abc123def4"
DELETED = "ecr-images-deleted"


def of_run(number: int, of: int, *, run: int, repository: str = "shop/api") -> Json:
    """One record of a lifecycle run."""
    images = [digest(f"{run} {number} {each}") for each in range(of)]
    at = T0 + number
    return expire_images(*images, repository=repository, evaluated=1_788_000_000_000 + run, at=at)


@pytest.mark.parametrize(("records", "of"), [(20, 9), (3, 1), (2, 60)])
def test_the_records_of_one_lifecycle_run_raise_one_alert_of_a_severity(
    records: int, of: int
) -> None:
    """ECR spreads a run of ten images or more over several events."""
    made = [of_run(number, of, run=1) for number in range(records)]
    found = [severity for rule, severity in raised(log_file(*made)) if rule == DELETED]
    assert len(found) == len({*found})


def test_a_lifecycle_run_is_graded_as_a_whole_however_it_is_split() -> None:
    alone = alerts(of_run(0, 12, run=1))
    split = alerts(log_file(of_run(0, 6, run=1), of_run(1, 6, run=1)))
    assert max(each.severity for each in alone) == max(each.severity for each in split)
    assert [each.severity.value for each in split] == ["informational", "low"]
    assert split[-1].summary.startswith("AWS expired 12 images from shop/api")
    assert raised(log_file(of_run(0, 5, run=1), of_run(1, 4, run=1))) == [
        (DELETED, "informational")
    ]


@for_each(
    ("calls", "expected"),
    [
        ([1] * 9, ["low"] * 9),
        ([1] * 10, ["low"] * 10 + ["medium"]),
        ([5, 5], ["low", "low", "medium"]),
        ([12], ["medium"]),
        ([12, 9], ["medium", "low"]),
        ([12, 12], ["medium", "medium"]),
    ],
)
def test_images_deleted_a_few_at_a_time_are_graded_together(
    calls: list[int], expected: list[str]
) -> None:
    made = [
        delete_images(*(digest(f"{at} {n}") for n in range(images)), at=T0 + at * 60)
        for at, images in enumerate(calls)
    ]
    found = alerts(log_file(*made))
    assert [each.severity.value for each in found] == expected
    if expected[-1] == "medium" and calls[0] < 10:
        assert "deleted 10 images from prod/api in several calls" in found[-1].summary


def test_images_deleted_a_few_at_a_time_need_one_actor_one_repository_and_an_hour() -> None:
    def deletes(**each: Any) -> list[str]:
        made = [
            delete_images(digest(n), at=T0 + n * each.get("every", 60), **each["who"](n))
            for n in range(16)
        ]
        return [severity for _, severity in raised(log_file(*made))]

    assert "medium" not in deletes(who=lambda n: {"by": role(f"R{n % 2}")})
    assert "medium" not in deletes(who=lambda n: {"repository": f"r{n % 2}"})
    assert "medium" not in deletes(who=lambda _: {}, every=600)
    assert "medium" in deletes(who=lambda n: {"by": role("Dev", f"session{n}")})


def test_with_a_protected_tag_or_by_a_stranger_they_are_graded_as_one_call_would_be() -> None:
    def worst(**more: Any) -> str:
        tags = {"latest": digest(3)} if more.pop("protected", False) else {}
        made = [
            delete_images(digest(n), at=T0 + n, tags=tags if n == 3 else {}, **more)
            for n in range(10)
        ]
        found = [each for each in alerts(log_file(*made)) if "several calls" in each.summary]
        return found[0].severity.value

    assert worst() == "medium"
    assert worst(protected=True) == "high"
    assert worst(by=root()) == "medium"
    assert worst(by=foreign()) == "high"


def test_on_azure_images_deleted_one_by_one_are_graded_together() -> None:
    made = [logged("Delete", f"i{n}", None, at=T0 + n, status="202") for n in range(10)]
    found = raised(hub(*made))
    assert found == [("acr-images-deleted", "low")] * 10 + [("acr-images-deleted", "medium")]


def test_another_run_another_repository_and_another_severity_are_alerts_of_their_own() -> None:
    made = [
        of_run(0, 9, run=1),
        of_run(1, 9, run=2),
        of_run(2, 9, run=1, repository="shop/web"),
        of_run(3, 20, run=1),
        of_run(4, 9, run=1),
    ]
    found = [severity for rule, severity in raised(log_file(*made)) if rule == DELETED]
    single, whole = found[:-1], found[-1]
    assert single == ["informational", "informational", "informational", "low"]
    assert whole == "low"  # the records of few images, taken together


def test_deletes_by_calls_stay_alerts_of_their_own() -> None:
    made = [delete_images(digest(number), at=T0 + number) for number in range(3)]
    assert raised(log_file(*made)) == [(DELETED, "low")] * 3


def shared(key: str, path: str, *actions: str) -> Json:
    """The policy of AWS's guide to sharing repositories within an organisation."""
    return set_policy(allow(*actions, when={"ForAnyValue:StringLike": {key: path}}))


PULLS = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
UNIT = f"{ORG}/r-ab12/ou-ab12-11111111/*"


@for_each(
    ("made", "trusted", "expected"),
    [
        (shared("aws:PrincipalOrgPaths", UNIT, *PULLS), ORG, "low"),
        (shared("aws:PrincipalOrgPaths", UNIT, *PULLS, "ecr:PutImage"), ORG, "low"),
        (shared("aws:PrincipalOrgPaths", f"{ORG}/*", *PULLS), ORG, "low"),
        (shared("aws:PrincipalOrgPaths", UNIT, *PULLS), "o-anotherorg", "medium"),
        (shared("aws:PrincipalOrgPaths", UNIT, *PULLS, "ecr:PutImage"), "o-anotherorg", "high"),
        (shared("aws:PrincipalOrgPaths", "*", *PULLS), ORG, "high"),
        (shared("aws:PrincipalOrgPaths", "o-*/r-*", *PULLS), ORG, "high"),
        (shared("aws:SourceOrgPaths", UNIT, *PULLS), ORG, "low"),
    ],
)
def test_the_organisations_paths_are_the_organisation(
    made: Json, trusted: str, expected: str
) -> None:
    (alert,) = alerts(eventbridge(made), TRUSTED_ORGS=trusted)
    assert alert.severity.value == expected


def test_a_registrys_delete_in_three_records_is_one_alert() -> None:
    """The Activity Log has a record for the start, one for the acceptance, one for the success."""
    deletion = "Microsoft.ContainerRegistry/registries/delete"
    made = [
        activity(deletion, registry_id(), result=result, correlation="c-1", at=T0 + number)
        for number, result in enumerate(("Start", "Accept", "Success"))
    ]
    assert raised(hub(*made)) == [("acr-forced-repository-deletion", "high")]
