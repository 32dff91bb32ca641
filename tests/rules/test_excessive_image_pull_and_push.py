"""Counted rules: what of an event counts, and how bad a crossed threshold is."""

import pytest

from registrywatch.events import Actor, Pull, Push, RegistryEvent
from registrywatch.rules import rule_named
from registrywatch.rules.rule import Crossing, Grade, Seen
from tests.builders.cases import for_each
from tests.rules.given import FOREIGN, OWN, ROOT, SERVICE, TRUST, TRUSTED, happened

PULLS = for_each("rule", ["ecr-excessive-image-pull", "acr-excessive-image-pull"])
PUSHES = for_each("rule", ["ecr-excessive-image-push", "acr-excessive-image-push"])
PUSHES_TOO = for_each("push", ["ecr-excessive-image-push", "acr-excessive-image-push"])
IAM = "arn:aws:iam"
ECR_PULL = "ecr-excessive-image-pull"


def seen(rule: str, event: RegistryEvent) -> Seen | None:
    counting = rule_named(rule).counting
    assert counting is not None
    return counting.sightings(event, TRUST)


def counted(rule: str, event: RegistryEvent) -> tuple[str, ...]:
    found = seen(rule, event)
    return found[0] if found else ()


@PULLS
def test_each_image_of_a_pull_counts(rule: str) -> None:
    assert counted(rule, happened(Pull(("sha256:a", "sha256:b")))) == ("sha256:a", "sha256:b")


@PULLS
@pytest.mark.parametrize(
    ("pull", "part"),
    [
        (Pull(("sha256:a",)), True),
        (Pull(("sha256:a",), asked=1), True),
        (Pull(("latest",)), False),
        (Pull(("sha256:a", "sha256:b")), False),
        (Pull(("sha256:a",), asked=2), False),
        (Pull((), omitted=True), False),
    ],
)
def test_only_a_digest_asked_for_alone_may_be_a_part_of_an_image(
    rule: str, pull: Pull, part: bool
) -> None:
    found = seen(rule, happened(pull))
    assert found is not None
    assert found[1] == part


@PULLS
def test_a_call_that_found_no_image_does_not_count(rule: str) -> None:
    assert counted(rule, happened(Pull((), asked=3))) == ()


@PULLS
@PUSHES_TOO
def test_what_was_pulled_or_pushed_is_withheld_and_the_call_counts_once(
    rule: str, push: str
) -> None:
    for name, what in ((rule, Pull((), omitted=True)), (push, Push(None, None, omitted=True))):
        event = happened(what)
        assert counted(name, event) == (event.key,)


@PUSHES
@pytest.mark.parametrize("suffix", ["", ".sig", ".att", ".sbom"])
def test_signatures_attestations_and_sboms_are_parts_of_their_image(rule: str, suffix: str) -> None:
    tag = f"sha256-{'0af' * 21}0{suffix}"
    assert counted(rule, happened(Push("sha256:a", tag))) == ()


@PUSHES
@pytest.mark.parametrize(
    "tag", ["sha256-abc", f"sha256-{'0' * 64}.other", f"v-sha256-{'0' * 64}", f"sha256-{'0' * 65}"]
)
def test_tags_that_only_resemble_them_count(rule: str, tag: str) -> None:
    assert counted(rule, happened(Push("sha256:a", tag))) == ("sha256:a",)


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


@for_each(
    ("arn", "counts"),
    [
        (
            f"{IAM}::{OWN}:role/aws-service-role/eks.aws/AWSServiceRoleForA",
            False,
        ),
        (
            f"arn:aws-cn:iam::{OWN}:role/aws-service-role/eks.aws/AWSServiceRoleForA",
            False,
        ),
        (
            f"{IAM}::{FOREIGN}:role/aws-service-role/eks.aws/AWSServiceRoleForA",
            True,
        ),
        (f"{IAM}::{OWN}:role/aws-service-role/eks.aws/Other", True),
        (f"{IAM}::{OWN}:role/team/aws-service-role/x/AWSServiceRoleForA", True),
        (f"{IAM}::{OWN}:role/AWSServiceRoleForA", True),
    ],
)
def test_service_linked_roles_of_the_registrys_own_account_do_not_count(
    arn: str, counts: bool
) -> None:
    actor = Actor(id=arn, name="AWSServiceRoleForA/session", type="AssumedRole")
    for rule, what in ((ECR_PULL, Pull(("v1",))), ("ecr-excessive-image-push", Push("a", "v1"))):
        assert bool(counted(rule, happened(what, actor=actor))) == counts


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


def grade(*events: RegistryEvent) -> Grade:
    counting = rule_named(ECR_PULL).counting
    assert counting is not None
    return counting.grade(Crossing(events, 100), TRUST)


def severity(*events: RegistryEvent) -> str:
    return grade(*events).severity.value


def test_a_crossed_threshold_is_medium() -> None:
    assert severity(happened(Pull(("a",)))) == "medium"
    assert severity(happened(Pull(("a",)), actor_account=TRUSTED)) == "medium"
    assert severity() == "medium"


def test_by_a_foreign_account_or_root_it_is_high_and_says_so_once() -> None:
    abroad = happened(Pull(("a",)), actor_account=FOREIGN)
    assert severity(happened(Pull(("a",))), abroad) == "high"
    assert severity(happened(Pull(("a",)), actor=ROOT)) == "high"
    (reason,) = grade(abroad, abroad).reasons
    assert FOREIGN in reason
