"""How each ECR rule could be passed by, and what must not set it off, end to end.

One section a rule: first the evasions, then everyday traffic. Where an evasion belongs to no rule
yet, the test says that nothing is raised.
"""

from typing import Any

import pytest

from tests.builders.cases import for_each
from tests.builders.clock import T0
from tests.builders.cloudtrail import (
    ACCOUNT,
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
    expiry,
    failed,
    log_file,
    pull,
    push,
    record,
    role,
    root,
    service,
    set_lifecycle,
    set_mutability,
    set_policy,
    set_registry_policy,
    set_registry_scanning,
    set_scanning,
    through,
    user,
)
from tests.builders.detecting import Watch, alerts, raised
from tests.builders.registry_calls import cache_rule, inspector, replicate, replication, template

CI = f"arn:aws:iam::{ACCOUNT}:role/ci"


def severities(made: Json, **variables: str) -> list[str]:
    return [severity for _, severity in raised(eventbridge(made), **variables)]


# Repository created


@pytest.mark.parametrize(
    "made",
    [
        create_repository(tls="TLSv1.2", agent="tool/1.0 TLSv1.3"),
        create_repository("team/tlsv1.3", tls="TLSv1.2"),
        create_repository(tls="TLSv1.2", ip="TLSv1.3.example"),
    ],
)
def test_the_text_of_a_version_elsewhere_hides_nothing(made: Json) -> None:
    """Negating a search over the whole event lets the attacker write the magic word anywhere."""
    assert severities(made) == ["medium"]


@for_each(
    "made",
    [
        create_repository(tls=None, sessionCredentialFromConsole="true"),
        create_repository(tls=None, by=through("cloudformation.amazonaws.com")),
        create_repository(tls=None, by=service("ecr.amazonaws.com")),
        create_repository(tls=None, by=service("pullthroughcache.ecr.amazonaws.com")),
        create_repository(tls=None, by=service("replication.ecr.amazonaws.com")),
        create_repository(tls=None, source="replication.ecr.amazonaws.com"),
        create_repository(tls=None, by=through("ecr.amazonaws.com"), ip="AWS Internal"),
    ],
    ids=["console", "cloudformation", "create-on-push", "cache", "replication", "source", "push"],
)
def test_repositories_that_nobody_created_over_tls_are_told_as_such(made: Json) -> None:
    """Console, CloudFormation, create-on-push, cache and replication record no TLS version."""
    assert severities(made) == ["informational"]


def test_tls_1_3_is_no_alert_however_weak_the_repository() -> None:
    """A client with TLS 1.3 passes this rule; weakness alone is a reason, never the trigger."""
    assert severities(create_repository(mutability="MUTABLE", scanned=False)) == []


def test_a_creation_and_a_push_by_the_same_actor_are_no_more_than_the_two() -> None:
    """A repository that is filled within the hour: no rule connects the two yet."""
    made = [create_repository("rO0t/api"), push(repository="rO0t/api", at=T0 + 60)]
    assert raised(log_file(*made)) == []


def test_an_old_sdk_of_a_build_can_be_ignored_by_its_role() -> None:
    """Infrastructure as code with TLS 1.2, which is still AWS's minimum."""
    made = create_repository(tls="TLSv1.2", by=role("ci"))
    assert severities(made) == ["medium"]
    assert severities(made, ECR_REPOSITORY_CREATED_IGNORE_ACTORS=CI) == []


# Policy applied


@for_each(
    ("policy", "expected"),
    [
        (allow("ecr:PutImage", to={"AWS": f"arn:aws:iam::{FOREIGN}:root"}), "high"),
        (allow("ecr:BatchGetImage", to={"AWS": ["*"]}), "high"),
        (allow("ecr:*", to={"AWS": ["*"]}), "critical"),
        (allow("ecr:BatchGetImage", when={"StringLike": {"aws:PrincipalOrgID": "*"}}), "high"),
        (
            allow("ecr:*", when={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-company123"}}),
            "critical",
        ),
        (
            allow("ecr:BatchGetImage", when={"StringEquals": {"aws:PrincipalOrgID": "o-others12"}}),
            "medium",
        ),
        (allow("ecr:BatchGetImage", to={"Service": "codebuild.amazonaws.com"}), "medium"),
        ({"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "*"}},
         "critical"),
    ],
    ids=["account", "list", "all", "like", "if-exists", "org", "service", "not-principal"],
)  # fmt: skip
def test_a_policy_is_open_in_many_ways(policy: Json, expected: str) -> None:
    """Not only `*`: accounts, lists, NotPrincipal, wide conditions, services for whomever."""
    assert severities(set_policy(policy)) == [expected]


def test_force_and_cloudformation_change_no_grade() -> None:
    """`force: true` only says that the caller may lock himself out."""
    made = set_policy(allow("ecr:*"), by=through("cloudformation.amazonaws.com"))
    made["requestParameters"]["force"] = True
    assert severities(made) == ["critical"]


def test_the_registrys_own_policy_is_read() -> None:
    """PutRegistryPolicy lets others replicate into the registry."""
    made = set_registry_policy(allow("ecr:ReplicateImage", to={"AWS": FOREIGN}))
    (alert,) = alerts(eventbridge(made))
    assert (alert.severity.value, alert.repository) == ("high", None)


def test_ecr_publics_policy_is_read() -> None:
    """ECR Public has actions with a prefix of their own."""
    made = set_policy(allow("ecr-public:*"), source="ecr-public.amazonaws.com")
    assert severities(made) == ["critical"]


@pytest.mark.parametrize("text", ["", "{", '{"Statement": [{"Effect": "Allow", "Princi', "x" * 99])
def test_a_policy_that_cannot_be_read_is_an_alert(text: str) -> None:
    """Truncated or odd: an attacker must not gain by it."""
    assert severities(set_policy(text)) == ["high"]


def test_a_policy_that_the_record_does_not_show_is_an_alert() -> None:
    """A cut request has no policyText at all, nor has the response."""
    made = set_policy(allow("ecr:*"))
    made["requestParameters"] = made["responseElements"] = {"repositoryName": "prod/api"}
    assert severities(made) == ["high"]


def test_the_alert_names_principals_actions_and_conditions() -> None:
    """What the policy lets whom do under which condition, in one sentence a statement."""
    when = {"StringLike": {"aws:PrincipalOrgID": "*"}}
    (alert,) = alerts(eventbridge(set_policy(allow("ecr:PutImage", when=when))))
    assert "Anyone (*)" in alert.reasons[0]
    assert "ecr:PutImage" in alert.reasons[0]
    assert "aws:PrincipalOrgID" in alert.reasons[0]


@pytest.mark.parametrize("name", ["DeleteRepositoryPolicy", "DeleteRegistryPolicy"])
def test_a_policy_that_is_taken_away_is_told_by_a_rule_of_its_own(name: str) -> None:
    made = record(name, {"repositoryName": "prod/api"})
    assert [rule for rule, _ in raised(eventbridge(made))] == ["ecr-policy-removed"]


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (replication(replicate(("eu-west-1", FOREIGN))), "ecr-replication-changed"),
        (cache_rule("x", upstreamRegistry="ecr"), "ecr-pull-through-cache-changed"),
        (template("ROOT", repositoryPolicy="{}"), "ecr-creation-template-changed"),
    ],
)
def test_other_ways_to_share_belong_to_rules_of_their_own(made: Json, rule: str) -> None:
    """Replication to a foreign registry, a cache of one, templates with policies."""
    assert [name for name, _ in raised(eventbridge(made))] == [rule]


@pytest.mark.parametrize(
    "policy",
    [
        allow(
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
            to={"Service": "lambda.amazonaws.com"},
            when={
                "StringLike": {"aws:sourceArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:*"}
            },
        ),
        allow("ecr:BatchGetImage", when={"StringEquals": {"aws:PrincipalOrgID": "o-company123"}}),
        allow("ecr:*", to={"AWS": [f"arn:aws:iam::{ACCOUNT}:role/ci", "222233334444"]}),
    ],
    ids=["lambda", "organisation", "accounts"],
)
def test_everyday_policies_are_low(policy: Json) -> None:
    """Lambda's own right to pull, sharing within the organisation, builds of trusted accounts."""
    trusted = {"TRUSTED_ORGS": "o-company123", "TRUSTED_ACCOUNTS": "222233334444"}
    assert severities(set_policy(policy), **trusted) == ["low"]


def test_a_policy_that_only_denies_is_informational() -> None:
    """Deny alone opens nothing."""
    made = set_policy(allow("ecr:*", Effect="Deny"))
    assert severities(made) == ["informational"]


# Excessive pushes


def pushes(count: int, **more: Any) -> list[Json]:
    return [by_docker(push(f"b{n}", f"{n}", at=T0 + n, **more)) for n in range(count)]


def test_pushes_over_many_repositories_are_one_burst() -> None:
    """Spreading over repositories hides nothing: the actor is what is counted by."""
    made = [by_docker(push("v1", f"{n}", f"team/{n}")) for n in range(50)]
    (alert,) = alerts(log_file(*made))
    assert (alert.count, alert.repository) == (50, None)


def test_a_slow_drip_stays_below_the_window() -> None:
    """Fewer than the threshold in any window raise nothing, whoever pushes and how long ever."""
    made = [push(f"b{n}", f"{n}", at=T0 + 60 * n) for n in range(300)]
    assert raised(log_file(*made)) == []


def test_a_single_push_and_an_overwritten_tag_belong_to_no_rule() -> None:
    """One push is enough to poison; a first push, a tag's new digest: no rule looks at that yet."""
    assert raised(log_file(push("latest", "old"), push("latest", "new", at=T0 + 1))) == []


def test_another_tag_for_the_same_digest_is_no_further_image() -> None:
    """Retagging and tag churn: 500 tags for ten images are ten images."""
    made = [push(f"t{n}", f"{n % 10}") for n in range(500)]
    assert raised(log_file(*made)) == []


def test_calls_can_be_counted_instead() -> None:
    """Who wants to see tag churn counts calls."""
    made = [push(f"t{n}", f"{n % 10}") for n in range(50)]
    found = raised(log_file(*made), ECR_EXCESSIVE_IMAGE_PUSH_COUNT="calls")
    assert found == [("ecr-excessive-image-push", "medium")]


def test_a_multi_platform_build_counts_its_tagged_image_only() -> None:
    """Each build pushes its platforms' manifests and attestations without a tag."""
    made = [
        part
        for n in range(20)
        for part in (
            *[push(None, f"{n} {platform}") for platform in ("amd64", "arm64", "attestation")],
            push(f"b{n}", f"{n}"),
        )
    ]
    assert raised(log_file(*made)) == []


def test_a_busy_build_can_be_given_a_higher_threshold() -> None:
    """Bursts of continuous integration: the threshold and the ignore list are the user's."""
    made = log_file(*pushes(60, by=role("ci")))
    assert raised(made) == [("ecr-excessive-image-push", "medium")]
    assert raised(made, ECR_EXCESSIVE_IMAGE_PUSH_THRESHOLD="61") == []
    assert raised(made, ECR_EXCESSIVE_IMAGE_PUSH_IGNORE_ACTORS=CI) == []


def test_replication_and_caches_are_not_counted() -> None:
    """ReplicateImage is another call; a cache pushes as a service by itself."""
    made = [record("ReplicateImage", {"repositoryName": f"r{n}"}) for n in range(100)]
    cached = pushes(100, by=service("pullthroughcache.ecr.amazonaws.com"))
    assert raised(log_file(*made, *cached)) == []


# Image scan disabled


@for_each(
    ("made", "expected"),
    [
        (set_scanning({"scanOnPush": False}), ["medium"]),
        (set_scanning({}), ["medium"]),
        (set_registry_scanning("ENHANCED"), ["medium"]),
        (set_registry_scanning("BASIC"), ["medium"]),
        (set_registry_scanning("ENHANCED", ("CONTINUOUS_SCAN", "prod*")), ["medium"]),
        (set_registry_scanning("ENHANCED", ("MANUAL", "*")), ["medium"]),
        (set_registry_scanning("BASIC", ("SCAN_ON_PUSH", "*")), ["informational"]),
        (set_registry_scanning("ENHANCED", ("CONTINUOUS_SCAN", "*")), []),
        (set_scanning({"scanOnPush": True}), []),
    ],
    ids=["flag", "empty", "no rules", "basic", "narrowed", "manual", "step down", "all", "on"],
)
def test_scanning_is_switched_off_in_many_ways(made: Json, expected: list[str]) -> None:
    """The repository's flag, absent or false, and the registry's configuration as a whole."""
    assert severities(made) == expected


def test_a_repository_born_without_scanning_is_a_reason_only() -> None:
    """scanOnPush false at creation is told by the rule about creation."""
    (alert,) = alerts(eventbridge(create_repository(tls="TLSv1.2", scanned=False)))
    assert alert.rule == "ecr-repository-created"
    assert any("scan" in reason for reason in alert.reasons)


def test_switching_off_inspector_is_told_by_the_same_rule() -> None:
    """Inspector is another source of events, and scans the same images."""
    assert severities(inspector("Disable", {"resourceTypes": ["ECR"]})) == ["high"]


def test_a_refused_change_is_none() -> None:
    """An organisation's policy may block it."""
    made = set_registry_scanning("BASIC")
    assert severities(failed(made, "BlockedByOrganizationPolicyException")) == []


def test_the_flag_of_a_repository_can_be_silenced_where_the_registry_scans() -> None:
    """With ENHANCED scanning a repository's flag is false as a rule, and Terraform's default is."""
    made = set_scanning({"scanOnPush": False}, by=role("ci"))
    assert severities(made, ECR_IMAGE_SCAN_DISABLED_IGNORE_ACTORS=CI) == []
    assert severities(made, ECR_IMAGE_SCAN_DISABLED_SEVERITY="informational") == ["informational"]


# Images deleted


def test_images_count_by_digest_however_many_tags_they_had() -> None:
    """One image under eleven tags is one image."""
    tags = {f"t{n}": digest(1) for n in range(11)}
    assert severities(delete_images(digest(1), tags=tags)) == ["low"]


@pytest.mark.parametrize("tag", ["latest", "prod-7", "v1.2"])
def test_a_protected_tag_makes_one_image_medium(tag: str) -> None:
    """Deleting by digest takes the tags along; one that matters is one step higher."""
    assert severities(delete_images(tags={tag: digest(1)})) == ["medium"]


def test_each_of_many_small_deletions_is_told() -> None:
    """One id a call stays under any threshold of calls: each is an alert, though a low one."""
    made = [delete_images(digest(n), at=T0 + n) for n in range(5)]
    assert raised(log_file(*made)) == [("ecr-images-deleted", "low")] * 5


def test_deletions_that_all_failed_raise_nothing() -> None:
    """Probing with ids that are not there: no image is gone."""
    assert severities(delete_images(failures=100)) == []


def test_a_repository_that_was_emptied_and_then_deleted_is_a_forced_deletion_in_two_steps() -> None:
    """Deleting the images first makes an unforced delete succeed."""
    made = [delete_images(*map(digest, range(6))), delete_repository(force=False, at=T0 + 9)]
    assert raised(log_file(*made)) == [
        ("ecr-images-deleted", "low"),
        ("ecr-deletion-burst", "high"),
    ]


def test_pruning_untagged_images_is_low_and_can_be_ignored() -> None:
    """Clean-up jobs and CDK's garbage collection delete a few digests at a time."""
    made = delete_images(*map(digest, range(5)), by=role("ci"))
    assert severities(made) == ["low"]
    assert severities(made, ECR_IMAGES_DELETED_IGNORE_ACTORS=CI) == []


@pytest.mark.parametrize(
    ("number", "expected"), [(9, "informational"), (10, "low"), (50, "medium")]
)
def test_what_a_lifecycle_policy_expires_is_one_step_lower(number: int, expected: str) -> None:
    """Expiry is a PolicyExecutionEvent, not a BatchDeleteImage, and mostly meant."""
    alone = {"ECR_DELETION_BURST_ENABLED": "false"}
    assert severities(expire_images(*map(digest, range(number))), **alone) == [expected]


def test_what_a_lifecycle_policy_archives_is_not_deleted() -> None:
    """The same event tells of images that only moved to another storage class."""
    assert severities(expire_images(digest(1), action="transition")) == []


# Excessive pulls


def pulls(count: int, **more: Any) -> list[Json]:
    return [by_docker(pull(f"v{n}", at=T0 + n, **more)) for n in range(count)]


def test_breadth_counts_as_much_as_volume() -> None:
    """A thief reads one image of each of a hundred repositories, all tagged alike."""
    made = [by_docker(pull("latest", repository=f"team/{n}", at=T0 + n)) for n in range(100)]
    assert raised(log_file(*made)) == [("ecr-excessive-image-pull", "medium")]


def test_many_nodes_that_start_from_a_few_images_are_a_few_sightings() -> None:
    """Autoscaling, crash loops and imagePullBackOff pull the same images again and again."""
    made = [
        by_docker(pull(f"v{n % 3}", by=role("Node", f"i-{n:05d}"), at=T0 + n % 600))
        for n in range(1500)
    ]
    assert raised(log_file(*made)) == []


def test_a_tag_and_its_platforms_digest_are_two_sightings_at_most() -> None:
    """Multi-platform images are read by tag, then by digest; HEAD and GET repeat that."""
    made = [
        by_docker(pull(image, at=T0 + n))
        for n in range(49)
        for image in (f"v{n}", digest(n), f"v{n}", digest(n))
    ]
    assert raised(log_file(*made)) == []


def test_role_chaining_changes_nothing() -> None:
    """Many session names of one role are one actor."""
    made = [pull(f"v{n}", by=role("Dev", f"hop-{n}")) for n in range(100)]
    assert raised(log_file(*made)) == [("ecr-excessive-image-pull", "medium")]


def test_images_of_aws_itself_are_not_ours_to_count() -> None:
    """Nodes read their pause image from a registry of AWS's: its owner would see them."""
    theirs: Json = {"account": "602401143452", "seen_in": ACCOUNT, "by": role("Node")}
    made = [pull(f"3.{n}", repository="eks/pause", **theirs) for n in range(200)]
    assert raised(log_file(*made)) == []


def test_scanners_and_caches_that_act_as_services_are_not_counted() -> None:
    """Inspector's enhanced scanning and the refresh of a pull-through cache."""
    for name in ("inspector2.amazonaws.com", "pullthroughcache.ecr.amazonaws.com"):
        assert raised(log_file(*pulls(200, by=service(name)))) == []


def test_by_the_root_user_a_burst_is_high() -> None:
    """Root has no business pulling images."""
    assert raised(log_file(*pulls(100, by=root()))) == [("ecr-excessive-image-pull", "high")]


def test_a_spread_over_regions_is_one_burst_if_accounts_are_counted() -> None:
    """Grouping by account and actor looks over regions."""
    made = [
        pull(f"v{n}", region=region, at=T0 + n)
        for n in range(50)
        for region in ("eu-west-1", "us-east-1")
    ]
    assert raised(log_file(*made)) == []
    grouped = raised(log_file(*made), ECR_EXCESSIVE_IMAGE_PULL_GROUP_BY="actor,account")
    assert grouped == [("ecr-excessive-image-pull", "medium")]


# Forced deletion


@for_each(
    ("made", "expected"),
    [
        (delete_repository(), ["high"]),
        (delete_repository(source="ecr-public.amazonaws.com"), ["high"]),
        (delete_repository(by=root()), ["critical"]),
        (delete_repository(by=role("X", account=FOREIGN)), ["critical"]),
        (delete_repository(force=False), []),
        (delete_repository(force=None), []),
        (failed(delete_repository(force=False), "RepositoryNotEmptyException"), []),
        (failed(delete_repository()), []),
    ],
    ids=["forced", "public", "root", "foreign", "unforced", "absent", "not empty", "denied"],
)
def test_only_a_forced_deletion_that_succeeded_is_told(made: Json, expected: list[str]) -> None:
    """Unforced deletes and failed attempts raise nothing here."""
    assert severities(made) == expected


def test_environments_that_come_and_go_can_be_ignored_by_name() -> None:
    """Teardown, CDK's bootstrap, previews of pull requests."""
    made = delete_repository("preview/pr-17", by=role("ci"))
    ignored = {"ECR_FORCED_REPOSITORY_DELETION_IGNORE_REPOSITORIES": "preview/*"}
    assert severities(made, **ignored) == []
    assert severities(delete_repository("prod/preview/x"), **ignored) == ["high"]


# Tag overwrite


@pytest.mark.parametrize("pattern", ["*", "latest", "prod*", "v*"])
def test_an_exclusion_that_lets_a_protected_tag_through_is_medium(pattern: str) -> None:
    """Immutable in name, with a hole where it matters."""
    assert severities(set_mutability("IMMUTABLE_WITH_EXCLUSION", pattern)) == ["medium"]


def test_an_exclusion_for_development_is_low() -> None:
    """Development repositories and CDK's assets."""
    assert severities(set_mutability("IMMUTABLE_WITH_EXCLUSION", "dev-*", "pr-*")) == ["low"]


def test_mutable_from_birth_is_a_reason_only() -> None:
    """By default or by request at creation: told by the rule about creation."""
    (alert,) = alerts(eventbridge(create_repository(tls="TLSv1.2", mutability="MUTABLE")))
    assert alert.rule == "ecr-repository-created"
    assert "overwritten" in alert.reasons[1]


def test_deleting_and_pushing_a_tag_again_is_told_by_the_deletion() -> None:
    """On an immutable repository that is the way to move a tag."""
    made = [delete_images(tags={"v1": digest("old")}), push("v1", "new", at=T0 + 1)]
    assert raised(log_file(*made)) == [("ecr-images-deleted", "medium")]


# Lifecycle policy


@for_each(
    ("policy", "expected"),
    [
        (expiry("any", "sinceImagePushed", 1), "high"),
        (expiry("any", "imageCountMoreThan", 1), "high"),
        (expiry("tagged", "imageCountMoreThan", 1, patterns=("*",)), "high"),
        (expiry("any", "sinceImagePulled", 1), "high"),
        (expiry("any", "sinceImagePushed", 1, action="transition"), "medium"),
        (expiry("untagged", "sinceImagePushed", 14), "low"),
        (expiry("any", "imageCountMoreThan", 50), "low"),
        (expiry("any", "imageCountMoreThan", 10), "medium"),
    ],
)
def test_a_policy_is_as_bad_as_what_it_takes(policy: Json, expected: str) -> None:
    """Without a look at the content every policy is the same noise."""
    assert severities(set_lifecycle(policy)) == [expected]


def test_a_destructive_rule_hides_among_many() -> None:
    """The worst rule decides, wherever it stands."""
    rules = [
        rule | {"rulePriority": n}
        for n, rule in enumerate(expiry("untagged", number=14)["rules"] * 20, 1)
    ]
    worst = expiry()["rules"][0] | {"rulePriority": 99}
    (alert,) = alerts(eventbridge(set_lifecycle({"rules": [*rules, worst]})))
    assert alert.severity.value == "high"
    assert "priority 99" in alert.reasons[0]


def test_a_lifecycle_policy_that_cannot_be_read_is_an_alert() -> None:
    """Truncated or odd."""
    assert severities(set_lifecycle('{"rules": [')) == ["high"]


def test_previewing_a_policy_belongs_to_no_rule() -> None:
    """Probing by preview changes nothing."""
    made = record("StartLifecyclePolicyPreview", {"repositoryName": "prod/api"})
    assert severities(made) == []


# In general


@pytest.mark.parametrize(
    "code",
    ["AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation", "Other"],
)
def test_a_failed_call_sets_off_no_rule(code: str) -> None:
    """It changed nothing. A burst of denials belongs to no rule yet."""
    made = [
        create_repository(tls="TLSv1.2"),
        set_policy(allow("ecr:*")),
        set_scanning({}),
        set_registry_scanning("BASIC"),
        delete_images(digest(1)),
        delete_repository(),
        set_mutability("MUTABLE"),
        set_lifecycle(expiry()),
        *pulls(150),
        *pushes(150),
    ]
    assert raised(log_file(*[failed(each, code) for each in made])) == []


def test_an_allow_list_is_exact_and_of_one_rule() -> None:
    """`:role/ci` as a part also matches `:role/ci-evil`; a list of one rule is no other's."""
    ignored = {"ECR_IMAGES_DELETED_IGNORE_ACTORS": CI}
    gone = {"ci": delete_images(digest(1), by=role("ci"))}
    assert severities(gone["ci"], **ignored) == []
    assert severities(delete_images(digest(1), by=role("ci-evil")), **ignored) == ["low"]
    assert severities(delete_images(digest(1), by=role("x", "ci")), **ignored) == ["low"]
    assert severities(delete_repository(by=role("ci")), **ignored) == ["high"]


def test_a_user_with_an_access_key_is_named() -> None:
    """IAM users act with long-lived keys; the alert says who."""
    (alert,) = alerts(eventbridge(delete_repository(by=user("bob"))))
    assert (alert.actor.type, alert.actor.name) == ("IAMUser", "bob")


def test_a_lifecycle_policy_is_told_before_it_takes_anything() -> None:
    """ECR carries it out within a day: the alert comes with the policy, a second with the loss."""
    watch = Watch()
    (first,) = watch.alerts(eventbridge(set_lifecycle(expiry())))
    (then,) = watch.alerts(eventbridge(expire_images(*map(digest, range(40)))))
    assert (first.rule, then.rule) == ("ecr-lifecycle-policy-added", "ecr-images-deleted")
