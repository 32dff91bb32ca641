"""Which management events a CloudTrail trail records, by its event selectors.

Source: the API's EventSelector and AdvancedEventSelector. CloudTrail records write their members in
lower camel case, the API in Pascal case; both are read here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

ReadWriteType = Literal["read", "write"]
"""The two kinds of management events, by the API's name for them."""

BOTH: frozenset[ReadWriteType] = frozenset({"read", "write"})
ECR = "ecr.amazonaws.com"
_NOTHING: frozenset[ReadWriteType] = frozenset()
_TYPES: dict[str, frozenset[ReadWriteType]] = {
    "all": BOTH,
    "readonly": frozenset({"read"}),
    "writeonly": frozenset({"write"}),
}

_FIELDS = ("eventcategory", "eventsource", "readonly")

_OPERATORS: dict[str, Callable[[str, tuple[str, ...]], bool]] = {
    "equals": lambda value, texts: value in texts,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def recorded(basic: object, advanced: object) -> frozenset[ReadWriteType]:
    """Which of ECR's management events, reads and writes, that the selectors together let through.

    `basic` and `advanced` are lists of selectors; anything else counts as no selector.
    """
    types = _NOTHING
    for selector in _objects(basic):
        types |= _by_basic(selector)
    for selector in _objects(advanced):
        types |= _by_advanced(selector)
    return types


def _by_basic(selector: Mapping[str, Any]) -> frozenset[ReadWriteType]:
    if str(selector.get("includemanagementevents", True)).lower() != "true":  # the API's default
        return _NOTHING
    if ECR in _texts(selector.get("excludemanagementeventsources")):
        return _NOTHING
    return _TYPES.get(str(selector.get("readwritetype") or "all").lower(), _NOTHING)


def _by_advanced(selector: Mapping[str, Any]) -> frozenset[ReadWriteType]:
    """All fields of a selector must match; a field that it does not name matches everything.

    With a field beyond these three, such as the caller's ARN, some events do not match.
    """
    fields = _objects(selector.get("fieldselectors"))
    if any(_field(each) not in _FIELDS for each in fields):
        return _NOTHING
    if not any(_field(each) == "eventcategory" and _matches(each, "Management") for each in fields):
        return _NOTHING
    if not all(_matches(each, ECR) for each in fields if _field(each) == "eventsource"):
        return _NOTHING
    read_only = [each for each in fields if _field(each) == "readonly"]
    types: set[ReadWriteType] = set()
    if all(_matches(each, "true") for each in read_only):
        types.add("read")
    if all(_matches(each, "false") for each in read_only):
        types.add("write")
    return frozenset(types)


def _field(selector: Mapping[str, Any]) -> str:
    return str(selector.get("field")).lower()


def _matches(selector: Mapping[str, Any], value: str) -> bool:
    """Whether a field's value passes all operators that its selector uses."""
    for operator, passes in _OPERATORS.items():
        if (texts := _texts(selector.get(operator))) and not passes(value, texts):
            return False
        if (texts := _texts(selector.get(f"not{operator}"))) and passes(value, texts):
            return False
    return True


def _objects(value: object) -> Sequence[Mapping[str, Any]]:
    """The objects of a list, with their names in lower case."""
    return [
        {str(name).lower(): each for name, each in item.items()}
        for item in (value if isinstance(value, list) else ())
        if isinstance(item, Mapping)
    ]


def _texts(value: object) -> tuple[str, ...]:
    items: Iterable[object] = value if isinstance(value, list) else ()
    return tuple(each for each in items if isinstance(each, str))
