"""What a CloudTrail record of ECR says, and what is made of what it does not say."""

import json
from typing import Any

import pytest

from registrywatch.events import (
    CallDenied,
    ImagesDeleted,
    LifecyclePolicySet,
    PolicySet,
    Pull,
    Push,
    RegistryEvent,
    RegistryScanningSet,
    RepositoryCreated,
    RepositoryDeleted,
    RepositoryScanningSet,
    TagMutabilitySet,
)
from registrywatch.sources import read
from registrywatch.sources.refused_calls import REFUSALS, REFUSED_CODES
from tests.builders import cloudtrail as ct
from tests.builders.cases import for_each
from tests.builders.cloudtrail import ACCOUNT, FOREIGN, Json, digest


def events(*made: Json) -> list[RegistryEvent]:
    reading = read(json.dumps(ct.log_file(*made)).encode())
    assert not reading.problems
    return reading.events


def event(made: Json) -> RegistryEvent:
    [found] = events(made)
    return found


A, B, C = digest("a"), digest("b"), digest("c")


# Failures that the response names


def test_a_pull_of_what_does_not_exist_is_no_pull() -> None:
    assert events(ct.pull("v1", missing=("v1",))) == []
    assert events(ct.pull(A, missing=(A,))) == []
    assert events(ct.pull(A, "v1", missing=("v1", A))) == []


def test_of_a_pull_what_was_found_is_left() -> None:
    assert event(ct.pull("v1", A, "v2", missing=("v2",))).what == Pull(("v1", A), asked=3)


def test_a_call_that_named_several_images_is_not_alone_even_if_one_was_found() -> None:
    what = event(ct.pull("v1", "v2", missing=("v2",))).what
    assert isinstance(what, Pull)
    assert what.images == ("v1",)
    assert not what.alone


@pytest.mark.parametrize("failures", [None, [], [{}], [{"imageId": None}], [{"imageId": {}}]])
def test_failures_that_name_no_image_take_nothing_away(failures: object) -> None:
    made = {**ct.pull("v1"), "responseElements": {"failures": failures}}
    what = event(made).what
    assert isinstance(what, Pull)
    assert what.images == ("v1",)
    assert what.alone


def test_a_failure_of_a_tag_does_not_take_away_the_same_digest() -> None:
    both = {"imageDigest": A, "imageTag": "v1"}
    made = ct.pull(A, "v1")
    made["responseElements"] = {"failures": [{"imageId": both}]}
    assert event(made).what == Pull((A, "v1"), asked=2)
    made["requestParameters"]["imageIds"] = [both, {"imageTag": "v2"}]
    assert event(made).what == Pull(("v2",), asked=2)


# Withheld is not absent

WITHHELD = [
    (ct.pull("v1"), Pull((), omitted=True)),
    (ct.push("v1"), Push(None, None, omitted=True)),
    (ct.delete_images(A), ImagesDeleted((), omitted=True)),
    (ct.delete_repository(), RepositoryDeleted(forced=False, omitted=True)),
    (ct.create_repository(), RepositoryCreated("TLSv1.3", None, None, omitted=True)),
    (ct.set_policy(ct.allow("ecr:*")), PolicySet(None, omitted=True)),
    (ct.set_registry_policy(ct.allow("ecr:*")), PolicySet(None, omitted=True)),
    (ct.set_scanning({"scanOnPush": True}), RepositoryScanningSet(False, omitted=True)),
    (
        ct.set_registry_scanning("ENHANCED", ("SCAN_ON_PUSH", "*")),
        RegistryScanningSet("BASIC", (), omitted=True),
    ),
    (ct.set_mutability("IMMUTABLE"), TagMutabilitySet("", omitted=True)),
    (ct.set_lifecycle(ct.expiry()), LifecyclePolicySet(None, omitted=True)),
]


@for_each(("made", "what"), WITHHELD, ids=lambda each: str(each)[:40])
def test_a_call_whose_parts_are_withheld_is_an_event_that_says_so(made: Json, what: Any) -> None:
    found = event(ct.withheld(made))
    assert found.what == what
    if "resources" in made:
        assert found.repository == "prod/api"


@for_each(("made", "what"), WITHHELD, ids=lambda each: str(each)[:40])
def test_a_call_whose_parts_are_missing_is_one_whose_parts_are_withheld(
    made: Json, what: Any
) -> None:
    if made["eventName"] == "CreateRepository":
        return  # records of 2018 have no response, and what they lack is no sign
    found = event(made | {"requestParameters": None, "responseElements": None})
    assert found.what == what


@for_each(
    ("made", "member", "what"),
    [
        (ct.pull("v1"), "imageIds", Pull((), omitted=True)),
        (ct.delete_images(A), "imageIds", ImagesDeleted((), omitted=True)),
        (ct.set_mutability("IMMUTABLE"), "imageTagMutability", TagMutabilitySet("", omitted=True)),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_parameter_without_which_there_is_no_call_is_withheld_where_it_is_missing(
    made: Json, member: str, what: Any
) -> None:
    made |= {"responseElements": None}
    made["requestParameters"][member] = None
    assert event(made).what == what


@for_each(("made", "_"), WITHHELD, ids=lambda each: str(each)[:40])
def test_what_the_response_shows_is_not_withheld(made: Json, _: Any) -> None:
    """The request alone is too long: of what it sets, the response says the same."""
    if made["eventName"] in ("BatchGetImage", "DeleteRepository"):
        return  # their responses say nothing of it
    assert event(ct.withheld(made, "requestParameters")).what == event(made).what


def test_a_push_whose_response_alone_is_withheld_still_has_its_tag() -> None:
    what = event(ct.withheld(ct.push("v1"), "responseElements")).what
    assert what == Push(None, "v1")


def test_a_deletion_whose_response_alone_is_withheld_is_what_was_asked_for_and_says_so() -> None:
    what = event(ct.withheld(ct.delete_images(A, B), "responseElements")).what
    assert what == ImagesDeleted((A, B), omitted=True)


def test_an_expiry_whose_details_are_withheld_says_so() -> None:
    what = event(ct.withheld(ct.expire_images(A), "serviceEventDetails")).what
    assert what == ImagesDeleted((), expired=True, omitted=True)


def test_false_is_not_omitted() -> None:
    made = ct.push("v1")
    made["requestParameters"]["omitted"] = False
    assert event(made).what == Push(digest("app"), "v1")


# A lifecycle policy's run


def test_the_records_of_one_run_of_a_policy_name_the_same_run() -> None:
    runs = [
        found.what.run
        for found in events(
            ct.expire_images(A),
            ct.expire_images(B),
            ct.expire_images(C, evaluated=1_788_000_000_001),
        )
        if isinstance(found.what, ImagesDeleted)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_an_expiry_without_a_policy_id_names_no_run() -> None:
    made = ct.expire_images(A)
    del made["serviceEventDetails"]["lifecycleEventPolicy"]
    assert event(made).what == ImagesDeleted((A,), expired=True)


# Refused calls

DENIED = [code for code in REFUSED_CODES if "Tag" not in code]


def test_every_code_that_eventbridge_is_to_bring_is_one_that_is_read() -> None:
    read = {code.rpartition(".")[2].casefold() for code in REFUSED_CODES}
    assert read == REFUSALS.keys()


@for_each("code", DENIED)
def test_a_refused_call_of_any_name_is_a_denied_call(code: str) -> None:
    for made in (ct.pull("v1"), ct.delete_repository(), ct.record("DescribeImages", {})):
        found = event(ct.failed(made, code))
        assert isinstance(found.what, CallDenied)
        assert (found.what.action, found.what.reason) == (made["eventName"], "denied")


def test_a_push_over_a_fixed_tag_is_a_refused_one() -> None:
    found = event(ct.failed(ct.push("v1"), "ImageTagAlreadyExistsException"))
    assert found.what == CallDenied("PutImage", "prod/api", "tag-immutable")


@pytest.mark.parametrize("code", ["ImageNotFoundException", "RepositoryNotEmptyException", "x"])
def test_a_call_that_failed_otherwise_is_no_event(code: str) -> None:
    assert events(ct.failed(ct.pull("v1"), code)) == []


def test_a_refused_call_of_another_service_is_no_event() -> None:
    assert events(ct.failed(ct.record("RunInstances", source="ec2.amazonaws.com"))) == []


def test_a_refusal_without_a_request_has_its_repository_from_the_message() -> None:
    made = {
        **ct.failed(ct.pull("v1")),
        "requestParameters": None,
        "resources": None,
        "errorMessage": (
            "User: arn:aws:iam::999988887777:user/x is not authorized to perform: "
            "ecr:BatchGetImage on resource: "
            "arn:aws:ecr:eu-west-1:111122223333:repository/prod/api because no policy allows it"
        ),
    }
    assert event(made).what == CallDenied("BatchGetImage", "prod/api", "denied")


# Addenda, copies


def test_an_addendum_has_the_key_of_the_event_that_it_corrects() -> None:
    made = ct.delete_repository()
    first, second = events(made, ct.addendum(made))
    assert first.key == second.key
    assert first.id != second.id


# Places


@for_each(
    ("region", "host", "arn"),
    [
        ("eu-west-1", "eu-west-1.amazonaws.com", "arn:aws:ecr:eu-west-1"),
        ("cn-north-1", "cn-north-1.amazonaws.com.cn", "arn:aws-cn:ecr:cn-north-1"),
        ("us-gov-west-1", "us-gov-west-1.amazonaws.com", "arn:aws-us-gov:ecr:us-gov-west-1"),
        ("eusc-de-east-1", "eusc-de-east-1.amazonaws.eu", "arn:aws-eusc:ecr:eusc-de-east-1"),
        ("us-isof-south-1", "us-isof-south-1.csp.hci.ic.gov", "arn:aws-iso-f:ecr:us-isof-south-1"),
        ("eu-isoe-west-1", "eu-isoe-west-1.cloud.adc-e.uk", "arn:aws-iso-e:ecr:eu-isoe-west-1"),
    ],
)
def test_a_registry_is_named_as_in_its_partition(region: str, host: str, arn: str) -> None:
    found = event(ct.delete_repository(region=region))
    assert found.registry == f"{ACCOUNT}.dkr.ecr.{host}"
    assert found.resource == f"{arn}:{ACCOUNT}:repository/prod/api"


def test_a_public_repository_has_no_region_in_its_arn() -> None:
    found = event(ct.delete_repository(source="ecr-public.amazonaws.com", region="us-east-1"))
    assert found.registry == "public.ecr.aws"
    assert found.resource == f"arn:aws:ecr-public::{ACCOUNT}:repository/prod/api"


def test_an_event_of_the_whole_registry_has_no_repository_s_arn() -> None:
    found = event(ct.set_registry_policy(ct.allow("ecr:*")))
    assert (found.repository, found.resource) == (None, None)


# People and services


def test_the_actor_of_identity_center_is_the_person() -> None:
    alice = event(ct.pull(by=ct.person("alice@example.com"))).actor
    again = event(ct.pull(by=ct.person("alice@example.com"))).actor
    bob = event(ct.pull(by=ct.person("bob@example.com"))).actor
    assert alice == again
    assert alice.id != bob.id
    assert str(alice.id).endswith("/alice@example.com")


def test_a_role_that_is_named_like_one_of_identity_center_is_a_role() -> None:
    first = event(ct.pull(by=ct.role("AWSReservedSSO_Admin_0123456789abcdef", "one"))).actor
    second = event(ct.pull(by=ct.role("AWSReservedSSO_Admin_0123456789abcdef", "two"))).actor
    assert first.id == second.id


@for_each(
    ("by", "expected"),
    [
        (ct.service(), True),
        (ct.service_linked(), True),
        (ct.service_linked("ecr.amazonaws.com", "AWSServiceRoleForECRReplication"), True),
        (ct.service_linked(account=FOREIGN), False),
        (ct.role("AWSServiceRoleForAmazonInspector2"), False),
        (ct.through("inspector2.amazonaws.com"), False),
        (ct.user(), False),
        (ct.root(), False),
    ],
)
def test_a_service_acts_by_itself_or_by_its_service_linked_role_here(
    by: Json, expected: bool
) -> None:
    assert event(ct.pull(by=by)).by_service is expected
