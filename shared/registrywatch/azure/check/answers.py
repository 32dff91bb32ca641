"""Parts of Resource Manager's answers; a part that is not as documented is empty."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def elements(answer: Any, member: str = "value") -> Iterator[Json]:
    """The objects in a list that is a member of an answer."""
    listed = answer.get(member) if isinstance(answer, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict):
            yield each


def properties(resource: Any) -> Json:
    """The `properties` of a resource."""
    found = resource.get("properties") if isinstance(resource, dict) else None
    return found if isinstance(found, dict) else {}
