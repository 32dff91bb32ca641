"""ecr-tag-overwrite-enabled: three of four modes let tags be overwritten."""

from hypothesis import given
from hypothesis import strategies as st

from registrywatch.events import TagMutabilitySet
from registrywatch.globs import Globs
from registrywatch.rules import Trust
from registrywatch.severity import Severity
from tests.builders.cases import for_each
from tests.rules.given import TRUST, grade, happened, judged

RULE = "ecr-tag-overwrite-enabled"


def graded(mode: str, *exclusions: str, trust: Trust = TRUST) -> str | None:
    return grade(RULE, happened(TagMutabilitySet(mode, exclusions)), trust)


@for_each(
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


@for_each(
    ("exclusion", "expected"),
    [
        ("*", "medium"),
        ("**", "medium"),
        ("latest", "medium"),
        ("l*t", "medium"),
        ("prod*", "medium"),
        ("v*", "medium"),
        ("*-rc", "medium"),
        ("v1.2.3", "medium"),
        ("dev-*", "low"),
        ("pr-*", "low"),
        ("late", "low"),
    ],
)
def test_the_exclusions_of_immutable_decide(exclusion: str, expected: str) -> None:
    assert graded("IMMUTABLE_WITH_EXCLUSION", "pr-1", exclusion) == expected


def test_a_bare_star_is_medium_even_if_no_tag_is_protected() -> None:
    nothing = Trust(protected_tags=Globs())
    assert graded("IMMUTABLE_WITH_EXCLUSION", "*", trust=nothing) == "medium"
    assert graded("IMMUTABLE_WITH_EXCLUSION", "latest", trust=nothing) == "low"


def test_exclusions_of_mutable_protect_and_are_named() -> None:
    finding = judged(RULE, happened(TagMutabilitySet("MUTABLE_WITH_EXCLUSION", ("prod*",))))
    assert finding and finding.severity.value == "medium"
    assert "prod*" in finding.reasons[0]


def test_exclusions_that_the_event_does_not_show_are_low() -> None:
    assert graded("IMMUTABLE_WITH_EXCLUSION") == "low"


def test_what_cloudtrail_withheld_may_be_mutable() -> None:
    withheld = TagMutabilitySet("", omitted=True)
    assert grade(RULE, happened(withheld)) == "medium"


def test_the_summary_says_which_tags() -> None:
    finding = judged(RULE, happened(TagMutabilitySet("MUTABLE")))
    assert finding and finding.summary == "allowed tags of prod/api to be overwritten: every tag"


FILTERS = st.lists(
    st.sampled_from(["dev-*", "pr-1", "latest", "v1", "*", "*-rc", "x*"]), max_size=3
)
MODES = ["IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION", "MUTABLE"]


def rank(mode: str, filters: list[str]) -> int:
    found = graded(mode, *filters)
    return Severity(found).rank if found else -1


@given(FILTERS, FILTERS, st.sampled_from(["dev-*", "latest", "*"]))
def test_a_wider_exclusion_is_never_graded_lower(
    filters: list[str], more: list[str], widened: str
) -> None:
    held = rank("IMMUTABLE_WITH_EXCLUSION", filters)
    assert rank("IMMUTABLE_WITH_EXCLUSION", [*filters, *more]) >= held
    for place, old in enumerate(filters):
        wider = [*filters[:place], f"{old}*", *filters[place + 1 :]]
        assert rank("IMMUTABLE_WITH_EXCLUSION", wider) >= held
    assert rank("IMMUTABLE_WITH_EXCLUSION", [*filters, widened]) >= held


@given(FILTERS)
def test_a_mode_that_fixes_fewer_tags_is_never_graded_lower(filters: list[str]) -> None:
    ranks = [rank(mode, filters) for mode in MODES]
    assert ranks == sorted(ranks)
