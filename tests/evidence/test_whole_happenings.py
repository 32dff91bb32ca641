"""What a provider or an attacker spreads over records, or writes in another of AWS's own ways."""

import pytest

from tests.builders.azure import activity, hub, registry_id
from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    Json,
    allow,
    delete_images,
    digest,
    eventbridge,
    expire_images,
    log_file,
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
    assert [rule for rule, _ in raised(log_file(*made))].count(DELETED) == 1


def test_another_run_another_repository_and_another_severity_are_alerts_of_their_own() -> None:
    made = [
        of_run(0, 9, run=1),
        of_run(1, 9, run=2),
        of_run(2, 9, run=1, repository="shop/web"),
        of_run(3, 20, run=1),
        of_run(4, 9, run=1),
    ]
    found = [severity for rule, severity in raised(log_file(*made)) if rule == DELETED]
    assert found == ["informational", "informational", "informational", "low"]


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
