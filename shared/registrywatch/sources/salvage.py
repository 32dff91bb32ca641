"""What can be had of text that is not one sound JSON document."""

import json
import re
from typing import Any

_BLANKS = " \t\r\n"
_BLANK = f"[{_BLANKS}]*"
_LIST = re.compile(rf'(?:\{{{_BLANK}"(Records|records|Events)"{_BLANK}:{_BLANK})?\[{_BLANK}')
_SPACE = re.compile(_BLANK)
_COMMA = re.compile(f"{_BLANK},{_BLANK}")


def values(text: str) -> tuple[list[Any], bool]:
    """The values of `{…}{…}`, as Firehose writes them, and whether that is all there is.

    Of one that breaks off, the whole elements: a log file is a single line, and its end may be
    missing.
    """
    text = text.strip(_BLANKS)
    at, found = 0, []
    try:
        while at < len(text):
            value, at = _decode_at(text, at)
            found.append(value)
            at = _end(_SPACE, text, at) or at
    except (ValueError, RecursionError):
        return found + _elements(text, at), False
    return found, True


def _elements(text: str, start: int) -> list[Any]:
    """The whole elements of an array, or of a list of records, that then breaks off."""
    found = _LIST.match(text, start)
    at = found.end() if found else None
    elements = []
    try:
        while at is not None:
            element, at = _decode_at(text, at)
            elements.append({found[1]: [element]} if found and found[1] else element)
            at = _end(_COMMA, text, at)
    except (ValueError, RecursionError):
        pass  # there it broke off, as was said of the whole document
    return elements


def _end(pattern: re.Pattern[str], text: str, at: int) -> int | None:
    found = pattern.match(text, at)
    return found.end() if found else None


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


_decode_at = json.JSONDecoder(parse_constant=_no_number).raw_decode
