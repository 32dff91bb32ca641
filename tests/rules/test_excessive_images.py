"""Counted rules: what of an event counts, and how bad a crossed threshold is."""

import pytest

from registrywatch.events import Pull, Push, RegistryEvent
from registrywatch.rules import excess_severity, rule_named
from tests.rules.given import FOREIGN, OWN, ROOT, SERVICE, TRUST, TRUSTED, happened

PULLS = pytest.mark.parametrize("rule", ["ecr-excessive-image-pull", "acr-excessive-image-pull"])
PUSHES = pytest.mark.parametrize("rule", ["ecr-excessive-image-push", "acr-excessive-image-push"])
ECR_PULL = "ecr-excessive-image-pull"


def counted(rule: str, event: RegistryEvent) -> tuple[str, ...]:
    counting = rule_named(rule).counting
    assert counting is not None
    return counting.sightings(event)


@PULLS
def test_each_image_of_a_pull_counts(rule: str) -> None:
    assert counted(rule, happened(Pull(("sha256:a", "sha256:b")))) == ("sha256:a", "sha256:b")


@PUSHES
def test_a_push_counts_by_digest(rule: str) -> None:
    assert counted(rule, happened(Push("sha256:a", "v1"))) == ("sha256:a",)


@PUSHES
def test_the_same_digest_under_two_tags_is_one_sighting(rule: str) -> None:
    tags = [counted(rule, happened(Push("sha256:a", tag))) for tag in ("v1", "latest")]
    assert tags[0] == tags[1]


@PUSHES
def test_a_push_without_a_digest_counts_by_tag(rule: str) -> None:
    assert counted(rule, happened(Push(None, "v1"))) == ("v1",)


@PUSHES
@pytest.mark.parametrize("tag", [None, ""])
def test_the_untagged_manifests_of_a_multi_platform_image_do_not_count(
    rule: str, tag: str | None
) -> None:
    assert counted(rule, happened(Push("sha256:a", tag))) == ()


@pytest.mark.parametrize("rule", [ECR_PULL, "ecr-excessive-image-push"])
def test_an_aws_service_by_itself_does_not_count(rule: str) -> None:
    for what in (Pull(("sha256:a",)), Push("sha256:a", "v1")):
        assert counted(rule, happened(what, actor=SERVICE)) == ()


def test_a_pull_from_another_accounts_registry_does_not_count() -> None:
    """EKS nodes pull their pause image from a registry of AWS's."""
    theirs = happened(Pull(("3.5",)), account="602401143452", seen_in=OWN)
    assert counted(ECR_PULL, theirs) == ()


def test_the_registrys_owner_sees_a_foreign_pull() -> None:
    here = happened(Pull(("sha256:a",)), actor_account=FOREIGN, seen_in=OWN)
    assert counted(ECR_PULL, here) == ("sha256:a",)


def test_a_pull_counts_where_the_recording_account_is_unknown() -> None:
    assert counted(ECR_PULL, happened(Pull(("sha256:a",)), seen_in=None)) == ("sha256:a",)


def test_the_thresholds_to_start_with() -> None:
    numbers = {
        name: counting.threshold
        for name in (
            f"{cloud}-excessive-image-{way}" for cloud in ("ecr", "acr") for way in ("pull", "push")
        )
        if (counting := rule_named(name).counting)
    }
    assert numbers == {
        "ecr-excessive-image-pull": 100,
        "acr-excessive-image-pull": 100,
        "ecr-excessive-image-push": 50,
        "acr-excessive-image-push": 50,
    }


def severity(*events: RegistryEvent) -> str:
    return excess_severity(events, TRUST)[0].value


def test_a_crossed_threshold_is_medium() -> None:
    assert severity(happened(Pull(("a",)))) == "medium"
    assert severity(happened(Pull(("a",)), actor_account=TRUSTED)) == "medium"
    assert severity() == "medium"


def test_by_a_foreign_account_or_root_it_is_high_and_says_so_once() -> None:
    abroad = happened(Pull(("a",)), actor_account=FOREIGN)
    assert severity(happened(Pull(("a",))), abroad) == "high"
    assert severity(happened(Pull(("a",)), actor=ROOT)) == "high"
    _, reasons = excess_severity([abroad, abroad], TRUST)
    assert len(reasons) == 1
    assert FOREIGN in reasons[0]
