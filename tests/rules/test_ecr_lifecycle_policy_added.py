"""ecr-lifecycle-policy-added: rules are taken together, and unreadable is high."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.events import LifecyclePolicySet
from registrywatch.severity import Severity
from tests.builders.cases import for_each
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


@for_each(
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
        (kept(19), "medium"),
        (kept(20), "low"),
        (kept(30, tagStatus="tagged", tagPrefixList=["v"]), "low"),
        (aged(29), "medium"),
        (aged(30), "low"),
        (kept(5, tagStatus="tagged", tagPrefixList=["v"]), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["prod*"]), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["latest"]), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["rel*", "v*"]), "medium"),
        (kept(1, tagStatus="tagged", tagPatternList=["*-1"]), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["prod-*"]), "high"),
        (kept(1, tagStatus="tagged", tagPrefixList=["v2."]), "high"),
        (kept(9, tagStatus="tagged", tagPatternList=["prod-*"]), "medium"),
        (kept(50, tagStatus="tagged", tagPatternList=["prod-*"]), "low"),
        (aged(2, tagStatus="tagged", tagPatternList=["release-eu-1"]), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["l*t"]), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["v*", "*-eu"]), "high"),
        (kept(1, tagStatus="tagged", tagPatternList=["v*", "dev"]), "medium"),
        (kept(1, tagStatus="tagged", tagPatternList=["pr-*"]), "medium"),
        (kept(1, tagStatus="tagged", tagPatternList=["v" * 200 + "*"]), "medium"),
        (aged(90, "sinceImageTransitioned", storageClass="archive"), "low"),
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


@for_each(
    ("selection", "expected"),
    [
        ({"countNumber": 1}, "medium"),
        ({"countNumber": 1, **ANY_TAG}, "medium"),
        ({"countNumber": 90}, "low"),
        ({"countNumber": 1, **DEV_TAGS}, "low"),
        ({"countNumber": 1, **UNTAGGED}, "low"),
        ({"countNumber": 1, "tagStatus": "tagged", "tagPatternList": ["prod*"]}, "medium"),
    ],
)
def test_archiving_is_graded_lower_than_expiring(selection: Json, expected: str) -> None:
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
    assert finding.summary == (
        "put a lifecycle policy on prod/api: it expires images of any kind beyond the newest 1"
    )


def test_reasons_name_the_tags() -> None:
    finding = judged(RULE, happened(LifecyclePolicySet(lifecycle(kept(1, **DEV_TAGS)))))
    assert finding and "tagged images with tags like dev-*" in finding.reasons[0]


@for_each(
    "text",
    [None, "", "{", "[]", "{}", '{"rules": 1}', '{"rules": {}}', "[" * 200_000, '{"rules": [1'],
    ids=lambda text: repr(text)[:40],
)
def test_a_document_that_cannot_be_read_is_high(text: str | None) -> None:
    assert grade(RULE, happened(LifecyclePolicySet(text))) == "high"


@for_each(
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


def prioritised(*rules: Json) -> list[Json]:
    return [{**rule, "rulePriority": number} for number, rule in enumerate(rules, 1)]


def test_rules_that_between_them_take_every_tag_are_taken_together() -> None:
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    by_letter = {
        letter: kept(1, tagStatus="tagged", tagPatternList=[f"{letter}*"]) for letter in letters
    }
    unprotected = [rule for letter, rule in by_letter.items() if letter not in "lprsv"]
    assert graded(*prioritised(*by_letter.values())) == "high"
    assert graded(*prioritised(*unprotected)) == "medium"
    halves = [kept(1, tagStatus="tagged", tagPatternList=[f"*{letter}"]) for letter in letters]
    assert graded(*prioritised(*halves)) == "high"


def test_a_rule_shields_what_its_tags_select_from_the_rules_behind_it() -> None:
    """ECR never expires by a later rule what the tags of an earlier one select."""
    everything = kept(1)
    assert graded(*prioritised(kept(100, **ANY_TAG), everything)) == "low"
    assert graded(
        *prioritised(kept(100, tagStatus="tagged", tagPrefixList=["prod"]), everything)
    ) == ("high")
    assert graded(*prioritised(everything, kept(100, **ANY_TAG))) == "high"


def test_a_rule_that_shields_the_protected_tags_of_another_is_heeded() -> None:
    shield = kept(100, tagStatus="tagged", tagPatternList=["prod-*"])
    wipe = kept(1, tagStatus="tagged", tagPatternList=["prod-eu-*"])
    assert graded(*prioritised(wipe)) == "high"
    assert graded(*prioritised(shield, wipe)) == "low"


def test_rules_without_a_known_order_do_not_shield() -> None:
    assert graded(kept(100, **ANY_TAG), kept(1)) == "high"
    assert graded({**kept(100, **ANY_TAG), "rulePriority": None}, kept(1)) == "high"


def test_archiving_soon_and_expiring_the_archive_late_is_graded_as_archiving() -> None:
    archive = lifecycle_rule("transition", countType="sinceImagePulled", countNumber=1)
    expire = aged(90, "sinceImageTransitioned", storageClass="archive")
    assert graded(*prioritised(archive, expire)) == "medium"


PATTERNS = st.sampled_from(
    ["*", "dev-*", "d*", "prod*", "prod-1", "prod-e*", "latest", "l*t", "v*", "v1.*", "rel*", "*-1"]
)
NUMBERS = st.sampled_from([0, 1, 5, 6, 7, 8, 19, 20, 29, 30, 100])


@st.composite
def lifecycle_rules(draw: st.DrawFn) -> Json:
    counting: dict[str, Any] = draw(
        st.sampled_from([{"countType": "imageCountMoreThan"},
                         {"countType": "sinceImagePushed", "countUnit": "days"}])
    )  # fmt: skip
    selection: dict[str, Any] = {**counting, "countNumber": draw(NUMBERS)}
    selection["tagStatus"] = draw(st.sampled_from(["any", "untagged", "tagged", "tagged"]))
    if selection["tagStatus"] == "tagged":
        selection["tagPatternList"] = draw(st.lists(PATTERNS, min_size=1, max_size=2))
    return lifecycle_rule(draw(st.sampled_from(["expire", "transition"])), **selection)


RULES = st.lists(lifecycle_rules(), min_size=1, max_size=4).map(lambda rules: prioritised(*rules))


def severity(rules: list[Json]) -> Severity:
    found = graded(*rules)
    assert found
    return Severity(found)


@given(RULES, st.data())
def test_a_lower_count_is_never_graded_lower(rules: list[Json], data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(range(len(rules))))
    selection: Any = rules[place]["selection"]
    lower = data.draw(NUMBERS.filter(lambda number: number <= selection["countNumber"]))
    changed = {**rules[place], "selection": {**selection, "countNumber": lower}}
    assert severity([*rules[:place], changed, *rules[place + 1 :]]) >= severity(rules)


@given(lifecycle_rules(), st.data())
def test_a_wider_pattern_is_never_graded_lower(rule: Json, data: st.DataObject) -> None:
    selection: Any = rule["selection"]
    patterns = selection.get("tagPatternList", ["*"])
    wider = data.draw(
        st.sampled_from([[*patterns[1:], f"{patterns[0]}*"], [*patterns[1:], "*"], patterns[:1]])
    )
    changed = {**rule, "selection": {**selection, "tagPatternList": wider}}
    assert severity([changed]) >= severity([rule])
    anything = {**rule, "selection": {**selection, "tagStatus": "any"}}
    assert severity([anything]) >= severity([rule])


@given(RULES, lifecycle_rules())
def test_a_further_rule_behind_the_others_is_never_graded_lower(
    rules: list[Json], last: Json
) -> None:
    assert severity(prioritised(*rules, last)) >= severity(rules)


@given(RULES)
def test_expiring_is_never_graded_lower_than_archiving(rules: list[Json]) -> None:
    expiring = [{**rule, "action": {"type": "expire"}} for rule in rules]
    assert severity(expiring) >= severity(rules)
