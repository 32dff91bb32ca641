"""Whatever stands in a policy or an event, a rule finds something or nothing, and never raises."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registrywatch.events import (
    Actor,
    LifecyclePolicySet,
    PolicySet,
    What,
)
from registrywatch.rules import CATALOGUE
from tests.builders.cases import for_each
from tests.builders.mutation import JSON, mutated
from tests.rules.given import (
    FOREIGN,
    OWN,
    TRUST,
    allow,
    deny,
    happened,
    judged,
    lifecycle,
    lifecycle_rule,
    policy,
)

POLICY, LIFECYCLE = "ecr-repository-policy-applied", "ecr-lifecycle-policy-added"

REAL_POLICY = json.loads(
    policy(
        allow(
            {"AWS": [f"arn:aws:iam::{FOREIGN}:root", OWN], "Service": "lambda.amazonaws.com"},
            ["ecr:BatchGetImage", "ecr:Put*"],
            {
                "StringEquals": {"aws:PrincipalOrgID": ["o-abcdefghij"], "aws:SourceAccount": OWN},
                "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
                "ArnLike": {"aws:SourceArn": f"arn:aws:lambda:eu-west-1:{OWN}:function:*"},
            },
        ),
        deny(),
    )
)
REAL_LIFECYCLE = json.loads(
    lifecycle(
        lifecycle_rule(tagStatus="tagged", tagPatternList=["*"], tagPrefixList=["v"]),
        lifecycle_rule("transition", countType="sinceImagePulled", countUnit="days"),
    )
)


def finds(rule: str, what: What) -> None:
    finding = judged(rule, happened(what))
    assert finding
    assert finding.reasons
    for text in (finding.summary, *finding.reasons):
        text.encode("utf-8")
        assert len(text) < 5_000


@given(JSON | mutated(REAL_POLICY))
def test_any_policy_is_graded(document: object) -> None:
    finds(POLICY, PolicySet(json.dumps(document)))


@given(JSON | mutated(REAL_LIFECYCLE))
def test_any_lifecycle_policy_is_graded(document: object) -> None:
    finds(LIFECYCLE, LifecyclePolicySet(json.dumps(document)))


@given(st.text(), st.integers(0, 400))
def test_any_text_is_graded(text: str, cut: int) -> None:
    for written in (text, json.dumps(REAL_POLICY)[:cut], json.dumps(REAL_LIFECYCLE)[:cut]):
        finds(POLICY, PolicySet(written))
        finds(LIFECYCLE, LifecyclePolicySet(written))


ANY_TEXT = st.none() | st.text(st.characters(exclude_categories=()), max_size=30)


def anything(of: type) -> st.SearchStrategy[Any]:
    """A kind of event with anything in its fields."""
    fields = {each.name: st.from_type(each.type) for each in msgspec.structs.fields(of)}
    return st.builds(of, **fields)


READ = tuple({what: None for rule in CATALOGUE if rule.judge for what in rule.reads})


@pytest.mark.parametrize("kind", READ, ids=lambda kind: kind.__name__)
@settings(max_examples=20)
@given(st.data(), ANY_TEXT, st.builds(Actor, ANY_TEXT, ANY_TEXT, ANY_TEXT))
def test_any_event_is_judged_by_every_rule_that_reads_it(
    kind: type, data: st.DataObject, name: str | None, actor: Actor
) -> None:
    what = data.draw(anything(kind))
    event = happened(what, repository=name, actor=actor, actor_account=name, account=name)
    for rule in CATALOGUE:
        if kind in rule.reads and rule.judge:
            finding = rule.judge(event, what, TRUST)
            for text in (finding.summary, *finding.reasons) if finding else ():
                assert text
                assert len(text) < 5_000
                text.encode("utf-8")


STATEMENTS = 1_000
HUGE = {
    "many statements": policy(*[allow({"AWS": f"{n:012d}"}) for n in range(STATEMENTS)]),
    "many actions": policy(allow("*", [f"ecr:*{n}*x" for n in range(STATEMENTS // 2)])),
    "many principals": policy(allow({"AWS": [f"{n:012d}" for n in range(10 * STATEMENTS)]})),
    "one long action": policy(allow("*", "*?" * 50_000)),
    "one long account": policy(allow({"AWS": "arn:" * 25_000})),
    "many addresses": policy(
        allow("*", "*", {"IpAddress": {"aws:SourceIp": [f"10.{n // 256}.{n % 256}.0/24"
                                                       for n in range(STATEMENTS)]}})
    ),
    "many values": policy(
        allow("*", "*", {"StringLike": {"aws:PrincipalOrgID": ["*a" * 9] * STATEMENTS}})
    ),
    "many denies": policy(
        allow("*", "*"),
        *[{**deny(), "Condition": {"StringEquals": {"aws:PrincipalAccount": f"{n:012d}"}}}
          for n in range(300)],
    ),
    "many ARNs": policy(
        allow("*", "*", {"StringLike": {"aws:PrincipalArn": [f"arn:aws:iam::{n % 10}*:*{n}*x*"
                                                            for n in range(STATEMENTS)]}})
    ),
    "many networks in statements": policy(
        *[allow("*", "*", {"IpAddress": {"aws:SourceIp": f"{n % 200 + 1}.{n // 200}.0.0/16"}})
          for n in range(200)],
    ),
    "deep": policy() + "[" * 100_000,
}  # fmt: skip


@for_each("text", HUGE.values(), ids=HUGE.keys())
def test_a_policy_of_many_times_the_size_that_ecr_takes_is_graded(text: str) -> None:
    finds(POLICY, PolicySet(text))
