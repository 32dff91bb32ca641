"""What every AWS call that is read raises, by a record of it: one that is bad, and one that is not.

Calls that blind registrywatch itself are in tests/rules/test_ecr_monitoring_removed.py, pulls and
pushes by the hundred in tests/detector.
"""

from pathlib import Path
from typing import Any

import pytest

from registrywatch.sources import monitoring_calls
from registrywatch.sources.cloudtrail import CALLS
from tests.builders import cloudtrail as ct
from tests.builders import registry_calls as calls
from tests.builders.cases import for_each
from tests.builders.clock import T0, iso
from tests.builders.cloudtrail import ACCOUNT, REGION, Json, digest
from tests.builders.detecting import raised

FOREIGN = "999988887777"
ANYONE = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}
DENIES = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]}
OWN = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "ecr:*"}]}
TAKES_ALL = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {
                "tagStatus": "any",
                "countType": "imageCountMoreThan",
                "countNumber": 1,
            },
            "action": {"type": "expire"},
        }
    ]
}
TO_OWN, TO_FOREIGN = calls.replicate((REGION, ACCOUNT)), calls.replicate((REGION, FOREIGN))
PROFILE = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/images"
THEIRS = PROFILE.replace(ACCOUNT, FOREIGN)
MUTED = {"action": "SUPPRESS", "filterCriteria": {"ecrImageTags": [{"value": "*"}]}}


def template(**members: Any) -> Json:
    return calls.template(update=True, **members)


def cached(verb: str, **members: Any) -> Json:
    return calls.cache_rule(verb=verb, **members)


# The call, a bad record of it and what that raises, a harmless one (None: there is none)
CASES: dict[str, tuple[Json, tuple[str, str], Json | None]] = {
    "PutReplicationConfiguration": (
        calls.replication(TO_FOREIGN),
        ("ecr-replication-changed", "critical"),
        None,
    ),
    "StartReplicationBackfill": (
        calls.backfill(account=FOREIGN),
        ("ecr-replication-changed", "critical"),
        None,
    ),
    "StopReplicationBackfill": (
        calls.backfill(stop=True),
        ("ecr-replication-changed", "informational"),
        None,
    ),
    "CreateRepositoryCreationTemplate": (
        calls.template(repositoryPolicy=str(ANYONE).replace("'", '"')),
        ("ecr-creation-template-changed", "critical"),
        None,
    ),
    "UpdateRepositoryCreationTemplate": (
        template(repositoryPolicy=str(ANYONE).replace("'", '"')),
        ("ecr-creation-template-changed", "critical"),
        None,
    ),
    "CreatePullThroughCacheRule": (
        cached("Create", upstreamRegistryUrl=f"{FOREIGN}.dkr.ecr.{REGION}.amazonaws.com"),
        ("ecr-pull-through-cache-changed", "high"),
        None,
    ),
    "UpdatePullThroughCacheRule": (
        cached("Update", credentialArn="arn:aws:secretsmanager:eu-west-1:1:secret:x"),
        ("ecr-pull-through-cache-changed", "medium"),
        None,
    ),
    "DeletePullThroughCacheRule": (
        cached("Delete"),
        ("ecr-pull-through-cache-changed", "low"),
        None,
    ),
    "GetSecretValue": (
        calls.secret_read("ecr-pullthroughcache/hub"),
        ("ecr-pull-through-cache-changed", "high"),
        calls.secret_read("shop/database"),
    ),
    "DeleteRepositoryPolicy": (
        calls.policy_removed("DeleteRepositoryPolicy", DENIES),
        ("ecr-policy-removed", "high"),
        None,
    ),
    "DeleteRegistryPolicy": (
        calls.policy_removed("DeleteRegistryPolicy", OWN),
        ("ecr-policy-removed", "low"),
        None,
    ),
    "DeleteLifecyclePolicy": (
        calls.policy_removed("DeleteLifecyclePolicy", TAKES_ALL),
        ("ecr-policy-removed", "informational"),
        None,
    ),
    "UpdateImageStorageClass": (
        calls.archive("prod-1"),
        ("ecr-images-archived", "low"),
        calls.archive("dev-1"),
    ),
    "PutSigningConfiguration": (
        calls.signing((THEIRS, ())),
        ("ecr-signing-disabled", "critical"),
        None,
    ),
    "DeleteSigningConfiguration": (
        calls.signing(delete=True),
        ("ecr-signing-disabled", "high"),
        None,
    ),
    "CancelSigningProfile": (
        calls.signer("CancelSigningProfile"),
        ("ecr-signing-disabled", "medium"),
        None,
    ),
    "RevokeSigningProfile": (
        calls.signer("RevokeSigningProfile"),
        ("ecr-signing-disabled", "medium"),
        None,
    ),
    "Disable": (
        calls.inspector("Disable", {"resourceTypes": ["ECR"]}),
        ("ecr-image-scan-disabled", "high"),
        calls.inspector("Disable", {"resourceTypes": ["EC2"]}),
    ),
    "UpdateConfiguration": (
        calls.inspector("UpdateConfiguration", {"ecrConfiguration": {"rescanDuration": "DAYS_14"}}),
        ("ecr-image-scan-disabled", "low"),
        calls.inspector("UpdateConfiguration", {"ec2Configuration": {}}),
    ),
    "CreateFilter": (
        calls.inspector("CreateFilter", MUTED),
        ("ecr-image-scan-disabled", "medium"),
        calls.inspector("CreateFilter", {**MUTED, "action": "NONE"}),
    ),
    "UpdateFilter": (
        calls.inspector("UpdateFilter", {"filterArn": "arn:x", **MUTED}),
        ("ecr-image-scan-disabled", "medium"),
        calls.inspector("UpdateFilter", {"filterArn": "arn:x", "name": "x", "action": "NONE"}),
    ),
    "DisableDelegatedAdminAccount": (
        calls.inspector("DisableDelegatedAdminAccount", {"delegatedAdminAccountId": ACCOUNT}),
        ("ecr-image-scan-disabled", "medium"),
        None,
    ),
    "DisassociateMember": (
        calls.inspector("DisassociateMember", {"accountId": ACCOUNT}),
        ("ecr-image-scan-disabled", "medium"),
        None,
    ),
}
ELSEWHERE = {
    "BatchDeleteImage": "tests/rules/test_images_deleted.py",
    "BatchGetImage": "tests/detector/test_bursts.py",
    "CreateRepository": "tests/rules/test_ecr_repository_created.py",
    "DeleteRepository": "tests/rules/test_forced_repository_deletion.py",
    "DeleteRepositoryCreationTemplate": "below",
    "PolicyExecutionEvent": "tests/evidence/test_whole_happenings.py",
    "PutImage": "tests/detector/test_familiar.py",
    "PutImageScanningConfiguration": "tests/rules/test_image_scan_disabled.py",
    "PutImageTagMutability": "tests/rules/test_ecr_tag_overwrite_enabled.py",
    "PutLifecyclePolicy": "tests/rules/test_ecr_lifecycle_policy_added.py",
    "PutRegistryPolicy": "tests/evidence/test_aws_ecr_rules.py",
    "PutRegistryScanningConfiguration": "tests/rules/test_image_scan_disabled.py",
    "SetRepositoryPolicy": "tests/rules/test_ecr_repository_policy_applied.py",
}


def test_every_call_that_is_read_is_tried_here_or_has_a_test_of_its_own() -> None:
    read = {
        name
        for source, names in CALLS.items()
        for name in set(names) - set(monitoring_calls.CALLS.get(source, ()))
    }
    assert read == CASES.keys() | ELSEWHERE.keys()
    root = Path(__file__).parents[2]
    assert all(place == "below" or (root / place).is_file() for place in ELSEWHERE.values())


@for_each("name", CASES)
def test_a_bad_record_of_a_call_raises_its_rule(name: str) -> None:
    bad, expected, _ = CASES[name]
    assert bad["eventName"] == name
    assert raised(bad) == [expected]


@for_each("name", [name for name, (_, _, harmless) in CASES.items() if harmless])
def test_a_harmless_record_of_the_same_call_raises_nothing(name: str) -> None:
    harmless = CASES[name][2]
    assert harmless is not None
    assert raised(harmless) == []


@for_each("name", CASES)
def test_a_call_that_failed_raises_nothing(name: str) -> None:
    assert raised(ct.failed(CASES[name][0])) == []


def test_replication_to_oneself_is_informational_and_emptied_medium() -> None:
    assert raised(calls.replication(TO_OWN)) == [("ecr-replication-changed", "informational")]
    assert raised(calls.replication()) == [("ecr-replication-changed", "medium")]


def test_a_template_that_goes_takes_its_defaults_along() -> None:
    gone = ct.record("DeleteRepositoryCreationTemplate", {"prefix": "team/"}, {})
    assert raised(gone) == [("ecr-creation-template-changed", "low")]


ARCHIVED = "ecr-images-archived"


@pytest.mark.parametrize(
    ("number", "protected", "expected"),
    [
        (9, False, []),
        (10, False, ["low"]),
        (49, False, ["low"]),
        (50, False, ["low", "medium"]),
        (1, True, ["low"]),
    ],
)
def test_archived_images_are_graded_one_step_below_deleted_ones(
    number: int, protected: bool, expected: list[str]
) -> None:
    tag = "prod-1" if protected else None
    made = [
        calls.archive(tag, digest(f"image-{n}")) | {"eventTime": iso(T0 + n)} for n in range(number)
    ]
    assert sorted(
        severity for rule, severity in raised(ct.log_file(*made)) if rule == ARCHIVED
    ) == (expected)


def test_a_protected_tag_among_many_is_one_step_more() -> None:
    made = [calls.archive(None, digest(f"image-{n}")) for n in range(9)]
    made.append(calls.archive("prod-1", digest("image-9")))
    assert sorted(raised(ct.log_file(*made))) == [(ARCHIVED, "low"), (ARCHIVED, "medium")]


def test_restoring_from_the_archive_is_none() -> None:
    assert raised(calls.archive("prod-1", to="STANDARD")) == []
