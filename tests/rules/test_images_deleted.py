"""…-images-deleted: distinct images that are really gone, and the tags that matter."""

import pytest

from registrywatch.events import ImagesDeleted
from registrywatch.globs import Globs
from registrywatch.rules import Trust
from tests.builders.cases import for_each
from tests.rules.given import FOREIGN, ROOT, TRUSTED, grade, happened, judged

BOTH = for_each("rule", ["ecr-images-deleted", "acr-images-deleted"])
BY_NUMBER = for_each(
    ("number", "expected"),
    [(1, "low"), (9, "low"), (10, "medium"), (49, "medium"), (50, "high"), (100, "high")],
)
LOWER = {"low": "informational", "medium": "low", "high": "medium"}


def deleted(number: int, *tags: str, expired: bool = False) -> ImagesDeleted:
    images = tuple(f"sha256:{each:064x}" for each in range(number))
    return ImagesDeleted(images, tags, expired)


@BOTH
@BY_NUMBER
def test_the_number_of_images_decides(rule: str, number: int, expected: str) -> None:
    assert grade(rule, happened(deleted(number))) == expected


@BY_NUMBER
def test_lifecycle_expiry_is_one_step_lower(number: int, expected: str) -> None:
    event = happened(deleted(number, expired=True))
    assert grade("ecr-images-deleted", event) == LOWER[expected]


@BOTH
@pytest.mark.parametrize("tag", ["latest", "prod", "production", "release-1", "v2.0"])
def test_a_protected_tag_is_one_step_higher(rule: str, tag: str) -> None:
    finding = judged(rule, happened(deleted(1, "dev-1", tag)))
    assert finding and finding.severity.value == "medium"
    assert tag in finding.reasons[1]
    assert "dev-1" not in finding.reasons[1]


@BOTH
@pytest.mark.parametrize("tag", ["nonprod", "dev-latest", "Latest", "pr-v2"])
def test_a_tag_that_only_contains_a_protected_name_does_not(rule: str, tag: str) -> None:
    assert grade(rule, happened(deleted(1, tag))) == "low"


def test_a_protected_tag_that_expires_is_one_step_lower_too() -> None:
    assert grade("ecr-images-deleted", happened(deleted(1, "v1", expired=True))) == "low"


def test_protected_tags_are_the_users_to_name() -> None:
    trust = Trust(protected_tags=Globs(("golden",)))
    assert grade("ecr-images-deleted", happened(deleted(1, "golden")), trust) == "medium"
    assert grade("ecr-images-deleted", happened(deleted(1, "latest")), trust) == "low"


@BOTH
def test_nothing_deleted_raises_nothing(rule: str) -> None:
    assert grade(rule, happened(deleted(0))) is None


def test_the_summary_counts_and_names_the_repository() -> None:
    one = judged("ecr-images-deleted", happened(deleted(1)))
    many = judged("ecr-images-deleted", happened(deleted(12)))
    gone = judged("ecr-images-deleted", happened(deleted(12, expired=True)))
    assert one and one.summary == "deleted 1 image from prod/api"
    assert many and many.summary == "deleted 12 images from prod/api"
    assert gone and gone.summary == "expired 12 images from prod/api by its lifecycle policy"


@BOTH
def test_many_images_with_a_protected_tag_are_critical(rule: str) -> None:
    assert grade(rule, happened(deleted(50, "latest"))) == "critical"


@BOTH
def test_the_root_user_is_at_least_medium_and_a_foreign_account_high(rule: str) -> None:
    assert grade(rule, happened(deleted(1), actor=ROOT)) == "medium"
    assert grade(rule, happened(deleted(50), actor=ROOT)) == "high"
    assert grade(rule, happened(deleted(1), actor_account=FOREIGN)) == "high"
    assert grade(rule, happened(deleted(1), actor_account=TRUSTED)) == "low"


def test_a_familiar_actor_is_graded_down_by_the_detector_but_never_root_or_a_foreigner() -> None:
    for event, expected in (
        (happened(deleted(1)), "delete"),
        (happened(deleted(1, expired=True)), "delete"),
        (happened(deleted(1), actor=ROOT), None),
        (happened(deleted(1), actor_account=FOREIGN), None),
    ):
        finding = judged("ecr-images-deleted", event)
        assert finding and finding.familiar == expected


def test_what_cloudtrail_withheld_may_be_many_images() -> None:
    assert grade("ecr-images-deleted", happened(ImagesDeleted((), omitted=True))) == "high"
    gone = ImagesDeleted((), expired=True, omitted=True)
    assert grade("ecr-images-deleted", happened(gone)) == "medium"


def test_the_records_of_one_lifecycle_run_are_one_occasion_by_severity() -> None:
    def occasion(number: int, run: str, repository: str = "prod/api") -> str:
        what = ImagesDeleted(tuple(map(str, range(number))), expired=True, run=run)
        finding = judged("ecr-images-deleted", happened(what, repository=repository))
        assert finding
        return finding.occasion

    assert occasion(9, "p 1") == occasion(3, "p 1")
    others = [occasion(30, "p 1"), occasion(9, "p 2"), occasion(9, "p 1", "prod/web")]
    assert len({occasion(9, "p 1"), *others}) == 4
    finding = judged("ecr-images-deleted", happened(deleted(9, expired=True)))
    assert finding and finding.occasion == ""


def test_the_summary_says_how_many_protected_tags_went() -> None:
    finding = judged("ecr-images-deleted", happened(deleted(12, "v1", "latest", "dev")))
    assert finding and finding.summary == ("deleted 12 images from prod/api, 2 with protected tags")
    one = judged("ecr-images-deleted", happened(deleted(1, "v1")))
    assert one and one.summary == "deleted 1 image from prod/api, with a protected tag"
