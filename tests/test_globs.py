"""Globs match whole names, and two of them overlap exactly where some name matches both."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrywatch.globs import Globs, common_name, globs_overlap, matches
from tests.builders.cases import for_each

GLOBS = st.text("ab*?", max_size=6)
NAMES = st.text("ab", max_size=6)


@for_each(
    ("glob", "name", "is_in"),
    [
        ("prod*", "prod", True),
        ("prod*", "production", True),
        ("prod*", "nonprod", False),
        ("*role/ci", "arn:aws:iam::1:role/ci", True),
        ("*role/ci", "arn:aws:iam::1:role/ci-evil", False),
        ("v?", "v1", True),
        ("v?", "v12", False),
        ("v?", "V1", False),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("*", "", True),
        ("", "", True),
        ("a*", "a\nb", True),
    ],
)
def test_a_glob_matches_whole_names_literally(glob: str, name: str, is_in: bool) -> None:
    assert (name in Globs((glob,))) is is_in
    assert matches(glob, name) is is_in


def test_no_globs_match_nothing() -> None:
    assert "x" not in Globs()
    assert None not in Globs(("*",))
    assert not Globs()


def test_globs_add_up_without_repeating_themselves() -> None:
    assert Globs(("a", "b")) + Globs(("b", "c")) == Globs(("a", "b", "c"))


@given(GLOBS, NAMES)
def test_all_ways_of_matching_agree(glob: str, name: str) -> None:
    assert matches(glob, name) == (name in Globs((glob,))) == globs_overlap(glob, name)


@given(GLOBS, GLOBS, NAMES)
def test_a_common_name_matches_both_globs_and_exists_exactly_if_they_overlap(
    one: str, other: str, filler: str
) -> None:
    name = common_name(one, other, filler)
    assert (name is not None) == globs_overlap(one, other)
    assert name is None or (matches(one, name) and matches(other, name))


@given(GLOBS, GLOBS)
def test_overlap_is_symmetric(one: str, other: str) -> None:
    assert globs_overlap(one, other) == globs_overlap(other, one)


@given(st.text("ab*?", max_size=4), st.text("ab*?", max_size=4))
def test_globs_overlap_exactly_if_a_name_matches_both(one: str, other: str) -> None:
    # a common name needs no more characters than both globs have together
    names = (
        "".join(letters)
        for length in range(len(one) + len(other) + 1)
        for letters in itertools.product("ab", repeat=length)
    )
    common = any(matches(one, name) and matches(other, name) for name in names)
    assert globs_overlap(one, other) == common


@pytest.mark.parametrize(
    ("exclusion", "overlaps"),
    [("v*", True), ("*-rc", True), ("dev-*", False), ("latest", True), ("l?test", True)],
)
def test_protected_tags_overlap_a_pattern_of_tags(exclusion: str, overlaps: bool) -> None:
    assert Globs(("latest", "prod*", "v*")).overlap(exclusion) is overlaps


def test_a_hostile_name_does_not_slow_a_glob_down() -> None:
    glob, name = "*a" * 20 + "*b", "a" * 5_000
    before = time.process_time()
    assert name not in Globs((glob,))
    assert not matches(glob, name)
    assert time.process_time() - before < 1
