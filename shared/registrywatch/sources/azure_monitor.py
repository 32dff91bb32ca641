"""Azure Monitor records, as an Event Hub delivers them, as RegistryEvents.

Two kinds share the envelope: a registry's resource logs (category
ContainerRegistryRepositoryEvents; pulls, pushes and deletes) and the Activity Log (changes of
resources). Sources: Microsoft's "Azure Container Registry monitoring data reference" and "Activity
log event schema", and published records.
"""

from typing import Any

import msgspec

from registrywatch import times
from registrywatch.errors import UnreadableInput
from registrywatch.events import (
    Actor,
    ImagesDeleted,
    Pull,
    Push,
    RegistryEvent,
    RepositoryDeleted,
    What,
)
from registrywatch.sources import azure_names, resource_changes
from registrywatch.sources.azure_record import REPOSITORY_EVENTS, LogRecord

# Pushes are counted from Event Grid, which has imports and builds too; the log says who pushed.
OPERATIONS = frozenset({"pull", "push", "delete"})


class Properties(msgspec.Struct, gc=False):
    """The image in a resource log; missing values are the text "<nil>"."""

    repository: str | None = None
    digest: str | None = None
    tag: str | None = None
    loginServer: str | None = None
    userAgent: str | None = None


class ActivityIdentity(msgspec.Struct):
    authorization: azure_names.Authorization | None = None
    claims: dict[str, Any] | None = None


_properties = msgspec.json.Decoder(Properties | None)
_name = msgspec.json.Decoder(str | None)
_NOT_ANSWERED = ("", "<nil>")
_activity_identity = msgspec.json.Decoder(ActivityIdentity | None)


def is_read(category: object, operation: object) -> bool:
    """Whether some rule reads a record of this category and operation."""
    if not isinstance(operation, str):
        return False
    if isinstance(category, str) and category.lower() == REPOSITORY_EVENTS:
        return operation.lower() in OPERATIONS
    return resource_changes.is_read(operation)


def event_of(record: LogRecord) -> RegistryEvent | None:
    """The event; None if no rule reads it or the request failed.

    Raises UnreadableInput or msgspec.ValidationError if a field has no usable value.
    """
    operation = (record.operationName or "").lower()
    if not is_read(record.category, operation):
        if not record.category and operation in OPERATIONS:
            raise UnreadableInput("the record has no category")
        return None
    if operation in OPERATIONS:
        return _repository_event(record, operation) if _succeeded(record) else None
    if not record.resultType:
        raise UnreadableInput("the record does not say how the operation ended")
    # The Activity Log has a record each for the start, the success and the failure.
    ended_well = record.resultType.lower().startswith("succe")
    return _activity_event(record) if ended_well else None


def _succeeded(record: LogRecord) -> bool:
    """Whether the HTTP status is a success. Raises UnreadableInput if there is no status."""
    status = str(record.resultDescription)
    if len(status) == 3 and status.isdigit():
        return status[0] == "2"
    if status in _NOT_ANSWERED:
        return False
    raise UnreadableInput("the record has no HTTP status")


def _repository_event(record: LogRecord, operation: str) -> RegistryEvent | None:
    properties = _properties.decode(record.properties) if record.properties else None
    if properties is None:
        raise UnreadableInput("the record has no properties")
    repository = _given(properties.repository)
    # A request by digest has the digest in `tag`.
    image = _given(properties.digest) or _given(properties.tag)
    tag = _given(properties.tag)
    registry = azure_names.registry_name(record.resourceId) or azure_names.registry_label(
        _given(properties.loginServer)
    )
    who = _given(_name.decode(record.identity) if record.identity else None)
    what: What
    twin = None
    if operation == "pull":
        if image is None:
            return None
        # By tag if it was requested by tag, as on AWS: the same image then counts the same.
        image = tag if tag and ":" not in tag else image
        what = Pull((image,))
    elif operation == "push":
        # Pushes are counted from Event Grid; only the log names the identity.
        if who is None or not tag or ":" in tag:
            return None
        what = Push(_given(properties.digest), tag)
    elif image is not None:
        what = ImagesDeleted((image,), (tag,) if tag and ":" not in tag else ())
        twin = f"{registry}/{repository}@{image}"
    else:  # inferred: a "Delete" that names no image deletes the whole repository
        what = RepositoryDeleted(forced=True)
        twin = f"{registry}/{repository}"
    time = times.seconds(record.time)
    return RegistryEvent(
        id=record.correlationId or "",
        # Records have no id; one correlation id, or none, may belong to several requests.
        # Sources write times with different numbers of digits.
        key=f"{record.correlationId}|{time:.3f}|{operation}|{registry}/{repository}|{image}",
        time=time,
        cloud="azure",
        account=azure_names.subscription(record.resourceId),
        region=record.location,
        registry=azure_names.login_server(record.resourceId, _given(properties.loginServer)),
        repository=repository,
        actor=Actor(
            who.lower() if who else None,
            who,
            None,
            azure_names.address(record.callerIpAddress),
            _given(properties.userAgent),
        ),
        what=what,
        source="resource-log",
        twin=twin,
        registry_id=azure_names.registry_id(record.resourceId),
        resource=azure_names.registry_id(record.resourceId),
    )


def _activity_event(record: LogRecord) -> RegistryEvent | None:
    change = resource_changes.change(record.operationName, record.resourceId, record.properties)
    if change is None:
        if not record.resourceId:
            raise UnreadableInput("the record names no resource")
        return None
    identity = _activity_identity.decode(record.identity) if record.identity else None
    identity = identity or ActivityIdentity()
    twin = resource_changes.twin(record.correlationId, record.operationName, record.resourceId)
    time = times.seconds(record.time)
    return RegistryEvent(
        id=record.correlationId or "",
        # A record without a correlation id is identified by its content.
        key=f"{twin or (record.operationName, record.resourceId)}|{time:.3f}",
        time=time,
        cloud="azure",
        account=azure_names.subscription(record.resourceId),
        region=None,
        registry=azure_names.login_server(record.resourceId),
        repository=None,
        actor=azure_names.arm_actor(
            identity.claims, identity.authorization, record.callerIpAddress
        ),
        what=change,
        source="activity-log",
        twin=twin,
        registry_id=azure_names.registry_id(record.resourceId),
        resource=(record.resourceId or "").lower() or None,
    )


def _given(text: str | None) -> str | None:
    return text if text and text != "<nil>" else None
