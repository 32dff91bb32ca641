"""ecr-images-archived: as images deleted, one step lower, over all calls of an hour."""

from typing import Any

import pytest

from registrywatch.alerts import Alert
from tests.builders import registry_calls as made
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json, digest, failed, foreign, log_file, role, root
from tests.builders.detecting import alerts
from tests.rules.given import FOREIGN

HIGHEST = ["informational", "low", "medium", "high", "critical"].index


def archived(count: int, *tags: str, every: float = 1, **by: Any) -> list[Json]:
    """That many images of one repository, the first ones with these tags, one a call."""
    named = [*tags, *[None] * (count - len(tags))]
    return [made.archive(tag, digest(n), at=T0 + every * n, **by) for n, tag in enumerate(named)]


def of_rule(*calls: Json, **variables: str) -> list[Alert]:
    found = alerts(log_file(*calls), **variables)
    return [each for each in found if each.rule == "ecr-images-archived"]


def worst(*calls: Json, **variables: str) -> str | None:
    grades = [each.severity.value for each in of_rule(*calls, **variables)]
    return max(grades, key=HIGHEST, default=None)


@pytest.mark.parametrize(
    ("count", "expected"), [(1, None), (9, None), (10, "low"), (49, "low"), (50, "medium")]
)
def test_the_number_of_images_decides(count: int, expected: str | None) -> None:
    assert worst(*archived(count)) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(1, "low"), (9, "low"), (10, "medium"), (49, "medium"), (50, "high")]
)
def test_a_protected_tag_is_one_step_higher(count: int, expected: str) -> None:
    assert worst(*archived(count, "latest")) == expected


@pytest.mark.parametrize("tag", ["nonprod", "dev-latest", "pr-v2"])
def test_a_tag_that_only_contains_a_protected_name_is_none(tag: str) -> None:
    assert worst(*archived(1, tag)) is None


def test_protected_tags_are_the_users_to_name() -> None:
    variables = {"PROTECTED_TAGS": "golden"}
    assert worst(*archived(1, "golden"), **variables) == "low"
    assert worst(*archived(1, "latest"), **variables) is None


@pytest.mark.parametrize("count", [1, 9, 10, 50])
def test_a_foreign_account_or_root_is_medium_from_the_first_image_on(count: int) -> None:
    assert worst(*archived(count, by=foreign())) == "medium"
    assert worst(*archived(count, by=root())) == "medium"


def test_a_trusted_account_is_graded_by_number_alone() -> None:
    variables = {"TRUSTED_ACCOUNTS": FOREIGN}
    assert worst(*archived(9, by=foreign()), **variables) is None
    assert worst(*archived(10, by=foreign()), **variables) == "low"


def test_the_same_image_counts_once_and_another_actors_do_not_count() -> None:
    assert worst(*[made.archive(None, digest("a"), at=T0 + n) for n in range(60)]) is None
    shared = [made.archive(None, digest(n), at=T0 + n, by=role(f"R{n % 2}")) for n in range(18)]
    assert worst(*shared) is None


def test_only_one_hour_counts() -> None:
    assert worst(*archived(10, every=390)) == "low"
    assert worst(*archived(20, every=500)) is None


def test_what_failed_or_was_restored_raises_nothing() -> None:
    assert worst(*[failed(each) for each in archived(60, "latest")]) is None
    restored = [made.archive("latest", digest(n), to="STANDARD") for n in range(60)]
    assert worst(*restored) is None
