"""Cuts a JSON document that is too large for memory into documents of the same form.

What is large is a list of records, with little before it: `[…]`, `{"Records": […]}`, a table's
`rows`. What precedes the list is repeated before each part, and its brackets are closed after it.
"""

import itertools
import re

import msgspec

from registrywatch.sources.repair import repaired

LARGE = 8 << 20
"""Bytes of a document that are held before it is cut."""
MOST = 5 * LARGE
"""Bytes of a document that are held at most: one that has no list of records ends there."""
_BEGIN = 1 << 16  # bytes, in which the list of records begins
_LISTS = 16  # that are tried: the list of records is among the first
_TRIES = 16  # places where a list may be cut, from its end; each is tried by decoding all before it
_SURE = 2 * LARGE  # bytes, above which a document is cut even where some record is broken
# The first element: an object with its first member's name, or the beginning of a list of texts.
_FIRST = re.compile(rb'\[[ \t\r\n]*(\{[ \t\r\n]*"(?:[^"\\]|\\.)*"|\[[ \t\r\n]*")')
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')
_CLOSING = {ord("{"): b"}", ord("["): b"]"}
_BLANKS = b" \t\r\n"

_whole = msgspec.json.Decoder(msgspec.Raw).decode


class Cut(msgspec.Struct, frozen=True):
    """A part of a document, and its rest; both are documents of its form.

    `lines`: how many lines further down the rest begins than the document did, if what it repeats
    is part of it.
    """

    part: bytes
    rest: bytes
    lines: int


def cut(document: bytes) -> Cut | None:
    """Cut the document whose beginning is given after as many records as possible.

    None: no record has ended in a list that has not; or some record is broken, and it is not yet
    clear that the document is large.
    """
    if document.lstrip()[:1] not in (b"[", b"{"):
        return None
    found = itertools.islice(_FIRST.finditer(document, 0, _BEGIN), _LISTS)
    lists = [first for first in found if not _is_closed(document, first)]
    # The outermost first: what precedes a list within another one may be records.
    for first in lists:
        if end := _proven_end(document, first):
            return _cut_at(document, first, end)
    if len(document) >= _SURE:
        for first in lists:
            for end in _ends(document, first):
                return _cut_at(document, first, end)
    return None


def _is_closed(document: bytes, first: re.Match[bytes]) -> bool:
    try:
        _whole(memoryview(document)[first.start() :])
    except msgspec.DecodeError as error:
        return "trailing" in str(error)
    except RecursionError:
        return False
    return True


def _cut_at(document: bytes, first: re.Match[bytes], end: int) -> Cut:
    head = document[: first.start(1)]
    closing = _closing(head)
    after = document.index(b",", end) + 1
    lines = document.count(b"\n", 0, after) - head.count(b"\n")
    return Cut(document[:end] + closing, head + document[after:], lines)


def _proven_end(document: bytes, first: re.Match[bytes]) -> int:
    """Where the last record of a list ends that another one follows; 0: nowhere.

    That the records before are an array proves it: within a record, brackets would be open.
    """
    start = first.start(1)
    if state(document[:start] + _closing(document[:start])) != "whole":
        return 0
    ends = _ends(document, first)
    return next((end for end in ends if state(b"[" + document[start:end] + b"]") == "whole"), 0)


def _ends(document: bytes, first: re.Match[bytes]) -> list[int]:
    """Where records like the first one seem to end, the last one first."""
    ends, at = list[int](), len(document)
    for _ in range(_TRIES):
        at = document.rfind(first[1], first.end(1), at)
        if at < 0:
            break
        if end := _end_before(document, at):
            ends.append(end)
    return ends


def _end_before(document: bytes, at: int) -> int:
    """Where a record ends, if a comma is all between it and `at`; 0 if not."""
    before = document[max(at - 1000, 0) : at].rstrip(_BLANKS)
    if not before.endswith(b","):
        return 0
    record = before[:-1].rstrip(_BLANKS)
    return max(at - 1000, 0) + len(record) if record.endswith((b"}", b"]")) else 0


def _closing(head: bytes) -> bytes:
    """What closes the brackets that are open."""
    still_open: list[int] = []
    for each in _TEXT.sub(b"", head):
        if each in _CLOSING:
            still_open.append(each)
        elif each in b"]}" and still_open:
            still_open.pop()
    return b"".join(_CLOSING[each] for each in reversed(still_open))


def state(text: bytes) -> str:
    """One of "whole", "cut off" and "broken"."""
    try:
        _whole(text)
    except msgspec.DecodeError as error:
        if "truncated" not in str(error):
            return "broken"
        # The decoder says the same about an unpaired surrogate.
        sound, damage = repaired(text) if b"\\ud" in text.lower() else (text, [])
        return state(sound) if damage else "cut off"
    except RecursionError:
        return "broken"
    return "whole"
