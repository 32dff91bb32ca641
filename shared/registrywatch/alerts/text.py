"""Text from events, made fit to be shown: nothing hidden in it, cut to a length, escaped.

Names, tags, policies and user agents are of an attacker's making. `shown` is the one way by which
they reach a person: what can't be seen (control characters, bidirectional and zero-width marks,
odd spaces, lone surrogates) becomes a visible escape such as `\\u202e`; the destination's own
escaping is done piece by piece, so that a cut never leaves half a character, half a flag, half an
entity or half an escape behind.
"""

import unicodedata
from collections.abc import Callable, Iterator

ELLIPSIS = "…"

# Letters and symbols by category, yet nothing is drawn: Hangul fillers, the empty Braille cell
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\u034f")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKS_KEPT = 4  # combining marks on one character; more of them paint over the lines around it
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def as_is(piece: str) -> str:
    """No escaping at all."""
    return piece


def shown(
    text: str,
    limit: int,
    escape: Callable[[str], str] = as_is,
    size: Callable[[str], int] = len,
) -> str:
    """`text` with everything visible, piece by piece through `escape`, at most `limit` in `size`.

    What is cut off is replaced by an ellipsis, which counts. `size` must add up: the size of a text
    is the sum of its pieces' sizes.
    """
    room = limit - size(ELLIPSIS)
    kept: list[str] = []
    used = 0
    fits_with_ellipsis = 0  # how many of the kept pieces leave room for it
    for piece in pieces(text):
        escaped = escape(piece)
        used += size(escaped)
        if used > limit:
            return "".join(kept[:fits_with_ellipsis]) + (ELLIPSIS if room >= 0 else "")
        kept.append(escaped)
        if used <= room:
            fits_with_ellipsis = len(kept)
    return "".join(kept)


def visible(text: str) -> str:
    """`text` with what can't be seen turned into visible escapes, whole."""
    return "".join(pieces(text))


def pieces(text: str) -> Iterator[str]:
    """`text` in parts not to be torn apart: a character with its marks, a flag, an escape."""
    if text.isascii() and text.isprintable():
        yield from text
        return
    piece, marks = "", 0
    for char in text:
        if piece and marks < _MARKS_KEPT and _joins(piece, char):
            piece, marks = piece + char, marks + 1
            continue
        if piece:
            yield piece
        piece, marks = "", 0
        if _is_hidden(char) or _is_mark(char):  # a mark here has nothing left to sit on
            yield _escaped(char)
        else:
            piece = char
    if piece:
        yield piece


def utf16_size(text: str) -> int:
    """The length that JavaScript and .NET see: characters beyond U+FFFF count as two."""
    return len(text) + sum(char > "\uffff" for char in text)


def _joins(piece: str, char: str) -> bool:
    if ord(char) in _FLAG_LETTERS:
        return len(piece) == 1 and ord(piece) in _FLAG_LETTERS
    return _is_mark(char) or ord(char) in _SKIN_TONES


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M") and char not in _BLANK


def _is_hidden(char: str) -> bool:
    if char == " ":
        return False
    return unicodedata.category(char)[0] in "CZ" or char in _BLANK


def _escaped(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
