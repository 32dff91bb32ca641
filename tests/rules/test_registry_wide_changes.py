"""Replication, templates, pull-through cache, removed policies and signing of an ECR registry."""

from registrywatch.events import (
    Actor,
    CreationTemplateDeleted,
    CreationTemplateSet,
    PolicyRemoved,
    PullThroughRuleDeleted,
    PullThroughRuleSet,
    PullThroughSecretRead,
    ReplicationBackfillStarted,
    ReplicationBackfillStopped,
    ReplicationRule,
    ReplicationSet,
    ReplicationTarget,
    SigningDeleted,
    SigningProfileEnded,
    SigningRule,
    SigningSet,
    What,
)
from registrywatch.rules import Finding
from tests.builders.cases import for_each
from tests.rules.given import (
    FOREIGN,
    OWN,
    SERVICE,
    TRUSTED,
    allow,
    deny,
    happened,
    judged,
    lifecycle,
    lifecycle_rule,
    policy,
)


def found(rule: str, what: What, actor: Actor | None = None) -> Finding | None:
    event = happened(what, repository=None)
    return judged(rule, happened(what, repository=None, actor=actor) if actor else event)


def graded(rule: str, what: What, actor: Actor | None = None) -> str | None:
    finding = found(rule, what, actor)
    return finding.severity.value if finding else None


# Replication


def to(*accounts: str | None, filters: tuple[str, ...] = (), deletes: bool = False) -> What:
    targets = tuple(ReplicationTarget("us-east-1", account) for account in accounts)
    return ReplicationSet((ReplicationRule(targets, filters, deletes),))


@for_each(
    ("change", "expected"),
    [
        (to(FOREIGN), "critical"),
        (to(OWN, FOREIGN), "critical"),
        (to(FOREIGN, filters=("prod",)), "high"),
        (to(None), "critical"),
        (to(OWN), "informational"),
        (to(TRUSTED, filters=("prod",)), "informational"),
        (to(OWN, deletes=True), "medium"),
        (to(FOREIGN, filters=("prod",), deletes=True), "high"),
        (ReplicationSet(()), "medium"),
        (ReplicationSet((), omitted=True), "high"),
        (ReplicationBackfillStarted(ReplicationTarget("us-east-1", FOREIGN)), "critical"),
        (ReplicationBackfillStarted(ReplicationTarget("us-east-1", TRUSTED)), "informational"),
        (ReplicationBackfillStarted(None), "high"),
        (ReplicationBackfillStarted(None, omitted=True), "high"),
        (ReplicationBackfillStopped(ReplicationTarget("us-east-1", FOREIGN)), "informational"),
    ],
)
def test_where_images_go_decides_how_bad_replication_is(change: What, expected: str) -> None:
    assert graded("ecr-replication-changed", change) == expected


def test_the_summary_of_a_replication_names_the_foreign_account() -> None:
    finding = found("ecr-replication-changed", to(OWN, FOREIGN))
    assert finding and finding.summary == (
        "replaced the replication of the registry: it copies every image to "
        f"{FOREIGN} in us-east-1, which is not trusted"
    )


# Creation templates

ANYONE_PUSHES = policy(allow("*", "ecr:PutImage"))
OWN_PULLS = policy(allow({"AWS": OWN}, "ecr:BatchGetImage"))
TAKES_ALL = lifecycle(lifecycle_rule(countNumber=1))
KEEPS_MANY = lifecycle(lifecycle_rule(countNumber=100))


@for_each(
    ("change", "expected"),
    [
        (CreationTemplateSet("prod"), "low"),
        (CreationTemplateSet("prod", policy=ANYONE_PUSHES), "critical"),
        (CreationTemplateSet("prod", policy=OWN_PULLS), "low"),
        (CreationTemplateSet("prod", policy="{"), "high"),
        (CreationTemplateSet("prod", lifecycle_policy=TAKES_ALL), "high"),
        (CreationTemplateSet("prod", lifecycle_policy=KEEPS_MANY), "low"),
        (CreationTemplateSet("prod", policy=OWN_PULLS, lifecycle_policy=TAKES_ALL), "high"),
        (CreationTemplateSet("ROOT", mutability="MUTABLE", created=False), "low"),
        (CreationTemplateSet("prod", omitted=True), "high"),
        (CreationTemplateDeleted("prod"), "low"),
    ],
)
def test_a_template_is_as_bad_as_the_policies_it_carries(change: What, expected: str) -> None:
    assert graded("ecr-creation-template-changed", change) == expected


def test_mutability_and_root_are_reasons() -> None:
    root = CreationTemplateSet("ROOT", ("CREATE_ON_PUSH",), mutability="MUTABLE")
    finding = found("ecr-creation-template-changed", root)
    assert finding and finding.reasons == (
        "Any tag can be overwritten (MUTABLE).",
        "It applies to every repository that no other template covers.",
        "It applies to repositories created by CREATE_ON_PUSH.",
    )


def test_the_summary_of_a_template_says_what_its_policy_allows() -> None:
    finding = found("ecr-creation-template-changed", CreationTemplateSet("x", policy=ANYONE_PUSHES))
    assert finding and finding.summary == (
        "created the repository creation template for x/*: under its policy anyone can push images"
    )


# Pull-through cache

ECR_ROLE = Actor(
    id=f"arn:aws:iam::{OWN}:role/aws-service-role/pullthroughcache.ecr.amazonaws.com/"
    "AWSServiceRoleForECRPullThroughCache",
    type="AssumedRole",
)
OTHER_SERVICE_ROLE = Actor(
    id=f"arn:aws:iam::{OWN}:role/aws-service-role/inspector2.amazonaws.com/AWSServiceRoleForX",
    type="AssumedRole",
)
SECRET = PullThroughSecretRead("ecr-pullthroughcache/docker-hub")


@for_each(
    ("change", "expected"),
    [
        (PullThroughRuleSet("hub", "docker-hub", "registry-1.docker.io"), "low"),
        (PullThroughRuleSet("hub", "docker-hub", credential="arn:x"), "low"),
        (PullThroughRuleSet("ROOT", "docker-hub"), "medium"),
        (PullThroughRuleSet("hub", "ecr", upstream_account=FOREIGN), "high"),
        (PullThroughRuleSet("hub", "ecr", upstream_account=TRUSTED), "low"),
        (PullThroughRuleSet("hub", "ecr"), "high"),
        (PullThroughRuleSet("hub", credential="arn:x", created=False), "medium"),
        (PullThroughRuleSet("hub", role="arn:x", created=False), "medium"),
        (PullThroughRuleSet("hub", created=False), "low"),
        (PullThroughRuleSet("hub", omitted=True), "high"),
        (PullThroughRuleDeleted("hub"), "low"),
        (SECRET, "high"),
    ],
)
def test_where_cached_images_come_from_decides(change: What, expected: str) -> None:
    assert graded("ecr-pull-through-cache-changed", change) == expected


def test_only_ecrs_own_role_may_read_the_secret() -> None:
    assert graded("ecr-pull-through-cache-changed", SECRET, ECR_ROLE) is None
    assert graded("ecr-pull-through-cache-changed", SECRET, SERVICE) is None
    assert graded("ecr-pull-through-cache-changed", SECRET, OTHER_SERVICE_ROLE) == "high"
    stranger = happened(SECRET, actor=ECR_ROLE, actor_account=FOREIGN)
    finding = judged("ecr-pull-through-cache-changed", stranger)
    assert finding and finding.severity.value == "high"


# Removed policies


@for_each(
    ("change", "expected"),
    [
        (PolicyRemoved("repository", policy(allow())), "low"),
        (PolicyRemoved("repository", policy(allow(), deny())), "high"),
        (PolicyRemoved("registry", policy(deny())), "high"),
        (PolicyRemoved("registry", policy("odd")), "high"),
        (PolicyRemoved("registry", '{"Statement": {"Effect": "Deny"}}'), "high"),
        (PolicyRemoved("repository", None), "medium"),
        (PolicyRemoved("repository", None, omitted=True), "medium"),
        (PolicyRemoved("repository", "{"), "medium"),
        (PolicyRemoved("lifecycle", TAKES_ALL), "informational"),
    ],
)
def test_a_policy_that_went_is_bad_if_it_denied(change: What, expected: str) -> None:
    assert graded("ecr-policy-removed", change) == expected


# Signing

OURS, THEIRS = (f"arn:aws:signer:eu-west-1:{who}:/signing-profiles/p" for who in (OWN, FOREIGN))
ALL_SIGNED = SigningRule(OURS)


@for_each(
    ("change", "expected"),
    [
        (SigningSet((ALL_SIGNED,)), None),
        (SigningSet((SigningRule(OURS, ("*",)),)), None),
        (SigningSet((SigningRule(OURS, ("prod*",)),)), "medium"),
        (SigningSet((SigningRule(OURS, ("prod*",)),), before=("prod*",)), None),
        (SigningSet((SigningRule(OURS, ("prod*", "dev*")),), before=("prod*",)), None),
        (SigningSet((SigningRule(OURS, ("prod*",)),), before=("prod*", "dev*")), "medium"),
        (SigningSet((SigningRule(OURS, ("prod*",)),), before=("*",)), "medium"),
        (SigningSet(()), "medium"),
        (SigningSet((ALL_SIGNED, SigningRule(THEIRS, ("dev*",)))), "critical"),
        (SigningSet((SigningRule("odd"),)), "critical"),
        (SigningSet((), omitted=True), "high"),
        (SigningDeleted(), "high"),
        (SigningProfileEnded("p", revoked=True), "medium"),
        (SigningProfileEnded(None, revoked=False), "medium"),
    ],
)
def test_what_is_still_signed_and_by_whom_decides(change: What, expected: str | None) -> None:
    assert graded("ecr-signing-disabled", change) == expected
