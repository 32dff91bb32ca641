"""What rare calls on a registry, its scanners and its signer say."""

import importlib
import json
from typing import Any

import boto3
import pytest

from registrywatch.events import (
    CreationTemplateDeleted,
    CreationTemplateSet,
    FindingsSuppressed,
    ImagesArchived,
    InspectorDisabled,
    InspectorMemberRemoved,
    PolicyRemoved,
    PullThroughRuleDeleted,
    PullThroughRuleSet,
    PullThroughSecretRead,
    RegistryEvent,
    ReplicationBackfillStarted,
    ReplicationBackfillStopped,
    ReplicationRule,
    ReplicationSet,
    ReplicationTarget,
    RescanDurationSet,
    SigningDeleted,
    SigningProfileEnded,
    SigningRule,
    SigningSet,
)
from registrywatch.sources import rare_calls, read, registry_calls, scanner_calls
from tests.builders import cloudtrail as ct
from tests.builders import registry_calls as made
from tests.builders.cases import for_each
from tests.builders.cloudtrail import ACCOUNT, FOREIGN, Json, digest

TARGET = ReplicationTarget("eu-west-1", FOREIGN)
POLICY = json.dumps(ct.allow("ecr:*"))


def events(*records: Json) -> list[RegistryEvent]:
    reading = read(json.dumps(ct.log_file(*records)).encode())
    assert not reading.problems
    assert not reading.unknown
    return reading.events


def what(record: Json) -> Any:
    """The same, whatever envelope the record is in."""
    [event] = events(record)
    [alone] = read(json.dumps(record).encode()).events
    [delivered] = read(json.dumps(ct.eventbridge(record)).encode()).events
    assert event == alone == delivered
    return event.what


def test_replication_is_read_rule_by_rule() -> None:
    record = made.replication(
        made.replicate(("eu-west-1", FOREIGN)),
        made.replicate(("us-east-1", ACCOUNT), only=("prod/", "base"), deletes=True),
    )
    assert what(record) == ReplicationSet(
        (
            ReplicationRule((TARGET,)),
            ReplicationRule((ReplicationTarget("us-east-1", ACCOUNT),), ("prod/", "base"), True),
        )
    )
    assert what(made.replication()) == ReplicationSet(())


def test_replication_that_is_withheld_says_so() -> None:
    assert what(ct.withheld(made.replication())) == ReplicationSet((), omitted=True)
    shown = ct.withheld(made.replication(), "requestParameters")
    assert what(shown) == ReplicationSet(())


def test_a_backfill_says_where_to() -> None:
    assert what(made.backfill(account=FOREIGN)) == ReplicationBackfillStarted(TARGET)
    stopped = what(made.backfill(account=FOREIGN, stop=True))
    assert stopped == ReplicationBackfillStopped(TARGET)


def test_a_template_is_read_as_the_response_shows_it() -> None:
    record = made.template("ROOT", repositoryPolicy=POLICY, lifecyclePolicy="{}")
    assert what(record) == CreationTemplateSet(
        "ROOT", ("PULL_THROUGH_CACHE",), POLICY, "{}", "MUTABLE"
    )
    updated = what(made.template("team/", update=True, customRoleArn="arn:x"))
    assert updated == CreationTemplateSet(
        "team/", ("PULL_THROUGH_CACHE",), mutability="MUTABLE", role="arn:x", created=False
    )


def test_a_template_without_a_response_is_read_from_the_request() -> None:
    filters = [{"filter": "dev-*", "filterType": "WILDCARD"}]
    record = {
        **made.template(
            "team/",
            appliedFor=["REPLICATION"],
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=filters,
        ),
        "responseElements": None,
    }
    assert what(record) == CreationTemplateSet(
        "team/", ("REPLICATION",), None, None, "IMMUTABLE_WITH_EXCLUSION", ("dev-*",)
    )


def test_a_template_that_is_withheld_or_deleted_says_so() -> None:
    assert what(ct.withheld(made.template())) == CreationTemplateSet("", omitted=True)
    record = ct.record("DeleteRepositoryCreationTemplate", {"prefix": "team/"}, {})
    assert what(record) == CreationTemplateDeleted("team/")


@for_each(
    ("url", "account"),
    [
        (f"{FOREIGN}.dkr.ecr.eu-west-1.amazonaws.com", FOREIGN),
        (f"https://{FOREIGN}.dkr.ecr.cn-north-1.amazonaws.com.cn", FOREIGN),
        (f"{FOREIGN}.dkr-ecr.eu-west-1.on.aws", FOREIGN),
        ("registry-1.docker.io", None),
        ("public.ecr.aws", None),
        (f"{FOREIGN}.example.com", None),
    ],
)
def test_a_cache_rule_says_whose_registry_is_upstream(url: str, account: str | None) -> None:
    record = made.cache_rule("hub", upstreamRegistryUrl=url, upstreamRegistry="ecr")
    assert what(record) == PullThroughRuleSet("hub", "ecr", url, account)


def test_an_update_of_a_cache_rule_names_what_it_changes() -> None:
    record = made.cache_rule("ROOT", verb="Update", credentialArn="arn:secret")
    record["responseElements"]["customRoleArn"] = "arn:role that stays"
    expected = PullThroughRuleSet("ROOT", credential="arn:secret", created=False)
    assert what(record) == expected


def test_a_deleted_cache_rule_says_what_it_was() -> None:
    record = made.cache_rule("hub", verb="Delete", upstreamRegistryUrl="quay.io")
    assert what(record) == PullThroughRuleDeleted("hub", "quay.io")


@pytest.mark.parametrize(
    "secret",
    [
        "ecr-pullthroughcache/hub",
        f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf",
    ],
)
def test_reading_a_cache_s_credentials_is_an_event(secret: str) -> None:
    assert what(made.secret_read(secret)) == PullThroughSecretRead(secret)


def test_reading_any_other_secret_is_none() -> None:
    others = ["prod/db", "my-ecr-pullthroughcache/x", "arn:aws:secretsmanager:x:1:secret:db-AbCdEf"]
    assert events(*map(made.secret_read, others)) == []


def test_archived_images_are_named_as_deleted_ones_are() -> None:
    assert what(made.archive("v1", digest("a"))) == ImagesArchived((digest("a"),), ("v1",))
    assert what(made.archive("v1")) == ImagesArchived(("v1",), ("v1",))
    assert what(ct.withheld(made.archive())) == ImagesArchived((), omitted=True)
    assert events(made.archive(to="STANDARD")) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DeleteRepositoryPolicy", "repository"),
        ("DeleteRegistryPolicy", "registry"),
        ("DeleteLifecyclePolicy", "lifecycle"),
    ],
)
def test_the_response_shows_the_policy_that_went(name: str, kind: Any) -> None:
    policy = ct.allow("ecr:*")
    assert what(made.policy_removed(name, policy)) == PolicyRemoved(kind, json.dumps(policy))
    gone = ct.withheld(made.policy_removed(name, policy), "responseElements")
    assert what(gone) == PolicyRemoved(kind, None, omitted=True)


def test_a_public_repository_s_policy_is_of_its_service() -> None:
    record = made.policy_removed("DeleteRepositoryPolicy", {}, source="ecr-public.amazonaws.com")
    assert what(record) == PolicyRemoved("repository", "{}", "ecr-public")


def test_signing_is_read_rule_by_rule() -> None:
    rules = (SigningRule("arn:profile", ("prod/*",)), SigningRule("arn:other"))
    record = made.signing(("arn:profile", ("prod/*",)), ("arn:other", ()))
    assert what(record) == SigningSet(rules)
    assert what(made.signing(("arn:other", ()), delete=True)) == SigningDeleted(rules[1:])
    assert what(ct.withheld(record)) == SigningSet((), omitted=True)


def test_a_signing_profile_ends_in_two_ways() -> None:
    assert what(made.signer("RevokeSigningProfile")) == SigningProfileEnded("images", True)
    assert what(made.signer("CancelSigningProfile")) == SigningProfileEnded("images", False)


def test_inspector_is_switched_off_for_kinds_and_accounts() -> None:
    assert what(made.inspector("Disable", {})) == InspectorDisabled()
    record = made.inspector("Disable", {"resourceTypes": ["ECR"], "accountIds": [ACCOUNT]})
    assert what(record) == InspectorDisabled(("ECR",), (ACCOUNT,))


IMAGE = {"resourceType": [{"comparison": "EQUALS", "value": "AWS_ECR_CONTAINER_IMAGE"}]}
NO_IMAGE = {"resourceType": [{"comparison": "NOT_EQUALS", "value": "AWS_ECR_CONTAINER_IMAGE"}]}
MACHINE = {"resourceType": [{"comparison": "EQUALS", "value": "AWS_EC2_INSTANCE"}]}
ANY = [{"comparison": "EQUALS", "value": "x"}]


@for_each(
    ("criteria", "on_images"),
    [
        (None, True),
        ({}, True),
        ({"severity": ANY}, True),
        ({"ecrImageRepositoryName": ANY}, True),
        ({"ecrImageTags": ANY, "severity": ANY}, True),
        (IMAGE, True),
        (NO_IMAGE, False),
        (MACHINE, False),
        ({"ec2InstanceImageId": ANY}, False),
        ({"lambdaFunctionName": ANY, "severity": ANY}, False),
        ({"lambdaFunctionName": [], "severity": ANY}, True),
    ],
)
def test_a_filter_hides_findings_of_images_unless_it_is_about_something_else(
    criteria: Json | None, on_images: bool
) -> None:
    request = {"name": "quiet", "action": "SUPPRESS", "filterCriteria": criteria}
    for name in ("CreateFilter", "UpdateFilter"):
        found = what(made.inspector(name, request))
        assert found == FindingsSuppressed("quiet", on_images)


def test_a_filter_that_suppresses_nothing_is_no_event() -> None:
    assert events(made.inspector("CreateFilter", {"name": "x", "action": "NONE"})) == []
    assert events(made.inspector("UpdateFilter", {"name": "x"})) == []


def test_members_and_administrators_are_detached() -> None:
    member = made.inspector("DisassociateMember", {"accountId": FOREIGN})
    assert what(member) == InspectorMemberRemoved(FOREIGN)
    request = {"delegatedAdminAccountId": FOREIGN}
    administrator = made.inspector("DisableDelegatedAdminAccount", request)
    assert what(administrator) == InspectorMemberRemoved(FOREIGN, administrator=True)


def test_how_long_images_are_scanned_again() -> None:
    request = {"ecrConfiguration": {"rescanDuration": "DAYS_14"}}
    assert what(made.inspector("UpdateConfiguration", request)) == RescanDurationSet("DAYS_14")
    others = {"ec2Configuration": {"scanMode": "EC2_HYBRID"}}
    assert events(made.inspector("UpdateConfiguration", others)) == []


@for_each("module", rare_calls.MODULES)
def test_each_module_of_rare_calls_reads_exactly_those_it_is_listed_with(module: str) -> None:
    calls = importlib.import_module(f"registrywatch.sources.{module}").CALLS
    listed = rare_calls.MODULES[module]
    assert {source: set(names) for source, names in listed.items()} == {
        source: set(readers) for source, readers in calls.items()
    }


@for_each(
    ("source", "name"),
    [
        (source, name)
        for calls in (registry_calls.CALLS, scanner_calls.CALLS)
        for source, names in calls.items()
        for name in names
    ],
)
def test_a_call_is_one_of_its_service_s_api(source: str, name: str) -> None:
    service = source.partition(".")[0]
    model = boto3.client(service, "us-east-1").meta.service_model
    assert name in model.operation_names


@for_each(
    ("source", "name"),
    [
        (source, name)
        for calls in (registry_calls.CALLS, scanner_calls.CALLS)
        for source, names in calls.items()
        for name in names
    ],
)
def test_a_call_without_request_and_response_harms_nothing(source: str, name: str) -> None:
    bare = ct.record(name, None, None, source=source)
    reading = read(json.dumps(ct.log_file(ct.pull("a"), bare, ct.pull("b"))).encode())
    assert not reading.problems
    assert len(reading.events) in (2, 3)
