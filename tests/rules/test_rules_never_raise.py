"""Whatever stands in a policy or an event, a rule finds something or nothing, and never raises."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.events import (
    Actor,
    ImagesDeleted,
    LifecyclePolicySet,
    PolicySet,
    RegistryEvent,
    RegistryScanningSet,
    RepositoryCreated,
    RepositoryDeleted,
    RepositoryScanningSet,
    ScanRule,
    TagMutabilitySet,
    What,
)
from registrywatch.rules import CATALOGUE
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
TUPLES = st.lists(st.text(max_size=8), max_size=4).map(tuple)


@given(
    st.builds(RepositoryCreated, ANY_TEXT, ANY_TEXT, st.none() | st.booleans())
    | st.builds(ImagesDeleted, TUPLES, TUPLES, st.booleans())
    | st.builds(RepositoryDeleted, st.booleans(), st.none() | st.integers())
    | st.builds(RepositoryScanningSet, st.booleans())
    | st.builds(RegistryScanningSet, st.text(), st.lists(
        st.builds(ScanRule, st.text(), TUPLES)).map(tuple))
    | st.builds(TagMutabilitySet, st.text(), TUPLES),
    ANY_TEXT,
    st.builds(Actor, ANY_TEXT, ANY_TEXT, ANY_TEXT),
)  # fmt: skip
def test_any_event_is_judged_by_every_rule_that_reads_it(
    what: What, name: str | None, actor: Actor
) -> None:
    event: RegistryEvent = happened(
        what, repository=name, actor=actor, actor_account=name, account=name
    )
    for rule in CATALOGUE:
        if isinstance(what, rule.reads) and rule.judge:
            rule.judge(event, what, TRUST)


STATEMENTS = 2_000
HUGE = {
    "many statements": policy(*[allow({"AWS": f"{n:012d}"}) for n in range(STATEMENTS)]),
    "many actions": policy(allow("*", [f"ecr:*{n}*x" for n in range(3 * STATEMENTS)])),
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
    "deep": policy() + "[" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE.keys())
def test_a_policy_of_a_hundred_kilobytes_takes_no_time(text: str) -> None:
    before = time.process_time()
    finds(POLICY, PolicySet(text))
    assert time.process_time() - before < 4
