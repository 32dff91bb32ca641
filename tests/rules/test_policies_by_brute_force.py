"""Random policies, judged by the grader and tried on many concrete callers by another evaluator.

Both ways: what a stranger can use is never graded as one's own, and what no ordinary stranger can
use is never graded as anyone's. And law 1: what lets more through is never graded lower.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from registrywatch.events import PolicySet
from registrywatch.rules.grading.iam.policy import grade_policy
from registrywatch.severity import Severity
from tests.rules.given import FOREIGN, OUR_ORG, OWN, TRUST, TRUSTED, happened
from tests.rules.iam_oracle import Request, admits

PUSH, PULL = "ecr:PutImage", "ecr:BatchGetImage"
OTHER_ORG = "o-somebodyelse"
THEIR_NET, THEIR_VPC = "198.51.100.0/24", "vpc-0123456789abcdef0"

EXAMPLES = 50  # raised to thousands by hand when the grader changes

# --- policies ------------------------------------------------------------------------------------

PRINCIPALS = st.sampled_from(
    ["*", {"AWS": "*"}, {"AWS": OWN}, {"AWS": FOREIGN},
     {"AWS": [OWN, f"arn:aws:iam::{FOREIGN}:root"]},
     {"AWS": TRUSTED}, {"Service": "lambda.amazonaws.com"},
     {"AWS": TRUSTED, "Service": ["lambda.amazonaws.com"]}]
)  # fmt: skip
ACTIONS = st.lists(
    st.sampled_from(["*", "ecr:*", PUSH, PULL, "ecr:Put*", "ecr:Batch*", "ecr:DescribeImages",
                     "ECR:putimage", "ecr:GetDownloadUrlForLayer", "s3:*"]),
    min_size=1, max_size=3,
)  # fmt: skip
STRINGS = ["StringEquals", "StringLike", "StringNotEquals", "StringNotLike",
           "StringEqualsIfExists", "StringNotEqualsIfExists", "StringEqualsIgnoreCase"]  # fmt: skip
SETS = [f"{of}:{test}" for of in ("ForAnyValue", "ForAllValues")
        for test in ("StringLike", "StringNotLike")]  # fmt: skip
ARNS = ["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEqualsIfExists", "StringLike", "StringNotLike"]
IPS = ["IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists"]


def a_test(operators: list[str], key: str, values: list[str]) -> st.SearchStrategy[Any]:
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
    return st.tuples(st.sampled_from(operators), st.just(key), chosen)


ORGS, ACCOUNTS = (
    [OUR_ORG, OTHER_ORG, "o-*", "o-someb*"],
    [OWN, TRUSTED, FOREIGN, "9*", "????????????"],
)
PATHS = [f"{OUR_ORG}/*", f"{OUR_ORG}/r-1/ou-1/*", f"{OTHER_ORG}/*", "*", "o-*/r-1/*"]
TESTS = st.one_of(
    a_test(STRINGS, "aws:PrincipalOrgID",
           [*ORGS, "${aws:ResourceOrgID}", "${aws:PrincipalOrgID}"]),
    a_test(STRINGS, "aws:ResourceOrgID", ["${aws:PrincipalOrgID}"]),
    a_test(SETS, "aws:PrincipalOrgPaths", PATHS),
    a_test(STRINGS, "aws:PrincipalAccount", [*ACCOUNTS, "${aws:ResourceAccount}"]),
    a_test(ARNS, "aws:PrincipalArn",
            [f"arn:aws:iam::{OWN}:role/*", f"arn:aws:iam::{FOREIGN}:*", "arn:aws:iam::*:role/ci"]),
    a_test(STRINGS, "aws:SourceAccount", ACCOUNTS),
    a_test(ARNS, "aws:SourceArn",
            [f"arn:aws:lambda:eu-west-1:{OWN}:function:*", f"arn:aws:lambda:*:{FOREIGN}:*"]),
    a_test(STRINGS, "aws:SourceOrgID", ORGS),
    a_test(STRINGS, "aws:SourceVpc", [THEIR_VPC, "vpc-*"]),
    a_test(STRINGS, "aws:VpceOrgID", ORGS),
    a_test(STRINGS, "aws:VpceAccount", ACCOUNTS),
    a_test(IPS, "aws:SourceIp", [THEIR_NET, "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "::/0"]),
    a_test(IPS, "aws:VpcSourceIp", ["10.1.0.0/16", "0.0.0.0/0"]),
    a_test(["Null"], "aws:PrincipalOrgID", ["true", "false"]),
    a_test(["Null"], "aws:SourceAccount", ["true", "false"]),
    a_test(["Bool", "BoolIfExists"], "aws:PrincipalIsAWSService", ["true", "false"]),
    a_test(["StringEquals", "StringNotEquals"], "aws:PrincipalTag/team", ["red", "blue"]),
)  # fmt: skip


@st.composite
def statements(draw: st.DrawFn, effect: str) -> dict[str, Any]:
    """One statement with up to two tests."""
    whom = "Principal" if effect == "Allow" or draw(st.integers(0, 4)) else "NotPrincipal"
    what = "Action" if draw(st.integers(0, 4)) else "NotAction"
    made: dict[str, Any] = {"Effect": effect, whom: draw(PRINCIPALS), what: draw(ACTIONS)}
    if effect == "Deny" and draw(st.booleans()):
        made |= {"Principal": "*", "Action": "*"}
        made.pop("NotPrincipal", None)
        made.pop("NotAction", None)
    condition: dict[str, dict[str, Any]] = {}
    for operator, key, values in draw(st.lists(TESTS, max_size=2)):
        condition.setdefault(operator, {})[key] = values if len(values) > 1 else values[0]
    return {**made, "Condition": condition} if condition else made


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """A policy of one to three Allows and up to two Denies."""
    allows = draw(st.lists(statements("Allow"), min_size=1, max_size=3))
    denies = draw(st.lists(statements("Deny"), max_size=2))
    return {"Version": "2012-10-17", "Statement": [*allows, *denies]}


def graded(policy: dict[str, Any]) -> Severity:
    event = happened(PolicySet(json.dumps(policy)))
    assert isinstance(event.what, PolicySet)
    return grade_policy(event.what, event, TRUST).severity


# --- callers -------------------------------------------------------------------------------------

RESOURCE = {"aws:resourceaccount": [OWN], "aws:resourceorgid": ["o-registryowner"]}
TAGS: list[dict[str, list[str]]] = [
    {},
    *({"aws:principaltag/team": [team]} for team in ("red", "blue")),
]


def requests(
    account: str, org: str | None, *, addresses: list[str], vpcs: list[str], private: list[str]
) -> Iterator[Request]:
    """All ways in which a principal of that account can call; an organisation has its own tree."""
    for path in ("r-1/ou-1/", "r-2/ou-7/ou-8/") if org else ("",):
        yield from _requests(account, org, addresses, vpcs, private, path)


def _requests(
    account: str,
    org: str | None,
    addresses: list[str],
    vpcs: list[str],
    private: list[str],
    path: str,
) -> Iterator[Request]:
    base = RESOURCE | {"account": [account], "aws:principalaccount": [account],
                       "aws:principalisawsservice": ["false"]}  # fmt: skip
    if org:
        base |= {"aws:principalorgid": [org], "aws:principalorgpaths": [f"{org}/{path}"]}
    for name in ("role/ci", "user/eve", "role/x"):
        for tags in TAGS:
            who = base | tags | {"aws:principalarn": [f"arn:aws:iam::{account}:{name}"]}
            for address in addresses:
                yield who | {"aws:sourceip": [address]}
            for vpc in vpcs:
                way = who | {"aws:sourcevpc": [vpc], "aws:vpceaccount": [account]}
                way |= {"aws:vpceorgid": [org]} if org else {}
                yield from (way | {"aws:vpcsourceip": [address]} for address in private)


def on_behalf(account: str, org: str | None) -> Iterator[Request]:
    """A service that acts for an account."""
    base = RESOURCE | {
        "service": ["lambda.amazonaws.com"],
        "aws:principalisawsservice": ["true"],
        "aws:sourceaccount": [account],
        "aws:sourcearn": [f"arn:aws:lambda:eu-west-1:{account}:function:x"],
    }
    yield base | (
        {"aws:sourceorgid": [org], "aws:sourceorgpaths": [f"{org}/r-1/ou-1/"]} if org else {}
    )


ANYWHERE = ["93.184.216.34", "198.41.0.4", "2606:4700::1111"]
ORDINARY = [
    request
    for account, org in (("012345678901", "o-qwertyuiop"), ("876543210987", None),
                         ("345678901234", "o-0a1b2c3d4e"))
    for request in requests(account, org, addresses=ANYWHERE,
                            vpcs=["vpc-0fedcba9876543210"],
                            private=["192.168.3.4", "fd12:3456:789a::1"])
]  # fmt: skip
ORDINARY += [
    RESOURCE | {"aws:principalisawsservice": ["false"], "aws:sourceip": [ip]} for ip in ANYWHERE
]
SPECIAL = [
    request
    for account, org in ((FOREIGN, OTHER_ORG), (FOREIGN, None), ("123456789012", OTHER_ORG))
    for request in requests(account, org, addresses=[*ANYWHERE, "198.51.100.9"],
                            vpcs=[THEIR_VPC, "vpc-0fedcba9876543210"], private=["10.1.2.3"])
]  # fmt: skip
BEHALF = [
    request
    for account, org in (
        (FOREIGN, OTHER_ORG),
        ("012345678901", "o-qwertyuiop"),
        ("876543210987", None),
    )
    for request in on_behalf(account, org)
]
STRANGERS = ORDINARY + SPECIAL + BEHALF


@settings(max_examples=EXAMPLES)
@given(policies())
def test_what_a_stranger_can_use_is_never_graded_as_ones_own(policy: dict[str, Any]) -> None:
    severity = graded(policy)
    for action, least in ((PUSH, Severity.HIGH), (PULL, Severity.MEDIUM)):
        if severity < least:
            used = [request for request in STRANGERS if admits(policy, request, action)]
            assert not used, used[0]


@settings(max_examples=EXAMPLES)
@given(policies())
def test_what_every_ordinary_stranger_can_use_is_graded_as_anyones(policy: dict[str, Any]) -> None:
    severity = graded(policy)
    for action, least in ((PUSH, Severity.CRITICAL), (PULL, Severity.HIGH)):
        accounts: dict[str, bool] = {}
        for request in ORDINARY:
            if "account" in request:
                account = request["account"][0]
                accounts[account] = accounts.get(account, False) or admits(policy, request, action)
        if all(accounts.values()):
            assert severity >= least


def is_certain(policy: dict[str, Any]) -> bool:
    """Whether nothing in it makes the grader lean to the worse.

    It leans so where the attacker's choice decides, where `*` is only a character, and where a
    caller is compared with themselves.
    """
    text = json.dumps(policy)
    if any(
        word in text for word in ("PrincipalTag", "PrincipalArn", "SourceArn", "Null", "o-*/r-1")
    ):
        return False
    return not any(
        ("Equals" in operator and set("*?") & set(json.dumps(keys)))
        or "${aws:PrincipalOrgID}" in json.dumps(keys.get("aws:PrincipalOrgID", ""))
        for statement in policy["Statement"]
        for operator, keys in statement.get("Condition", {}).items()
    )


CERTAIN = policies().filter(is_certain)


@settings(max_examples=EXAMPLES)
@given(CERTAIN)
def test_what_no_ordinary_stranger_can_use_is_never_graded_as_anyones(
    policy: dict[str, Any],
) -> None:
    if graded(policy) is not Severity.CRITICAL:
        return
    actions = ("ecr:PutImage", "ecr:DeleteRepository", "ecr:BatchDeleteImage", "ecr:TagResource",
               "ecr:SetRepositoryPolicy", "ecr:PutLifecyclePolicy")  # fmt: skip
    # A service on behalf of a stranger, which the policy does not tell from the stranger.
    through = [{**request, "aws:principalisawsservice": ["false"]} for request in BEHALF]
    assert any(
        admits(policy, request, action) for request in [*ORDINARY, *through] for action in actions
    )


@settings(max_examples=EXAMPLES)
@given(policies(), st.data())
def test_what_lets_more_through_is_never_graded_lower(
    policy: dict[str, Any], data: st.DataObject
) -> None:
    wider = copy.deepcopy(policy)
    places = range(len(wider["Statement"]))
    place = data.draw(st.sampled_from(places))
    statement = wider["Statement"][place]
    if statement["Effect"] == "Deny":
        if len(places) > 1:
            del wider["Statement"][place]
    else:
        match data.draw(st.sampled_from(["principal", "action", "condition", "value"])):
            case "principal":
                added = data.draw(st.sampled_from([FOREIGN, OWN, "*"]))
                old = statement["Principal"]
                if old != "*":
                    held = old.get("AWS", [])
                    held = held if isinstance(held, list) else [held]
                    statement["Principal"] = {**old, "AWS": [*held, added]}
            case "action":
                if "Action" in statement:
                    statement["Action"] = [*statement["Action"], *data.draw(ACTIONS)]
                else:
                    statement["NotAction"] = statement["NotAction"][:1]
            case "condition":
                for operator in [*statement.get("Condition", {})][:1]:
                    del statement["Condition"][operator]
            case _:
                for operator, keys in statement.get("Condition", {}).items():
                    if "Not" not in operator and operator not in ("Bool", "BoolIfExists"):
                        for key, values in keys.items():
                            held = values if isinstance(values, list) else [values]
                            keys[key] = [*held, held[0], "*"] if "Ip" not in operator else held
    assert graded(wider) >= graded(policy)
