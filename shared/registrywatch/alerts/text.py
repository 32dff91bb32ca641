"""Makes text from events safe to show: without hidden characters, cut to a length, escaped.

An attacker can choose names, tags, policies and user agents. They reach a person only through
`shown`: invisible characters (control characters, bidirectional and zero-width marks, unusual
spaces, lone surrogates) become a visible escape such as `\\u202e`. The destination's own escaping
is done piece by piece, so that a cut never leaves half a character, flag, entity or escape.
"""

from collections.abc import Callable, Iterator

ELLIPSIS = "…"

# Letters and symbols by category, but invisible: Hangul fillers, the empty Braille cell
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\u034f")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKS_KEPT = 4  # combining marks on one character; more would cover the lines around it
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
    """`text` with everything visible, escaped by `escape`, and at most `limit` long by `size`.

    What is cut off is replaced by an ellipsis, which counts. The `size` of a text must be the sum
    of its pieces' sizes.
    """
    room = limit - size(ELLIPSIS)
    kept: list[str] = []
    used = 0
    fits_with_ellipsis = 0  # how many of the kept pieces leave room for the ellipsis
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
    """The whole `text`, with invisible characters as visible escapes."""
    return "".join(pieces(text))


def pieces(text: str) -> Iterator[str]:
    """`text` in parts that must not be split: a character with its marks, a flag, an escape."""
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
        if _is_hidden(char) or _is_mark(char):  # a mark here has no character to combine with
            yield _escaped(char)
        else:
            piece = char
    if piece:
        yield piece


def utf16_size(text: str) -> int:
    """The length in JavaScript and .NET: characters beyond U+FFFF count as two."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def _joins(piece: str, char: str) -> bool:
    if ord(char) in _FLAG_LETTERS:
        return len(piece) == 1 and ord(piece) in _FLAG_LETTERS
    return _is_mark(char) or ord(char) in _SKIN_TONES


def _is_mark(char: str) -> bool:
    return _category(char).startswith("M") and char not in _BLANK


def _is_hidden(char: str) -> bool:
    if char == " ":
        return False
    return _category(char)[0] in "CZ" or char in _BLANK


def _category(char: str) -> str:
    import unicodedata  # a library of its own, which texts of plain ASCII do not need

    return unicodedata.category(char)


def _escaped(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
