"""Event Grid events of a container registry or a subscription, as RegistryEvents.

Both schemas are read: Event Grid's own and CloudEvents. Sources: Microsoft's "Azure Container
Registry as an Event Grid source" and "Azure subscription as an Event Grid source". Events of a
registry usually name no actor: actor and address are optional.
"""

from typing import Any

import msgspec

from registrywatch import times
from registrywatch.errors import UnreadableInput
from registrywatch.events import Actor, ImagesDeleted, Push, RegistryEvent, RepositoryDeleted, What
from registrywatch.sources import azure_names, resource_changes

_REGISTRY_PREFIX = "microsoft.containerregistry."
_RESOURCE_EVENTS = frozenset(
    {
        "microsoft.resources.resourcewritesuccess",
        "microsoft.resources.resourcedeletesuccess",
        "microsoft.resources.resourceactionsuccess",
    }
)


class Event(msgspec.Struct):
    """The envelope, in either schema: `source`, `type` and `time` are CloudEvents' names."""

    id: str | None = None
    subject: str | None = None
    topic: str | None = None
    source: str | None = None
    eventType: str | None = None
    type: str | None = None
    eventTime: str | None = None
    time: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Target(msgspec.Struct):
    digest: str | None = None
    repository: str | None = None
    tag: str | None = None


class Request(msgspec.Struct):
    id: str | None = None
    host: str | None = None
    addr: str | None = None
    useragent: str | None = None


class Name(msgspec.Struct):
    name: str | None = None


class ImageData(msgspec.Struct):
    """`data` of ImagePushed and ImageDeleted; connected registries leave out `request`."""

    timestamp: str | None = None
    location: str | None = None
    target: Target | None = None
    request: Request | None = None
    actor: Name | None = None


class HttpRequest(msgspec.Struct):
    clientIpAddress: str | None = None


class ResourceData(msgspec.Struct):
    """`data` of ResourceWriteSuccess, …DeleteSuccess, …ActionSuccess; not the request's body."""

    authorization: azure_names.Authorization | None = None
    claims: dict[str, Any] | None = None
    correlationId: str | None = None
    operationName: str | None = None
    resourceUri: str | None = None
    httpRequest: HttpRequest | None = None


_image_data = msgspec.json.Decoder(ImageData)
_resource_data = msgspec.json.Decoder(ResourceData)


def is_read(event_type: str, operation: str | None) -> bool:
    """Whether some rule reads an event of this type; for a resource's change, of this operation."""
    if _kind(event_type) in ("imagepushed", "imagedeleted"):
        return True
    return is_of_a_resource(event_type) and resource_changes.is_read(operation)


def is_of_a_resource(event_type: str) -> bool:
    """Whether events of this type report a change of a resource of any kind."""
    return event_type.lower() in _RESOURCE_EVENTS


def event_of(event: Event) -> RegistryEvent | None:
    """The event; None if no rule reads it.

    Raises UnreadableInput or msgspec.ValidationError if a field has no usable value.
    """
    event_type = event.eventType or event.type or ""
    topic = event.topic or event.source
    time = event.eventTime or event.time
    kind = _kind(event_type)
    if kind in ("imagepushed", "imagedeleted"):
        return _image_event(event.id, kind, topic, time, _image_data.decode(event.data))
    if event_type.lower() in _RESOURCE_EVENTS:
        data = _resource_data.decode(event.data)
        if not data.operationName:
            raise UnreadableInput("data names no operation")
        return _resource_event(event.id, topic, event.subject, time, data)
    return None


def _kind(event_type: str) -> str:
    """The type in lower case and without its prefix, which a published sample lacks."""
    return event_type.lower().removeprefix(_REGISTRY_PREFIX)


def _image_event(
    event_id: str | None, kind: str, topic: str | None, time: str | None, data: ImageData
) -> RegistryEvent:
    target = data.target
    if target is None:
        raise UnreadableInput("data has no target")
    request = data.request or Request()
    repository = target.repository
    registry = azure_names.registry_name(topic) or request.host
    what: What
    twin = None
    if kind == "imagepushed":
        what = Push(digest=target.digest or None, tag=target.tag or None)
    elif target.digest:
        tags = (target.tag,) if target.tag else ()
        what = ImagesDeleted((target.digest,), tags, request=request.id)
        twin = f"{registry}/{repository}@{target.digest}"
    else:  # older registries report the deletion of a whole repository so; unverified for ACR
        what = RepositoryDeleted(forced=True, request=request.id)
        twin = f"{registry}/{repository}"
    name = data.actor.name if data.actor else None
    return _event(
        event_id,
        time or data.timestamp,
        what,
        resource_id=topic,
        host=request.host,
        region=data.location,
        repository=repository,
        actor=Actor(
            id=name.lower() if name else None,
            name=name or None,
            ip=azure_names.address(request.addr),
            user_agent=request.useragent,
        ),
        twin=twin,
    )


def _resource_event(
    event_id: str | None,
    topic: str | None,
    subject: str | None,
    time: str | None,
    data: ResourceData,
) -> RegistryEvent | None:
    resource_id = data.resourceUri or subject
    change = resource_changes.change(data.operationName, resource_id)
    if change is None:
        return None
    ip = data.httpRequest.clientIpAddress if data.httpRequest else None
    return _event(
        event_id,
        time,
        change,
        resource_id=resource_id or topic,
        actor=azure_names.arm_actor(data.claims, data.authorization, ip),
        twin=resource_changes.twin(data.correlationId, data.operationName, resource_id),
    )


def _event(
    event_id: str | None,
    time: str | None,
    what: What,
    *,
    resource_id: str | None,
    actor: Actor,
    host: str | None = None,
    region: str | None = None,
    repository: str | None = None,
    twin: str | None = None,
) -> RegistryEvent:
    if not event_id:
        raise UnreadableInput("the event has no id")
    return RegistryEvent(
        id=event_id,
        key=event_id,
        time=times.seconds(time),
        cloud="azure",
        account=azure_names.subscription(resource_id),
        region=region,
        registry=azure_names.login_server(resource_id, host),
        repository=repository,
        actor=actor,
        what=what,
        source="event-grid",
        twin=twin,
        registry_id=azure_names.registry_id(resource_id),
        resource=(resource_id or "").lower() or None,
    )
