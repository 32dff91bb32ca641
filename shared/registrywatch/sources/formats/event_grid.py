"""Event Grid's events, in its own schema and as CloudEvents."""

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.sources import event_grid
from registrywatch.sources.formats.format import (
    Fields,
    Format,
    NotRecognised,
    RecordKind,
    json_in,
    present,
    short,
    text_of,
)

_decode = msgspec.json.Decoder(event_grid.Event).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_KNOWN = ("microsoft.containerregistry.", "microsoft.resources.", "imagepushed", "imagedeleted")


def _read(event: bytes) -> RegistryEvent | None:
    decoded = _decode(event)
    if not (decoded.eventType or decoded.type):
        raise NotRecognised
    return event_grid.event_of(decoded)


def _type(fields: Fields) -> str | None:
    return text_of(fields, "eventType") or text_of(fields, "type")


def _wanted(fields: Fields) -> bool | None:
    kind = _type(fields)
    if not kind:
        return None
    if not event_grid.is_of_a_resource(kind):
        return event_grid.is_read(kind, None)
    try:
        [data] = json_in(fields, "data")
        operation = text_of(_decode_fields(data), "operationName")
    except (msgspec.DecodeError, ValueError):
        return None
    return event_grid.is_read(kind, operation) if operation else None


def _kind_of_other(fields: Fields) -> str | None:
    kind = _type(fields)
    if kind is None or kind.lower().startswith(_KNOWN):
        return None
    return f"Event Grid events of type {short(kind)}"


RECORD = RecordKind(
    read=_read,
    schema=lambda: event_grid.Event,
    inner=lambda: {"data": dict[str, object]},
    wanted=_wanted,
    names=("eventType", "type"),
    ids=("id",),
    other=_kind_of_other,
)

_DATA = (
    '{"timestamp": "2026-08-01T09:10:12.1234567Z", "action": "delete", "target":'
    ' {"digest": "sha256:d8c59e8348e0c03f9d2105eed9791438f9aea9586381b79deadbc857eef89d78",'
    ' "repository": "prod/api"}, "request": {"id": "r1", "host": "contoso.azurecr.io",'
    ' "method": "DELETE", "useragent": "AZURECLI/2.91.0"}}'
)
_REGISTRY = (
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg"
    "/providers/Microsoft.ContainerRegistry/registries/contoso"
)

EVENT_GRID = Format(
    name="an Event Grid event",
    source="an Event Grid subscription, its dead-letter container",
    example=(
        f'[{{"id": "33333333-0000-4000-8000-000000000001", "topic": "{_REGISTRY}",'
        ' "subject": "prod/api", "eventType": "Microsoft.ContainerRegistry.ImageDeleted",'
        f' "eventTime": "2026-08-01T09:10:12.5Z", "data": {_DATA}, "dataVersion": "1.0"}}]'
    ),
    recognise=lambda fields: present(fields, "eventType", "data"),
    record=RECORD,
)
CLOUD_EVENT = Format(
    name="a CloudEvent",
    source="the same, in the CloudEvents schema",
    example=(
        f'{{"id": "33333333-0000-4000-8000-000000000002", "source": "{_REGISTRY}",'
        ' "subject": "prod/api", "type": "Microsoft.ContainerRegistry.ImageDeleted",'
        f' "time": "2026-08-01T09:10:12.5Z", "data": {_DATA}, "specversion": "1.0"}}'
    ),
    recognise=lambda fields: present(fields, "type", "data") and present(fields, "source"),
    record=RECORD,
)
