"""Parts of the JSON that Azure sends; a part that is not as documented is empty."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def elements(whole: Any, name: str = "value") -> Iterator[Json]:
    """The objects in the list that is a member of an object."""
    listed = whole.get(name) if isinstance(whole, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict):
            yield each


def member(whole: Any, name: str) -> Json:
    """The object that is a member of an object."""
    found = whole.get(name) if isinstance(whole, dict) else None
    return found if isinstance(found, dict) else {}


def properties(resource: Any) -> Json:
    """The `properties` of a resource."""
    return member(resource, "properties")
