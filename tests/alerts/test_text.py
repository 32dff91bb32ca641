"""Text from events is shown whole, visible and never torn."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from registrywatch.alerts.text import ELLIPSIS, pieces, shown, utf16_size, visible
from tests.alerts.hostile import hidden_in, texts
from tests.builders.cases import for_each


@for_each(
    ("text", "seen"),
    [
        ("prod/api:v1.2", "prod/api:v1.2"),
        ("größe 日本 🚀", "größe 日本 🚀"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b\x7f", "\\x9b\\x7f"),
        ("\u202eexe", "\\u202eexe"),
        ("a\u200bb", "a\\u200bb"),
        ("\ufeff", "\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\u00a0\u3000", "\\xa0\\u3000"),
        ("\u3164\u2800", "\\u3164\\u2800"),
        ("C:\\Users", "C:\\Users"),
    ],
)
def test_what_can_not_be_seen_is_made_visible(text: str, seen: str) -> None:
    assert visible(text) == seen


@for_each(
    ("text", "limit", "kept"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("", 0, ""),
        ("ae\u0301xy", 4, "ae\u0301…"),
        ("ae\u0301xy", 3, "a…"),
        ("a\U0001f1e9\U0001f1eaxy", 3, "a…"),
        ("a\U0001f44d\U0001f3fdxy", 3, "a…"),
        ("a\x1b[31m", 5, "a…"),
        ("a\x1b[31m", 7, "a\\x1b[…"),
    ],
)
def test_a_cut_leaves_no_half_of_anything(text: str, limit: int, kept: str) -> None:
    assert shown(text, limit) == kept


def test_a_cut_leaves_no_half_entity() -> None:
    assert shown("a<b", 5, lambda c: {"<": "&lt;"}.get(c, c)) == "a…"
    assert shown("a<b", 6, lambda c: {"<": "&lt;"}.get(c, c)) == "a&lt;b"


def test_characters_beyond_the_basic_plane_count_twice_where_they_do() -> None:
    assert utf16_size("a\U0001f680") == 3
    assert shown("\U0001f680" * 3, 5, size=utf16_size) == "\U0001f680" * 2 + ELLIPSIS


def test_marks_that_paint_over_other_lines_are_shown_as_escapes() -> None:
    assert visible("e" + "\u0335" * 6) == "e" + "\u0335" * 4 + "\\u0335\\u0335"


@settings(deadline=None)
@given(texts, st.integers(0, 60))
def test_nothing_hidden_is_left_and_the_limit_is_kept(text: str, limit: int) -> None:
    cut = shown(text, limit, size=utf16_size)
    assert utf16_size(cut) <= limit
    assert hidden_in(cut) == []
    cut.encode()


@settings(deadline=None)
@given(texts)
def test_what_fits_is_whole(text: str) -> None:
    whole = visible(text)
    assert shown(text, len(whole)) == whole
    assert visible(whole) == whole
    assert "".join(pieces(text)) == whole


@settings(deadline=None)
@given(texts, st.integers(1, 60))
def test_what_is_kept_is_the_beginning(text: str, limit: int) -> None:
    cut = shown(text, limit)
    assert visible(text).startswith(cut.removesuffix(ELLIPSIS) if cut != visible(text) else cut)


def test_no_piece_begins_with_a_mark() -> None:
    for piece in pieces("\u0301a\u0301 \u0301\x00\u0301"):
        assert not unicodedata.category(piece[0]).startswith("M")
