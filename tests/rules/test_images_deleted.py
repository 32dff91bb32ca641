"""…-images-deleted: distinct images that are really gone, and the tags that matter."""

import pytest

from registrywatch.events import ImagesDeleted
from registrywatch.globs import Globs
from registrywatch.rules import Trust
from tests.rules.given import grade, happened, judged

BOTH = pytest.mark.parametrize("rule", ["ecr-images-deleted", "acr-images-deleted"])
BY_NUMBER = pytest.mark.parametrize(
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
def test_a_protected_tag_makes_it_high(rule: str, tag: str) -> None:
    finding = judged(rule, happened(deleted(1, "dev-1", tag)))
    assert finding and finding.severity.value == "high"
    assert tag in finding.reasons[1]
    assert "dev-1" not in finding.reasons[1]


@BOTH
@pytest.mark.parametrize("tag", ["nonprod", "dev-latest", "Latest", "pr-v2"])
def test_a_tag_that_only_contains_a_protected_name_does_not(rule: str, tag: str) -> None:
    assert grade(rule, happened(deleted(1, tag))) == "low"


def test_a_protected_tag_that_expires_is_one_step_lower_too() -> None:
    assert grade("ecr-images-deleted", happened(deleted(1, "v1", expired=True))) == "medium"


def test_protected_tags_are_the_users_to_name() -> None:
    trust = Trust(protected_tags=Globs(("golden",)))
    assert grade("ecr-images-deleted", happened(deleted(1, "golden")), trust) == "high"
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
