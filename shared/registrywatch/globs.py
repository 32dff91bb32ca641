"""Globs on whole names: `*` is any text, `?` is one character; matching is case-sensitive."""

import functools
import re
from collections.abc import Callable, Iterable

import msgspec


class Globs(msgspec.Struct, frozen=True):
    """A set of globs: `name in globs` is true if any of them matches."""

    patterns: tuple[str, ...] = ()

    def __contains__(self, name: object) -> bool:
        return (
            isinstance(name, str)
            and bool(self.patterns)
            and _compiled(self.patterns)(name) is not None
        )

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def __add__(self, other: "Globs") -> "Globs":
        return Globs(tuple(dict.fromkeys(self.patterns + other.patterns)))

    def overlap(self, pattern: str) -> bool:
        """Whether some name matches both `pattern` and one of these globs."""
        return any(globs_overlap(pattern, each) for each in self.patterns)


def matches_everything(glob: str) -> bool:
    """Whether the glob matches every name that is not empty: `*`, or several stars."""
    return bool(glob) and not glob.strip("*")


@functools.cache
def in_lower_case(globs: Globs) -> Globs:
    """The same globs in lower case, to match names that are in lower case."""
    return Globs(tuple(pattern.lower() for pattern in globs.patterns))


def matches(glob: str, name: str) -> bool:
    """Whether `name` matches one untrusted glob, in O(len(glob) · len(name))."""
    at = in_name = 0
    star, resume = -1, 0
    while in_name < len(name):
        if at < len(glob) and glob[at] == "*":
            star, resume = at, in_name
            at += 1
        elif at < len(glob) and glob[at] in ("?", name[in_name]):
            at += 1
            in_name += 1
        elif star >= 0:  # let the last star match one more character
            resume += 1
            at, in_name = star + 1, resume
        else:
            return False
    return not glob[at:].strip("*")


def common_name(one: str, other: str, filler: str = "") -> str | None:
    """A text that matches both globs, None if there is none.

    `filler` stands where both globs leave the text open, if it may stand there.
    """
    came: dict[tuple[int, int], tuple[tuple[int, int], str] | None] = {(0, 0): None}
    pending = [(0, 0)]
    while pending:
        state = pending.pop()
        if state == (len(one), len(other)):
            return _read_back(came, state)
        for after, text in _steps(one, other, state, filler):
            if after not in came:
                came[after] = (state, text)
                pending.append(after)
    return None


def _read_back(
    came: dict[tuple[int, int], tuple[tuple[int, int], str] | None], state: tuple[int, int]
) -> str:
    parts = []
    while (step := came[state]) is not None:
        state, text = step
        parts.append(text)
    return "".join(reversed(parts))


def _steps(
    one: str, other: str, state: tuple[int, int], filler: str
) -> Iterable[tuple[tuple[int, int], str]]:
    """What can follow in both globs at once, and the text between; the last is tried first."""
    at, there = state
    mine, theirs = one[at : at + 1], other[there : there + 1]
    if "*" in (mine, theirs):
        if mine == "*" and theirs not in ("", "*"):
            yield (at, there + 1), theirs.replace("?", "1")
        if theirs == "*" and mine not in ("", "*"):
            yield (at + 1, there), mine.replace("?", "1")
        both = filler if mine == theirs else ""
        if theirs == "*":
            yield (at, there + 1), both
        if mine == "*":
            yield (at + 1, there), both
    elif mine and theirs and (mine == theirs or "?" in (mine, theirs)):
        yield (at + 1, there + 1), (theirs if mine == "?" else mine).replace("?", "1")


def globs_overlap(one: str, other: str) -> bool:
    """Whether some text matches both globs."""
    states = {0}  # how many characters of `other` may be matched so far
    states = _skip_stars(other, states)
    for char in one:
        if char == "*":
            states = set(range(min(states), len(other) + 1)) if states else states
            continue
        states = _skip_stars(other, {after for at in states for after in _step(other, at, char)})
    return len(other) in states


def _step(glob: str, at: int, char: str) -> Iterable[int]:
    if at == len(glob):
        return ()
    if glob[at] == "*":
        return (at,)
    return (at + 1,) if "?" in (glob[at], char) or glob[at] == char else ()


def _skip_stars(glob: str, states: set[int]) -> set[int]:
    reached = set(states)
    for at in states:
        while at < len(glob) and glob[at] == "*":
            at += 1
            reached.add(at)
    return reached


@functools.cache
def _compiled(patterns: tuple[str, ...]) -> Callable[[str], re.Match[str] | None]:
    return re.compile("|".join(map(_as_regex, patterns)), re.DOTALL).fullmatch


def _as_regex(pattern: str) -> str:
    """Atomic groups: each part between stars matches at its first place, without backtracking.

    So a hostile name can't make matching slow.
    """
    first, *rest = map(_literally, pattern.split("*"))
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>.*?{part})" for part in middle if part) + ".*" + last


def _literally(part: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in part)
