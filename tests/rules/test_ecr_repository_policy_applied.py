"""ecr-repository-policy-applied: each statement by whom it lets do what; the worst decides."""

import pytest

from registrywatch.events import PolicySet
from registrywatch.rules import Trust
from tests.builders.cases import for_each
from tests.rules.given import (
    FOREIGN,
    OUR_ORG,
    OWN,
    TRUST,
    TRUSTED,
    allow,
    deny,
    grade,
    happened,
    judged,
    policy,
)

RULE = "ecr-repository-policy-applied"
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
PUSH, PULL, NEITHER = "ecr:PutImage", "ecr:BatchGetImage", "ecr:DescribeImages"
LAMBDA = {"Service": "lambda.amazonaws.com"}


def graded(*statements: object, trust: Trust = TRUST) -> str | None:
    return grade(RULE, happened(PolicySet(policy(*statements))), trust)


def graded_text(text: str | None) -> str | None:
    return grade(RULE, happened(PolicySet(text)))


def reasons(*statements: object) -> tuple[str, ...]:
    finding = judged(RULE, happened(PolicySet(policy(*statements))))
    assert finding
    return finding.reasons


@for_each(
    ("who", "push", "pull", "neither"),
    [
        ("*", "critical", "high", "medium"),
        ({"AWS": "*"}, "critical", "high", "medium"),
        ({"AWS": ["*"]}, "critical", "high", "medium"),
        ({"AWS": [OWN, "*"]}, "critical", "high", "medium"),
        ({"*": "*"}, "critical", "high", "medium"),
        ({"AWS": "arn:aws:iam::*:root"}, "critical", "high", "medium"),
        ({"AWS": FOREIGN}, "high", "medium", "low"),
        ({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, "high", "medium", "low"),
        ({"AWS": f"arn:aws-us-gov:sts::{FOREIGN}:assumed-role/r/s"}, "high", "medium", "low"),
        ({"AWS": f"arn:aws:iam::{OWN}:root", "Federated": "x.example"}, "high", "medium", "low"),
        ({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, "high", "medium", "low"),
        ({"AWS": "arn:aws:iam::1111*:root"}, "high", "medium", "low"),
        ({"AWS": f"{OWN}4"}, "high", "medium", "low"),
        ({"AWS": f"arn:aws:iam::{FOREIGN}:user/{OWN}"}, "high", "medium", "low"),
        ({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}, "high", "medium", "low"),
        ({"Federated": "cognito-identity.amazonaws.com"}, "high", "medium", "low"),
        (LAMBDA, "high", "medium", "low"),
        ({"AWS": OWN}, "low", "low", "low"),
        ({"AWS": [f"arn:aws:iam::{OWN}:root", TRUSTED]}, "low", "low", "low"),
        ({"AWS": f"arn:aws-cn:iam::{TRUSTED}:user/x"}, "low", "low", "low"),
        ({"Federated": f"arn:aws:iam::{OWN}:saml-provider/ours"}, "low", "low", "low"),
    ],
)
def test_the_principal_and_the_actions_decide(
    who: object, push: str, pull: str, neither: str
) -> None:
    assert graded(allow(who, PUSH)) == push
    assert graded(allow(who, PULL)) == pull
    assert graded(allow(who, NEITHER)) == neither


@for_each(
    ("actions", "expected"),
    [
        ("*", "critical"),
        ("ecr:*", "critical"),
        ("ECR:putimage", "critical"),
        ("ecr:Put*", "critical"),
        ("ecr:P?tImage", "critical"),
        ("ecr:ReplicateImage", "critical"),
        ("ecr:BatchImportUpstreamImage", "critical"),
        ("ecr:BatchDeleteImage", "critical"),
        ("ecr:DeleteRepository", "critical"),
        ("ecr:SetRepositoryPolicy", "critical"),
        ("ecr:DeleteRepositoryPolicy", "critical"),
        ("ecr:PutLifecyclePolicy", "critical"),
        ("ecr:PutImageTagMutability", "critical"),
        ("ecr:PutImageScanningConfiguration", "critical"),
        ("ecr:CreatePullThroughCacheRule", "critical"),
        ("ecr:UpdatePullThroughCacheRule", "critical"),
        ("ecr:CreateRepositoryCreationTemplate", "critical"),
        ("ecr:PutSigningConfiguration", "critical"),
        ("ecr:DeleteSigningConfiguration", "critical"),
        ("ecr:PutReplicationConfiguration", "critical"),
        ("ecr:StartReplicationBackfill", "critical"),
        ("ecr:PutAccountSetting", "critical"),
        ([NEITHER, PUSH], "critical"),
        ("ecr:BatchGet*", "high"),
        ("ecr:GetDownloadUrlForLayer", "high"),
        (["ecr:DescribeImages", "ecr:BatchGetImage"], "high"),
        ("ecr:Describe*", "medium"),
        ("ecr:BatchCheckLayerAvailability", "medium"),
        ("s3:*", "medium"),
        ("ecr-public:PutImage", "medium"),
        ("ecr:PutImag", "medium"),
    ],
)
def test_actions_are_compared_as_iam_does(actions: object, expected: str) -> None:
    assert graded(allow("*", actions)) == expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ("ecr:Describe*", "critical"),
        ("ecr:*", "medium"),
        (["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], "critical"),
        ("s3:*", "critical"),
    ],
)
def test_not_action_means_everything_but(but: object, expected: str) -> None:
    assert graded({"Effect": "Allow", "Principal": "*", "NotAction": but}) == expected


def test_not_principal_in_an_allow_is_anyone() -> None:
    everyone_else = {"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": PUSH}
    assert graded(everyone_else) == "critical"


def test_ecr_publics_own_actions_count_in_its_policies() -> None:
    public = PolicySet(policy(allow("*", "ecr-public:PutImage")), "ecr-public")
    assert grade(RULE, happened(public)) == "critical"


@for_each(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": OUR_ORG}},
        {"StringLike": {"aws:PrincipalOrgID": [OUR_ORG]}},
        {"stringequals": {"AWS:principalorgid": OUR_ORG}},
        {"ForAnyValue:StringEquals": {"aws:PrincipalOrgID": OUR_ORG}},
        {"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": OUR_ORG.upper()}},
        {"StringEquals": {"aws:PrincipalAccount": [OWN, TRUSTED]}},
        {"StringEqualsIgnoreCase": {"aws:PrincipalAccount": OWN}},
        {"StringEquals": {"aws:SourceAccount": OWN}},
        {"StringEquals": {"aws:PrincipalAccount": int(OWN)}},
        {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/*"}},
        {"ArnEquals": {"aws:PrincipalArn": f"arn:*:iam::{TRUSTED}:role/ci"}},
        {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:*"}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:codebuild:eu-west-1:{OWN}:project/x"}},
        {
            "StringEquals": {"aws:PrincipalOrgID": OUR_ORG},
            "IpAddress": {"aws:SourceIp": "0.0.0.0/0"},
        },
        {"StringEquals": {"aws:PrincipalOrgID": OUR_ORG, "aws:SourceVpc": "vpc-0a1b"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{OUR_ORG}/r-ab12/ou-ab12-1/*"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [f"{OUR_ORG}/*", f"{OUR_ORG}/r-1/*"]}},
        {"StringEquals": {"aws:SourceOrgID": OUR_ORG}},
        {"ForAnyValue:StringLike": {"aws:SourceOrgPaths": f"{OUR_ORG}/*"}},
        {"StringEquals": {"aws:VpceOrgID": OUR_ORG}},
        {"StringEquals": {"aws:VpceAccount": OWN}},
        {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
        {
            "StringEquals": {"aws:PrincipalAccount": [OWN, FOREIGN]},
            "StringLike": {"aws:PrincipalAccount": [OWN, "12*"]},
        },
    ],
)
def test_a_condition_on_ours_makes_anyone_ours(condition: object) -> None:
    assert graded(allow("*", PUSH, condition)) == "low"


@for_each(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-somebodyelse"}},
        {"StringEquals": {"aws:PrincipalOrgID": [OUR_ORG, "o-somebodyelse"]}},
        {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
        {"StringEquals": {"aws:PrincipalAccount": FOREIGN}},
        {"StringEquals": {"aws:PrincipalAccount": [OWN, FOREIGN]}},
        {"StringLike": {"aws:PrincipalAccount": "1111*"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::1111*:role/x"}},
        {"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.7", "2001:db8::/32"]}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-somebodyelse/*"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{OUR_ORG}*/r-1/*"}},
        {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
        {"StringEquals": {"aws:SourceOrgID": "o-somebodyelse"}},
        {"StringEquals": {"aws:VpceOrgID": "o-somebodyelse"}},
        {"StringEquals": {"aws:VpceAccount": FOREIGN}},
        {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}},
        {"IpAddress": {"aws:SourceIp": "11.0.0.0/8"}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"StringLike": {"aws:PrincipalOrgID": ["o-0*", "o-1*"]}},
    ],
)
def test_a_condition_on_somebody_definite_makes_anyone_foreign(condition: object) -> None:
    assert graded(allow("*", PUSH, condition)) == "high"


@for_each(
    "condition",
    [
        {"StringLike": {"aws:PrincipalOrgID": "*"}},
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
        {"StringLike": {"aws:PrincipalOrgID": "?*"}},
        {"StringEquals": {"aws:PrincipalOrgID": "*"}},
        {"StringLike": {"aws:PrincipalOrgID": [OUR_ORG, "**"]}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": OUR_ORG}},
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-somebodyelse"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": OUR_ORG}},
        {"ForAllValues:StringEqualsIfExists": {"aws:PrincipalAccount": OWN}},
        {"Null": {"aws:PrincipalOrgID": "false"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:PrincipalTag/team": "x"}},
        {"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}},
        {"StringEquals": {"aws:PrincipalOrgID": []}},
        {"StringEquals": {"aws:PrincipalOrgID": None}},
        {"StringEquals": {"aws:PrincipalAccount": True}},
        {"StringLike": {"aws:PrincipalAccount": "????????????"}},
        {"StringLike": {"aws:PrincipalArn": "arn:*"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}},
        {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam:*:{OWN}:role/ci"}},
        {"StringLike": {"aws:PrincipalArn": f"*{OWN}*"}},
        {"ArnLike": {"aws:PrincipalArn": "*"}},
        {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{FOREIGN}:*"}},
        {"StringLike": {"aws:SourceVpc": "vpc-*"}},
        {"StringLike": {"aws:SourceVpce": "vpce-*"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::/0"]}},
        {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
        {"IpAddress": {"aws:SourceIp": ["128.0.0.0/2", "0.0.0.0/1", "192.0.0.0/2"]}},
        {"IpAddress": {"aws:SourceIp": ["::/1", "8000::/1"]}},
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"IpAddress": {"aws:SourceIp": "no address"}},
        {"NumericLessThan": {"aws:SourceIp": "203.0.113.0/24"}},
        {"IpAddress": {"aws:SourceIp": "12.0.0.0/7"}},
        {"IpAddress": {"aws:SourceIp": [f"{first}.0.0.0/9" for first in range(11, 16)]}},
        {"IpAddress": {"aws:SourceIp": ["11.0.0.0/8", "203.0.112.0/24"]}},
        {"IpAddress": {"aws:SourceIp": "2000::/4"}},
        {"IpAddress": {"aws:VpcSourceIp": "0.0.0.0/0"}},
        {"StringLike": {"aws:PrincipalAccount": [f"{digit}*" for digit in range(10)]}},
        {"StringLike": {"aws:PrincipalAccount": [f"*{digit}" for digit in range(10)]}},
        {"StringLike": {"aws:PrincipalOrgID": [f"o-{char}*" for char in ALPHABET]}},
        {"StringLike": {"aws:PrincipalOrgID": ["o-??????????"]}},
        {"StringLike": {"aws:SourceVpc": [f"vpc-{char}*" for char in "0123456789abcdef"]}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-*/*"}},
        {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{OUR_ORG}/*"}},
        {"StringEquals": {"aws:ResourceOrgID": OUR_ORG}},
        {"StringEquals": {"aws:ResourceAccount": OWN}},
        {"ArnLike": {"aws:PrincipalArn": [f"arn:aws:iam::{n}*:role/x" for n in range(10)]}},
        {},
    ],
)
def test_a_wide_negative_or_optional_condition_narrows_nothing(condition: object) -> None:
    assert graded(allow("*", PUSH, condition)) == "critical"


@for_each(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceAccount": OWN}}, "low"),
        ({"StringEquals": {"aws:SourceAccount": TRUSTED}}, "low"),
        ({"StringLike": {"aws:sourceArn": f"arn:aws:lambda:eu-west-1:{OWN}:function:*"}}, "low"),
        ({"StringEquals": {"aws:SourceAccount": FOREIGN}}, "high"),
        ({"StringEquals": {"aws:SourceOrgID": OUR_ORG}}, "low"),
        ({"ForAnyValue:StringLike": {"aws:SourceOrgPaths": f"{OUR_ORG}/r-1/*"}}, "low"),
        ({"StringEquals": {"aws:SourceOrgID": "o-somebodyelse"}}, "high"),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:lambda:*:{OWN}:function:*"}}, "low"),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:codebuild:*:{OWN}:project/*"}}, "low"),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:lambda:*:{FOREIGN}:function:*"}}, "high"),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:lambda:*:{OWN}:*"}}, "high"),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:*:*:{OWN}:function:*"}}, "high"),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:lambda:*{OWN}:function:*"}}, "high"),
        ({"StringLike": {"aws:SourceArn": "arn:aws:lambda:*"}}, "high"),
        ({"StringEqualsIfExists": {"aws:SourceAccount": OWN}}, "high"),
        ({"StringEquals": {"aws:PrincipalOrgID": OUR_ORG}}, "high"),
    ],
)
def test_only_for_whom_it_acts_narrows_a_service(condition: object, expected: str) -> None:
    assert graded(allow(LAMBDA, PUSH, condition)) == expected


def test_a_condition_never_makes_a_named_principal_wider() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    assert graded(allow({"AWS": OWN}, PUSH, condition)) == "low"


def test_the_worst_statement_decides() -> None:
    assert graded(allow({"AWS": OWN}, PUSH), allow("*", PUSH), deny("*", PULL)) == "critical"


def test_a_single_statement_needs_no_list() -> None:
    text = policy().replace("[]", '{"Effect":"Allow","Principal":"*","Action":"ecr:*"}')
    assert graded_text(text) == "critical"


def test_denying_alone_is_informational() -> None:
    assert graded(deny(), deny({"AWS": FOREIGN})) == "informational"
    assert graded({"Effect": "Deny", "NotPrincipal": {"AWS": OWN}, "Action": "*"}) == (
        "informational"
    )


def test_a_policy_without_statements_is_informational() -> None:
    assert graded() == "informational"


@for_each(
    "text",
    [
        None,
        "",
        "*",
        "[]",
        "null",
        '"Allow"',
        "{",
        "{}",
        '{"Statement": "Allow"}',
        '{"Statement": null}',
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Princ',
        '{"Statement": [], "Statement": []}',
        '{"Statement": [], "statement": []}',
        "[" * 200_000,
        '{"Statement":' * 100_000,
        '{"Statement": ' + "9" * 10_000 + "}",
    ],
    ids=lambda text: repr(text)[:40],
)
def test_a_document_that_cannot_be_read_is_high(text: str | None) -> None:
    assert graded_text(text) == "high"


@for_each(
    "statement",
    [
        "Allow",
        None,
        {},
        {"Principal": "*", "Action": PULL},
        {"Effect": "Allow", "Action": PULL},
        {"Effect": "Allow", "Principal": "*"},
        {"Effect": "allow", "Principal": "*", "Action": PULL},
        {"Effect": ["Allow"], "Principal": "*", "Action": PULL},
        {"Effect": "Allow", "Principal": OWN, "Action": PULL},
        {"Effect": "Allow", "Principal": ["*"], "Action": PULL},
        {"Effect": "Allow", "Principal": {}, "Action": PULL},
        {"Effect": "Allow", "Principal": {"AWS": []}, "Action": PULL},
        {"Effect": "Allow", "Principal": {"AWS": 111122223333}, "Action": PULL},
        {"Effect": "Allow", "Principal": {"AWS": {"a": "b"}}, "Action": PULL},
        {"Effect": "Allow", "Principal": "*", "NotPrincipal": "*", "Action": PULL},
        {"Effect": "Allow", "Principal": "*", "Action": PULL, "NotAction": PULL},
        {"Effect": "Allow", "Principal": "*", "Action": []},
        {"Effect": "Allow", "Principal": "*", "Action": 7},
        {"Effect": "Allow", "Principal": "*", "Action": [PULL, None]},
        {"Effect": "Allow", "Principal": "*", "Action": PULL, "Condition": "none"},
        {"Effect": "Allow", "Principal": "*", "Action": PULL, "Condition": {"Bool": 1}},
        {"Effect": "Deny"},
    ],
)
def test_a_statement_that_cannot_be_read_is_high_and_harms_no_other(statement: object) -> None:
    assert graded(statement) == "high"
    assert graded(statement, allow({"AWS": OWN})) == "high"
    assert graded(statement, allow("*", PUSH)) == "critical"


def test_reasons_name_principals_actions_and_conditions() -> None:
    (reason,) = reasons(
        allow({"AWS": FOREIGN}, [PUSH, PULL], {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    )
    assert reason == (
        f"An external account ({FOREIGN}) can push and pull images "
        "(ecr:PutImage, ecr:BatchGetImage), if aws:SourceIp 203.0.113.0/24."
    )


def test_reasons_name_conditions_that_narrow_nothing() -> None:
    (reason,) = reasons(allow("*", PULL, {"StringLike": {"aws:PrincipalOrgID": "*"}}))
    assert reason.endswith("its conditions do not narrow that: StringLike aws:PrincipalOrgID *.")


def test_reasons_say_whom_a_condition_leaves() -> None:
    (ours,) = reasons(allow("*", PULL, {"StringEquals": {"aws:PrincipalOrgID": OUR_ORG}}))
    assert ours.endswith(
        f"if aws:PrincipalOrgID {OUR_ORG}, which only own and trusted callers can meet."
    )


def test_the_worst_reason_stands_first_and_long_lists_are_cut() -> None:
    many = [allow({"AWS": f"{number:012d}"}, PULL) for number in range(50)]
    told = reasons(*many, allow("*", PUSH))
    assert told[0].startswith("Anyone (*)")
    assert told[-1] == "And 46 further parts of the same or a lower severity."
    assert len(told) == 6


def test_long_lists_of_principals_and_actions_are_cut() -> None:
    accounts = [f"{number:012d}" for number in range(8)]
    (reason,) = reasons(allow({"AWS": accounts}, [f"ecr:Describe{n}" for n in range(8)]))
    assert reason.count("and 3 more") == 2


def test_reasons_can_always_be_encoded() -> None:
    """JSON can hold a lone surrogate, which no encoder of alerts accepts."""
    text = r'{"Statement":{"Effect":"Allow","Principal":{"AWS":"\ud800"},"Action":"\udfff"}}'
    finding = judged(RULE, happened(PolicySet(text)))
    assert finding
    assert all(reason.encode("utf-8") for reason in finding.reasons)


def test_the_registrys_own_policy_is_distinguished_from_a_repositorys() -> None:
    one = judged(RULE, happened(PolicySet(policy(allow()))))
    every = judged(RULE, happened(PolicySet(policy(allow())), repository=None))
    assert one and one.summary == (
        "opened the repository prod/api to anyone: anyone can pull images"
    )
    assert every and every.summary == ("opened the registry to anyone: anyone can pull images")


def test_an_odd_account_of_the_registry_is_only_text() -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}
    for account in (r"\1", r"\g<x>", "*", ""):
        event = happened(PolicySet(policy(allow("*", PUSH, condition))), account=account)
        assert grade(RULE, event) in ("high", "critical")


def test_an_unknown_account_of_the_registry_makes_nobody_own() -> None:
    event = happened(PolicySet(policy(allow({"AWS": OWN}, PUSH))), account=None)
    assert grade(RULE, event) == "high"


IN_ORG = {"aws:PrincipalOrgID": OUR_ORG}
NO_SERVICE = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


def refuse(condition: object, action: object = "*", principal: object = "*") -> dict[str, object]:
    return {**deny(principal, action), "Condition": condition}


@for_each(
    "perimeter",
    [
        [refuse({"StringNotEquals": IN_ORG})],
        [refuse({"StringNotEqualsIfExists": IN_ORG})],
        [refuse({"StringNotLike": IN_ORG})],
        [refuse({"StringNotEquals": IN_ORG}, "ecr:*")],
        [refuse({"StringNotEquals": IN_ORG}, ["ecr:BatchGetImage", PUSH])],
        [refuse({"StringNotEquals": {**IN_ORG, "aws:PrincipalAccount": OWN}})],
        [refuse({"StringNotEquals": {"aws:PrincipalAccount": [OWN, TRUSTED]}})],
        [refuse({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/*"}})],
        [refuse({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": f"{OUR_ORG}/*"}})],
        [{"Effect": "Deny", "NotPrincipal": {"AWS": OWN}, "Action": "ecr:*"}],
        [
            refuse({"StringNotEqualsIfExists": IN_ORG, **NO_SERVICE}),
            refuse(
                {
                    "StringNotEqualsIfExists": {"aws:SourceOrgID": OUR_ORG},
                    "Null": {"aws:SourceAccount": "false"},
                    "Bool": {"aws:PrincipalIsAWSService": "true"},
                }
            ),
        ],
    ],
)
def test_a_deny_for_everyone_outside_makes_anyone_own(perimeter: list[object]) -> None:
    assert graded(allow("*", [PUSH, PULL]), *perimeter) == "low"
    assert graded(*perimeter, allow("*", PUSH), allow({"AWS": FOREIGN}, PULL)) == "low"


@for_each(
    "partial",
    [
        refuse({"StringNotEquals": IN_ORG}, PULL),
        refuse({"StringNotEquals": IN_ORG}, "ecr:Put?mag"),
        refuse({"StringNotEquals": IN_ORG}, principal={"AWS": FOREIGN}),
        refuse({"StringNotEquals": IN_ORG}, principal={"Service": "lambda.amazonaws.com"}),
        {"Effect": "Deny", "Principal": "*", "NotAction": PUSH,
         "Condition": {"StringNotEquals": IN_ORG}},
        {**refuse({"StringNotEquals": IN_ORG}), "Resource": "arn:aws:ecr:*:*:repository/x"},
        {**refuse({"StringNotEquals": IN_ORG}), "NotResource": "arn:aws:ecr:*:*:repository/x"},
        refuse({"StringNotEquals": {**IN_ORG, "aws:PrincipalTag/team": "x"}}),
        refuse({"StringNotEquals": IN_ORG, "Bool": {"aws:SecureTransport": "false"}}),
        refuse({"StringNotEquals": {"aws:PrincipalOrgID": "*"}}),
        refuse({"StringNotEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}}),
        refuse({"StringNotLike": {"aws:PrincipalOrgID": [OUR_ORG, "o-*"]}}),
        refuse({"StringEquals": {"aws:PrincipalOrgID": "o-somebodyelse"}}),
        refuse({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": f"{OUR_ORG}/*"}}),
        refuse({"Null": {"aws:PrincipalOrgID": "true"}}),
        refuse({"StringNotEquals": {"aws:UserAgent": "ours"}}),
        refuse({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/1"}}),
        refuse({"NotIpAddress": {"aws:SourceIp": "no address"}}),
        {"Effect": "Deny", "NotPrincipal": "*", "Action": "*"},
    ],
)  # fmt: skip
def test_a_deny_that_spares_strangers_narrows_nothing(partial: object) -> None:
    assert graded(allow("*", PUSH), partial) == "critical"


@for_each(
    "partial",
    [
        refuse({"StringNotEquals": {"aws:PrincipalOrgID": [OUR_ORG, "o-somebodyelse"]}}),
        refuse({"StringNotEquals": {"aws:PrincipalAccount": [OWN, FOREIGN]}}),
        refuse({"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}),
        refuse({"StringNotEquals": IN_ORG, "StringNotLike": {"aws:PrincipalAccount": FOREIGN}}),
        refuse({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}),
        refuse({"StringNotEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        refuse({"StringNotEqualsIfExists": IN_ORG, **NO_SERVICE}),
        {"Effect": "Deny", "NotPrincipal": {"AWS": [OWN, FOREIGN]}, "Action": "*",
         "Condition": {"StringNotEquals": {"aws:PrincipalAccount": FOREIGN}}},
    ],
)  # fmt: skip
def test_a_deny_that_spares_someone_definite_makes_anyone_external(partial: object) -> None:
    assert graded(allow("*", PUSH), partial) in ("high",)


def test_a_deny_covers_only_its_own_actions() -> None:
    outside = refuse({"StringNotEquals": IN_ORG}, [PUSH])
    assert graded(allow("*", [PUSH, PULL]), outside) == "high"
    assert graded(allow("*", [PUSH, NEITHER]), outside) == "medium"


def test_the_denys_condition_is_named() -> None:
    (first, second) = reasons(allow("*", PULL), refuse({"StringNotEquals": IN_ORG}))
    assert first == (
        "Anyone (*) can pull images (ecr:BatchGetImage), except where denied by statement 2 "
        f"(StringNotEquals aws:PrincipalOrgID {OUR_ORG}), "
        "which only own and trusted callers can meet."
    )
    assert second == f"Denies * to *, if StringNotEquals aws:PrincipalOrgID {OUR_ORG}."


def test_statements_that_between_them_admit_everyone_are_anyones() -> None:
    halves = ["0.0.0.0/1", "128.0.0.0/1"]
    small = [f"{n}.0.0.0/9" for n in (13, 14, 15)]
    for parts in (halves, small):
        statements = [allow("*", PUSH, {"IpAddress": {"aws:SourceIp": part}}) for part in parts]
        assert graded(*statements) == "critical"
    by_account = [
        allow("*", PUSH, {"StringLike": {"aws:PrincipalAccount": f"{n}*"}}) for n in range(10)
    ]
    assert graded(*by_account) == "critical"
    assert graded(*by_account[1:]) == "high"
    told = reasons(*by_account)
    assert told[0].startswith("Taken together, the statements let anyone push images")


def test_a_service_exception_leaves_services_alone() -> None:
    spared = refuse({"StringNotEqualsIfExists": IN_ORG, **NO_SERVICE})
    (reason, _) = reasons(allow("*", PULL), spared)
    assert "which an AWS service can meet on behalf of any account" in reason


def test_a_deny_for_everyone_but_a_service_leaves_the_service() -> None:
    spared = {"Effect": "Deny", "NotPrincipal": LAMBDA, "Action": "*"}
    assert graded(allow("*", PUSH), {**spared, "NotPrincipal": {"AWS": FOREIGN}}) == "high"
    perimeter = refuse({"StringNotEquals": IN_ORG})
    assert graded(allow("*", PUSH), spared, perimeter) == "low"
