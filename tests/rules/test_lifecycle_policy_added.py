"""ecr-lifecycle-policy-added: its worst rule decides, and unreadable is high."""

import json
from typing import Any

import pytest

from registrywatch.events import LifecyclePolicySet
from tests.rules.given import Json, grade, happened, judged, lifecycle, lifecycle_rule

RULE = "ecr-lifecycle-policy-added"


def graded(*rules: object) -> str | None:
    return grade(RULE, happened(LifecyclePolicySet(lifecycle(*rules))))


def kept(number: object, **selection: Any) -> Json:
    return lifecycle_rule(countType="imageCountMoreThan", countNumber=number, **selection)


def aged(days: object, since: str = "sinceImagePushed", **selection: Any) -> Json:
    return lifecycle_rule(countType=since, countUnit="days", countNumber=days, **selection)


ANY_TAG: dict[str, Any] = {"tagStatus": "tagged", "tagPatternList": ["*"]}
UNTAGGED: dict[str, Any] = {"tagStatus": "untagged"}
DEV_TAGS: dict[str, Any] = {"tagStatus": "tagged", "tagPatternList": ["dev-*"]}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (aged(1), "high"),
        (aged(7), "high"),
        (aged(8), "medium"),
        (aged(1, "sinceImagePulled"), "high"),
        (aged(1, "sinceImageTransitioned"), "high"),
        (kept(1), "high"),
        (kept(5), "high"),
        (kept(0), "high"),
        (kept(6), "medium"),
        (kept(1, **ANY_TAG), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["**"]), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["*", "*"]), "high"),
        (kept(1, tagStatus="tagged", tagPrefixList=[""]), "high"),
        (kept(1, tagStatus="tagged"), "high"),
        (kept(9, **ANY_TAG), "medium"),
        (kept(1, **DEV_TAGS), "medium"),
        (kept(1, tagStatus="tagged", tagPatternList=["*", "dev-*"]), "medium"),
        (kept(1, tagStatus="tagged", tagPrefixList=["dev"]), "medium"),
        (aged(1, tagStatus="TAGGED", tagPatternList=["*"]), "high"),
        (aged(7, **UNTAGGED), "low"),
        (aged(14, **UNTAGGED), "low"),
        (aged(1, **UNTAGGED), "low"),
        (kept(1, **UNTAGGED), "low"),
    ],
)
def test_what_expires_and_how_soon_decides(rule: Json, expected: str) -> None:
    assert graded(rule) == expected


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"countNumber": 1}, "medium"),
        ({"countNumber": 1, **ANY_TAG}, "medium"),
        ({"countNumber": 90}, "low"),
        ({"countNumber": 1, **DEV_TAGS}, "low"),
        ({"countNumber": 1, **UNTAGGED}, "low"),
    ],
)
def test_archiving_is_one_step_lower_than_expiring(selection: Json, expected: str) -> None:
    assert graded(lifecycle_rule("transition", **selection)) == expected


def test_values_are_compared_without_case() -> None:
    assert graded(kept(1, tagStatus="ANY")) == "high"
    assert graded(lifecycle_rule("EXPIRE", countType="IMAGECOUNTMORETHAN", countNumber=1)) == "high"


def test_the_worst_of_many_rules_decides() -> None:
    assert graded(aged(14, **UNTAGGED), kept(30, **DEV_TAGS), kept(1)) == "high"


def test_reasons_name_priority_selection_and_count() -> None:
    event = happened(
        LifecyclePolicySet(
            lifecycle(aged(14, **UNTAGGED), lifecycle_rule(priority=7, countNumber=1))
        )
    )
    finding = judged(RULE, event)
    assert finding and finding.reasons == (
        "The rule of priority 7 expires images of any kind beyond the newest 1.",
        "The rule of priority 1 expires untagged images pushed more than 14 days ago.",
    )
    assert finding.summary == "put a lifecycle policy on prod/api"


def test_reasons_name_the_tags() -> None:
    finding = judged(RULE, happened(LifecyclePolicySet(lifecycle(kept(1, **DEV_TAGS)))))
    assert finding and "tagged images with tags like dev-*" in finding.reasons[0]


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[]", "{}", '{"rules": 1}', '{"rules": {}}', "[" * 200_000, '{"rules": [1'],
    ids=lambda text: repr(text)[:40],
)
def test_a_document_that_cannot_be_read_is_high(text: str | None) -> None:
    assert grade(RULE, happened(LifecyclePolicySet(text))) == "high"


@pytest.mark.parametrize(
    "rule",
    [
        None,
        "expire",
        {},
        {"rulePriority": 1, "selection": {"tagStatus": "any"}, "action": {"type": "expire"}},
        {"selection": [], "action": {"type": "expire"}},
        {**kept(100), "action": {"type": "obliterate"}},
        {**kept(100), "action": "expire"},
        {**kept(100), "action": {}},
        kept("1"),
        kept(True),
        kept(None),
        kept(100, tagStatus="odd"),
        kept(100, tagStatus=["any"]),
        lifecycle_rule(countType="sinceForever"),
        lifecycle_rule(countType="sinceImagePushed", countUnit="hours"),
        kept(100, tagStatus="tagged", tagPatternList=[1]),
        kept(100, tagStatus="tagged", tagPatternList={"a": 1}),
    ],
    ids=lambda rule: json.dumps(rule)[:60],
)
def test_a_rule_that_cannot_be_read_is_high_and_harms_no_other(rule: object) -> None:
    assert graded(rule) == "high"
    assert graded(aged(14, **UNTAGGED), rule) == "high"


def test_a_policy_without_rules_takes_nothing() -> None:
    assert graded() == "low"


@pytest.mark.parametrize("priority", [None, "first", True, 10**30])
def test_an_odd_priority_changes_no_grade(priority: object) -> None:
    assert graded(lifecycle_rule(priority=priority, countNumber=1)) == "high"
