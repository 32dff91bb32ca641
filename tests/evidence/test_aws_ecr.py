"""What CloudTrail really writes about ECR, end to end: from the payload to the alerts.

Each docstring says which finding about Amazon's events the test holds on to; what belongs to no
rule yet is a test that nothing is raised. The rules' own evasions are in test_aws_ecr_rules.py.
"""

import json
from typing import Any

import pytest

from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    ACCOUNT,
    DOCKER,
    FOREIGN,
    Json,
    allow,
    by_docker,
    create_repository,
    delete_images,
    delete_repository,
    digest,
    eventbridge,
    expire_images,
    failed,
    foreign,
    log_file,
    looked_up,
    nobody,
    pull,
    push,
    record,
    role,
    root,
    service,
    set_mutability,
    set_policy,
    set_scanning,
    through,
    user,
)
from tests.builders.detecting import Watch, alerts, raised

PULLS = [("ecr-excessive-image-pull", "medium")]
PUSHES = [("ecr-excessive-image-push", "medium")]


def pulls(count: int = 100, **more: Any) -> list[Json]:
    """That many docker pulls of distinct images, a second apart."""
    return [by_docker(pull(f"v{n}", at=T0 + n, **more)) for n in range(count)]


def pushes(count: int = 50, **more: Any) -> list[Json]:
    return [by_docker(push(f"b{n}", f"image {n}", at=T0 + n, **more)) for n in range(count)]


# 0. What should change the design


@pytest.mark.parametrize(
    "marker", [DOCKER, "AWS Internal/#", "prod.frontend.ecr.aws.internal", "ecr.amazonaws.com"]
)
def test_docker_traffic_counts_although_a_service_speaks_for_it(marker: str) -> None:
    """Ordinary docker pulls and pushes carry `invokedBy`, in four spellings: it exempts nobody."""
    caller = through(marker)
    assert raised(log_file(*[pull(f"v{n}", by=caller) for n in range(100)])) == PULLS
    assert raised(log_file(*[push("v1", f"{n}", by=caller) for n in range(50)])) == PUSHES


def test_a_service_on_its_own_account_is_not_counted() -> None:
    """Only the caller's type AWSService says that a service acts by itself."""
    assert raised(log_file(*pulls(200, by=service("inspector2.amazonaws.com")))) == []
    assert raised(log_file(*pushes(200, by=service("pullthroughcache.ecr.amazonaws.com")))) == []


def test_a_service_on_its_own_account_is_exempt_from_counting_only() -> None:
    """What a service changes is judged like anybody's change."""
    payload = eventbridge(delete_repository(by=service()))
    assert raised(payload) == [("ecr-forced-repository-deletion", "high")]


def test_cloudformation_exempts_nobody() -> None:
    """Attackers can have CloudFormation speak for them: a public policy is one all the same."""
    opened = set_policy(allow("ecr:*"), by=through("cloudformation.amazonaws.com"), tls=None)
    assert raised(eventbridge(opened)) == [("ecr-repository-policy-applied", "critical")]


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        ("TLSv1.3", []),
        ("tlsv1.3", []),
        ("TLSv1.2", ["medium"]),
        ("TLSv1.0", ["medium"]),
        (None, ["informational"]),
    ],
)
def test_tls_has_three_states(tls: str | None, expected: list[str]) -> None:
    """`tlsDetails` is often absent, which is unknown: no proof of old TLS and none of new."""
    found = alerts(eventbridge(create_repository(tls=tls)))
    assert [alert.severity.value for alert in found] == expected


def test_pulls_are_read_although_they_are_read_only() -> None:
    """BatchGetImage is a read-only management event; a trail or a filter for writes misses it."""
    made = pulls(100)
    assert all(each["readOnly"] for each in made)
    assert raised(log_file(*made)) == PULLS


@pytest.mark.parametrize("name", ["GetDownloadUrlForLayer", "GetAuthorizationToken"])
def test_layer_downloads_and_log_ins_belong_to_no_rule(name: str) -> None:
    """Layers fetched by known digests never show as BatchGetImage; no rule reads them yet."""
    request = {"repositoryName": "prod/api", "layerDigest": digest("layer")}
    assert raised(log_file(*[record(name, request) for _ in range(200)])) == []


def test_lifecycle_expiry_is_a_service_event_without_a_caller() -> None:
    """PolicyExecutionEvent: detail-type of service events, readOnly, no type, null request."""
    made = expire_images(digest(1), digest(2), tags=("alpine",))
    assert made["userIdentity"] == nobody()
    payload = eventbridge(made)
    assert payload["detail-type"] == "AWS Service Event via CloudTrail"
    assert made["requestParameters"] is made["responseElements"] is None
    (alert,) = alerts(payload)
    assert (alert.rule, alert.severity.value) == ("ecr-images-deleted", "informational")
    assert alert.repository == "prod/api"
    assert "2 images" in alert.summary


def test_an_event_of_almost_a_megabyte_is_read() -> None:
    """Events may have 1 MB since 2026, most of it a manifest that stands there twice."""
    made = pushes(50)
    made[-1]["requestParameters"]["imageManifest"] = "x" * 450_000
    made[-1]["responseElements"]["image"]["imageManifest"] = "x" * 450_000
    assert raised(*map(eventbridge, made)) == PUSHES


def test_weakness_at_birth_is_read_from_the_response() -> None:
    """A request that sets nothing makes tags mutable and scans nothing: only the response says."""
    made = create_repository(tls="TLSv1.2", mutability="MUTABLE", scanned=False)
    assert made["requestParameters"] == {"repositoryName": "prod/api"}
    (alert,) = alerts(eventbridge(made))
    assert len(alert.reasons) == 3
    assert "MUTABLE" in alert.reasons[1]
    assert "scan" in alert.reasons[2]


def test_a_record_of_2018_does_not_tell_how_the_repository_was_born() -> None:
    """Old responses have neither mutability nor scanning: that is unknown, not weak."""
    response = {"repository": {"repositoryName": "prod/api", "registryId": ACCOUNT}}
    old = record("CreateRepository", {"repositoryName": "prod/api"}, response, tls=None)
    (alert,) = alerts(log_file(old | {"eventVersion": "1.04"}))
    assert alert.reasons == ("TLS version not recorded.",)


@pytest.mark.parametrize(
    ("mode", "filters", "expected"),
    [
        ("MUTABLE", (), ["medium"]),
        ("MUTABLE_WITH_EXCLUSION", ("prod*",), ["medium"]),
        ("IMMUTABLE_WITH_EXCLUSION", ("*",), ["medium"]),
        ("IMMUTABLE_WITH_EXCLUSION", ("dev-*",), ["low"]),
        ("IMMUTABLE", (), []),
    ],
)
def test_three_of_four_modes_let_tags_be_overwritten(
    mode: str, filters: tuple[str, ...], expected: list[str]
) -> None:
    """Checks for the one word MUTABLE miss two of the modes that allow overwriting."""
    found = alerts(eventbridge(set_mutability(mode, *filters)))
    assert [alert.severity.value for alert in found] == expected


def test_images_count_by_what_was_deleted_not_by_what_was_asked() -> None:
    """BatchDeleteImage can fail image by image without an errorCode."""
    made = delete_images(*map(digest, range(9)), failures=91)
    assert len(made["requestParameters"]["imageIds"]) == 100
    (alert,) = alerts(eventbridge(made))
    assert alert.severity.value == "low"
    assert "9 images" in alert.summary


def test_a_hundred_images_in_one_call_are_a_hundred() -> None:
    """A call can hold 100 ids; whoever counts calls sees one. Pulls have no response at all."""
    whole = pull(*map(digest, range(100)))
    assert whole["responseElements"] is None
    assert raised(eventbridge(whole)) == PULLS
    gone = delete_images(*map(digest, range(100)))
    assert raised(eventbridge(gone)) == [
        ("ecr-images-deleted", "high"),
        ("ecr-deletion-burst", "high"),
    ]


@pytest.mark.parametrize(
    "made",
    [
        set_mutability("mutable"),
        set_scanning({"scanOnPush": False}),
    ],
)
def test_values_are_compared_without_case(made: Json) -> None:
    """The alert definitions of others write values in lower case; the case of values is nothing."""
    assert len(raised(eventbridge(made))) == 1


def test_names_of_calls_are_exact() -> None:
    """CloudTrail writes names of calls in one way only; another spelling is another call."""
    made = record("putimagescanningconfiguration", {"repositoryName": "x"})
    assert raised(eventbridge(made)) == []


def test_an_ignored_actor_is_ignored_by_his_whole_name() -> None:
    """One named person excluded in each rule, by a part of his name, lets look-alikes through."""
    me = f"arn:aws:iam::{ACCOUNT}:user/ann"
    variables = {"IGNORE_ACTORS": me}
    opened = allow("ecr:*")
    assert raised(eventbridge(set_policy(opened, by=user("ann"))), **variables) == []
    assert len(raised(eventbridge(set_policy(opened, by=user("anna"))), **variables)) == 1
    assert len(raised(eventbridge(set_policy(opened, by=user("joann"))), **variables)) == 1


# 1. Records, requests and identities


def test_every_envelope_tells_the_same() -> None:
    """EventBridge, a log file in S3, lookup-events and the bare record."""
    made = delete_repository(by=root())
    expected = [("ecr-forced-repository-deletion", "critical")]
    for payload in (eventbridge(made), log_file(made), looked_up(made), made, [eventbridge(made)]):
        assert raised(payload) == expected


def test_the_repository_is_named_by_the_resource_where_the_request_does_not() -> None:
    """EventBridge's own `resources` is empty; the ARNs are inside, in capitals or not."""
    for key in ("ARN", "arn"):
        made = delete_images(digest(1))
        made["requestParameters"] = None
        made["resources"] = [{key: f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app"}]
        (alert,) = alerts(eventbridge(made))
        assert alert.repository == "team/app"


def test_a_policys_text_is_parsed_not_searched() -> None:
    """AWS writes policies again with other spacing, and a list of one as a scalar."""
    spaced = json.dumps(allow("ecr:PutImage"), indent=2, separators=(",", " : "))
    scalar = spaced.replace('[\n        "ecr:PutImage"\n      ]', '"ecr:PutImage"')
    assert scalar != spaced
    for text in (spaced, scalar):
        assert raised(eventbridge(set_policy(text))) == [
            ("ecr-repository-policy-applied", "critical")
        ]


def test_a_denied_pull_is_neither_counted_nor_told() -> None:
    """AccessDenied: nothing was read. Request and resources may be missing then."""
    denied = [failed(each) for each in pulls(200)]
    bare = [each | {"requestParameters": None, "resources": None} for each in denied]
    assert raised(log_file(*denied, *bare)) == []


@pytest.mark.parametrize("code", ["ImageTagAlreadyExistsException", "ImageAlreadyExistsException"])
def test_a_refused_push_is_not_counted(code: str) -> None:
    """One is a refused overwrite, the other a harmless push of what is there: neither changed."""
    refused = [failed(each, code) for each in pushes(200)]
    of_refusals = {"ECR_DENIED_CALLS_ENABLED": "false"}
    assert raised(log_file(*refused), **of_refusals) == []


@pytest.mark.parametrize("configuration", [{}, {"scanOnPush": False}, {"scanOnPush": None}, None])
def test_scanning_that_is_not_asked_for_is_off(configuration: Json | None) -> None:
    """`scanOnPush` is optional; an empty configuration switches off like a false one."""
    made = set_scanning({})
    made["requestParameters"]["imageScanningConfiguration"] = configuration
    assert raised(eventbridge(made)) == [("ecr-image-scan-disabled", "medium")]


NO_RULE = [
    "BatchCheckLayerAvailability",
    "CompleteLayerUpload",
    "DescribeImageScanFindings",
    "DescribeRepositories",
    "GetRepositoryPolicy",
    "InitiateLayerUpload",
    "ListImages",
    "PutAccountSetting",
    "RegisterPullTimeUpdateExclusion",
    "ReplicateImage",
    "StartImageScan",
    "StartLifecyclePolicyPreview",
    "TagResource",
    "UntagResource",
    "UploadLayerPart",
    "SomethingOfNextYear",
]


@for_each("name", NO_RULE)
def test_a_call_of_no_rule_raises_nothing(name: str) -> None:
    """Some of these may be worth a rule one day; until then they are passed over in silence."""
    assert raised(eventbridge(record(name, {"repositoryName": "prod/api"}))) == []


def test_keys_of_other_services_are_skipped() -> None:
    """Creating a repository with a key of one's own leaves two CreateGrant records of KMS."""
    made = record("CreateGrant", {"keyId": "k"}, source="kms.amazonaws.com")
    assert raised(log_file(made, made)) == []


@for_each(
    "kind",
    [
        "ECR Image Action",
        "ECR Image Scan",
        "ECR Replication Action",
        "ECR Pull Through Cache Action",
        "ECR Scan Resource Change",
        "AWS Console Action via CloudTrail",
        "AWS Insight via CloudTrail",
    ],
)
def test_ecrs_own_events_are_skipped(kind: str) -> None:
    """The source aws.ecr also sends image actions and scans: best effort, without an actor."""
    native = {
        "version": "0",
        "id": "22222222-0000-4000-8000-999999999999",
        "detail-type": kind,
        "source": "aws.ecr",
        "account": ACCOUNT,
        "time": "2026-08-01T09:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {"action-type": "DELETE", "result": "SUCCESS", "repository-name": "prod/api"},
    }
    assert raised(native) == []


PUBLIC: Json = {"source": "ecr-public.amazonaws.com", "region": "us-east-1"}


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (create_repository(tls=None, **PUBLIC), "ecr-repository-created"),
        (delete_repository(**PUBLIC), "ecr-forced-repository-deletion"),
        (delete_images(digest(1), **PUBLIC), "ecr-images-deleted"),
        (set_policy(allow("ecr-public:PutImage"), **PUBLIC), "ecr-repository-policy-applied"),
    ],
)
def test_ecr_public_is_watched_too(made: Json, rule: str) -> None:
    """Another event source, in us-east-1 wherever the repository is, and fewer operations."""
    payload = eventbridge(made)
    assert payload["source"] == "aws.ecr-public"
    (alert,) = alerts(payload)
    assert alert.rule == rule
    assert alert.registry == "public.ecr.aws"


def test_pushes_to_ecr_public_are_counted() -> None:
    """Pulls of public images are in no trail of the owner's, but pushes are."""
    assert raised(log_file(*pushes(50, **PUBLIC))) == PUSHES
    assert raised(log_file(*pulls(200, **PUBLIC))) == []


def test_sessions_of_one_role_are_one_actor() -> None:
    """Who acted is the role behind the session: names of sessions are the caller's to choose."""
    made = [each | {"userIdentity": role("Dev", f"s{n}")} for n, each in enumerate(pulls())]
    (alert,) = alerts(log_file(*made))
    assert alert.actor.id == f"arn:aws:iam::{ACCOUNT}:role/Dev"
    assert alert.count == 100


def test_different_roles_are_different_actors() -> None:
    """Two builds with roles of their own are two groups."""
    made = [each | {"userIdentity": role(f"r{n % 2}")} for n, each in enumerate(pulls(150))]
    assert raised(log_file(*made)) == []


FEDERATED = {
    "type": "FederatedUser",
    "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/ann",
    "accountId": ACCOUNT,
    "sessionContext": {
        "sessionIssuer": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/issuer"}
    },
}
CENTER = {
    "type": "IdentityCenterUser",
    "accountId": ACCOUNT,
    "onBehalfOf": {"userId": "user-1", "identityStoreArn": "arn:aws:identitystore::1:x"},
}


@for_each(
    ("caller", "actor"),
    [
        (user("bob"), f"arn:aws:iam::{ACCOUNT}:user/bob"),
        (role("Dev", "alice"), f"arn:aws:iam::{ACCOUNT}:role/Dev"),
        (root(), f"arn:aws:iam::{ACCOUNT}:root"),
        (FEDERATED, f"arn:aws:iam::{ACCOUNT}:user/issuer"),
        (service("ecr.amazonaws.com"), "ecr.amazonaws.com"),
        (foreign(FOREIGN), FOREIGN),
        (CENTER, "user-1"),
        (nobody(), None),
        ({"type": "AssumedRole", "arn": "arn:aws:sts::1:user/Mary"}, "arn:aws:sts::1:user/Mary"),
        ({"type": "AssumedRole", "principalId": "AROA:x", "arn": ""}, None),
        ({}, None),
        (None, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_kind_of_caller_is_read(caller: Json | None, actor: str | None) -> None:
    """AWS's own examples of identities are malformed in places: read with care, never fail."""
    made = delete_repository() | {"userIdentity": caller}
    (alert,) = alerts(eventbridge(made))
    assert alert.actor.id == actor


@pytest.mark.parametrize("version", ["1.04", "1.08", "1.11", "1.99", None])
def test_any_version_of_the_record_is_read(version: str | None) -> None:
    """The minor version grows; fields come and go with it."""
    made = delete_repository() | {"eventVersion": version, "additionalEventData": None}
    assert len(raised(eventbridge(made))) == 1


def test_a_time_that_a_siem_rewrote_is_understood() -> None:
    """Some tools write `YYYY-MM-DD hh:mm:ss.sss` for CloudTrail's own form."""
    made = delete_repository() | {"eventTime": "2026-08-01 09:00:00.000"}
    (alert,) = alerts(log_file(made))
    assert alert.time == "2026-08-01T09:00:00Z"


# 2. How CloudTrail and EventBridge deliver


def test_a_repeated_delivery_raises_nothing_more() -> None:
    """The same event can come twice, under another envelope id: CloudTrail's eventID is its key."""
    made = delete_repository()
    watch = Watch()
    assert len(watch.alerts(eventbridge(made))) == 1
    assert watch.alerts(eventbridge(made), log_file(made), looked_up(made)) == []


def test_two_accounts_records_of_one_call_are_one() -> None:
    """A call across accounts is delivered to both, as two events with one sharedEventID."""
    shared: Json = {"sharedEventID": "77777777-0000-4000-8000-000000000001", "by": foreign()}
    theirs, ours = delete_repository(seen_in=FOREIGN, **shared), delete_repository(**shared)
    assert theirs["eventID"] != ours["eventID"]
    assert len(alerts(eventbridge(theirs), eventbridge(ours))) == 1


def test_a_burst_is_seen_in_any_order_of_delivery() -> None:
    """CloudTrail takes minutes and keeps no order: windows go by the events' own time."""
    made = pulls(100)
    assert raised(*map(eventbridge, reversed(made))) == PULLS
    assert raised(*map(eventbridge, made[50:] + made[:50])) == PULLS


def test_a_burst_that_is_delivered_twice_counts_once() -> None:
    """99 images delivered three times are 99 images."""
    made = list(map(eventbridge, pulls(99)))
    assert raised(*made, *made, *made) == []


def test_a_foreign_pull_is_counted_by_the_registrys_owner() -> None:
    """Since 2021 the owner of the resource gets the event too, with the foreign caller in it."""
    assert raised(log_file(*pulls(100, by=foreign()))) == [("ecr-excessive-image-pull", "high")]


def test_each_region_counts_by_itself() -> None:
    """ECR is regional; the record says where it happened, whichever bus it came over."""
    made = [*pulls(60), *pulls(60, region="us-east-1")]
    assert raised(log_file(*made)) == []


def test_a_truncated_response_is_no_harm() -> None:
    """Requests and responses over 100 KB are cut; the response may be absent or odd."""
    whole = push("v1", "a")
    for response in (None, {}, {"image": None}, {"image": {"imageId": None}}):
        assert raised(eventbridge(whole | {"responseElements": response})) == []
    without = [each | {"responseElements": None} for each in pushes(50)]
    assert raised(log_file(*without)) == PUSHES


def test_deletions_without_a_response_count_what_was_asked() -> None:
    """Where there is no response, the request's ids are the best there is."""
    made = delete_images(*map(digest, range(12))) | {"responseElements": None}
    assert raised(eventbridge(made)) == [("ecr-images-deleted", "medium")]
