"""ecr-tag-overwrite-enabled: three of four modes let tags be overwritten."""

import pytest

from registrywatch.events import TagMutabilitySet
from registrywatch.globs import Globs
from registrywatch.rules import Trust
from tests.rules.given import TRUST, grade, happened, judged

RULE = "ecr-tag-overwrite-enabled"


def graded(mode: str, *exclusions: str, trust: Trust = TRUST) -> str | None:
    return grade(RULE, happened(TagMutabilitySet(mode, exclusions)), trust)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("MUTABLE", "medium"),
        ("mutable", "medium"),
        ("MUTABLE_WITH_EXCLUSION", "medium"),
        ("IMMUTABLE", None),
        ("immutable", None),
        ("SOMETHING_NEW", "medium"),
    ],
)
def test_the_mode_decides(mode: str, expected: str | None) -> None:
    assert graded(mode) == expected


@pytest.mark.parametrize(
    ("exclusion", "expected"),
    [
        ("*", "high"),
        ("**", "high"),
        ("latest", "high"),
        ("l*t", "high"),
        ("prod*", "high"),
        ("v*", "high"),
        ("*-rc", "high"),
        ("v1.2.3", "high"),
        ("dev-*", "low"),
        ("pr-*", "low"),
        ("late", "low"),
    ],
)
def test_the_exclusions_of_immutable_decide(exclusion: str, expected: str) -> None:
    assert graded("IMMUTABLE_WITH_EXCLUSION", "pr-1", exclusion) == expected


def test_a_bare_star_is_high_even_if_no_tag_is_protected() -> None:
    nothing = Trust(protected_tags=Globs())
    assert graded("IMMUTABLE_WITH_EXCLUSION", "*", trust=nothing) == "high"
    assert graded("IMMUTABLE_WITH_EXCLUSION", "latest", trust=nothing) == "low"


def test_exclusions_of_mutable_protect_and_are_named() -> None:
    finding = judged(RULE, happened(TagMutabilitySet("MUTABLE_WITH_EXCLUSION", ("prod*",))))
    assert finding and finding.severity.value == "medium"
    assert "prod*" in finding.reasons[0]


def test_exclusions_that_the_event_does_not_show_are_low() -> None:
    assert graded("IMMUTABLE_WITH_EXCLUSION") == "low"
