"""Azure Monitor's records as they are decoded; `azure_monitor` turns them into events."""

import functools

import msgspec

REPOSITORY_EVENTS = "containerregistryrepositoryevents"


class LogRecord(msgspec.Struct, gc=False):
    """The members of a record that are read.

    `identity` is a name in resource logs, an object in the Activity Log. A resource log has the
    HTTP status in `resultDescription`, as text, and "HttpStatusCode" in `resultType`; the Activity
    Log has the result in `resultType`.
    """

    time: str | None = None
    category: str | None = None
    resourceId: str | None = None
    operationName: str | None = None
    resultType: str | None = None
    resultDescription: str | int | None = None
    callerIpAddress: str | None = None
    correlationId: str | None = None
    location: str | None = None
    identity: msgspec.Raw = msgspec.Raw()
    properties: msgspec.Raw = msgspec.Raw()


# The Activity Log's categories, present and former, and a registry's own.
_CATEGORIES = frozenset(
    {
        REPOSITORY_EVENTS,
        "containerregistryloginevents",
        "administrative",
        "action",
        "alert",
        "autoscale",
        "delete",
        "policy",
        "recommendation",
        "resourcehealth",
        "security",
        "servicehealth",
        "write",
    }
)


@functools.lru_cache(1024)
def other_category(category: str | None) -> str | None:
    """The name for records of a category that holds no events of registries, else None."""
    if not category or category.lower() in _CATEGORIES:
        return None
    return f"Azure Monitor logs of category {category[:60]}"
