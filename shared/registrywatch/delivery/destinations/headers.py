"""The user's own headers, such as a token that Splunk or Datadog requires."""

import re

import msgspec

from registrywatch.readers import is_unresolved, kept

ACCEPTED = (
    "lines of `Name: value`, or a JSON object of names and values; none of "
    "Host, Content-Length, Transfer-Encoding and Connection"
)
_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_VALUE = r"[\x20-\x7e\t]+"
_LONGEST_NAME, _LONGEST_VALUE = 100, 4000  # characters
_RESERVED = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def headers(text: str) -> str:
    """A reader of settings: the headers themselves, or where they are kept."""
    if is_unresolved(text):
        return text
    if re.fullmatch(r"(ssm|secretsmanager):\S*", text):
        return kept(text, ACCEPTED)
    parse(text)
    return text


def parse(text: str) -> dict[str, str]:
    """The headers by name. Raises ValueError, which says what is accepted, never what was given."""
    try:
        found = _of_json(text) if text.lstrip().startswith("{") else _of_lines(text)
    except (msgspec.MsgspecError, UnicodeError):
        raise ValueError(ACCEPTED) from None
    usable = all(
        len(name) <= _LONGEST_NAME
        and len(value) <= _LONGEST_VALUE
        and re.fullmatch(_NAME, name)
        and re.fullmatch(_VALUE, value)
        and name.lower() not in _RESERVED
        for name, value in found.items()
    )
    if not found or not usable:
        raise ValueError(ACCEPTED)
    return found


def _of_json(text: str) -> dict[str, str]:
    return msgspec.json.decode(text, type=dict[str, str])


def _of_lines(text: str) -> dict[str, str]:
    lines = [line.partition(":") for line in text.splitlines() if line.strip()]
    return {name.strip(): value.strip() for name, _, value in lines}
