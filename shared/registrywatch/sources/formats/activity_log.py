"""The Activity Log as the Azure CLI, PowerShell and the REST API print it."""

import re
from datetime import UTC, datetime

import msgspec
from msgspec import json

from registrywatch.events import RegistryEvent
from registrywatch.sources import azure_monitor
from registrywatch.sources.azure_names import Authorization
from registrywatch.sources.azure_record import LogRecord
from registrywatch.sources.formats.format import (
    Fields,
    Format,
    NotRecognised,
    RecordKind,
    begins,
    elements,
    present,
    text_of,
)


class Localized(msgspec.Struct):
    """A word and its translation."""

    value: str | None = None


class HttpRequest(msgspec.Struct):
    clientIpAddress: str | None = None


class Entry(msgspec.Struct):
    """What is read of an entry. PowerShell writes texts where the others write `Localized`."""

    operationName: Localized | str | None = None
    category: Localized | str | None = None
    status: Localized | str | None = None
    eventTimestamp: str | None = None
    resourceId: str | None = None
    correlationId: str | None = None
    caller: str | None = None
    claims: dict[str, object] | None = None
    authorization: Authorization | None = None
    httpRequest: HttpRequest | None = None
    properties: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(Entry).decode
_decode_word = msgspec.json.Decoder(Localized | str | None).decode


def _word(value: Localized | str | None) -> str | None:
    if isinstance(value, str) and value.startswith("{"):  # an export made a text of the object
        value = _decode_word(value)
    return value.value if isinstance(value, Localized) else value


def _read(record: bytes) -> RegistryEvent | None:
    entry = _decode(record)
    operation = _word(entry.operationName)
    if not operation:
        raise NotRecognised
    claims = {**(entry.claims or {}), "caller": entry.caller}
    identity = {"claims": claims, "authorization": entry.authorization}
    return azure_monitor.event_of(
        LogRecord(
            time=entry.eventTimestamp,
            category=_word(entry.category) or "Administrative",
            resourceId=entry.resourceId,
            operationName=operation,
            resultType=_word(entry.status),
            callerIpAddress=entry.httpRequest.clientIpAddress if entry.httpRequest else None,
            correlationId=entry.correlationId,
            identity=msgspec.Raw(msgspec.json.encode(identity)),
            properties=entry.properties,
        )
    )


def _wanted(fields: Fields) -> bool | None:
    try:
        operation = _word(_decode_word(fields.get("operationName", b"null")))
    except msgspec.DecodeError:
        return None
    return azure_monitor.is_read("Administrative", operation) if operation else None


RECORD = RecordKind(
    read=_read,
    schema=lambda: Entry,
    wanted=_wanted,
    names=("operationName",),
    ids=("correlationId", "eventDataId"),
    who=("claims", "authorization", "httpRequest", "caller"),
)

_ENTRY = (
    '{"authorization": {"action": "Microsoft.ContainerRegistry/registries/delete",'
    ' "scope": "/subscriptions/00000000-0000-4000-8000-000000000001"},'
    ' "caller": "alice@contoso.example", "category": {"value": "Administrative"},'
    ' "correlationId": "55555555-0000-4000-8000-000000000001",'
    ' "eventTimestamp": "2026-08-01T09:10:12.6021772Z",'
    ' "operationName": {"localizedValue": "Delete Container Registry",'
    ' "value": "Microsoft.ContainerRegistry/registries/delete"},'
    ' "resourceId": "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg'
    '/providers/Microsoft.ContainerRegistry/registries/contoso",'
    ' "status": {"value": "Succeeded"}}'
)

ACTIVITY_LOG_ENTRY = Format(
    name="an entry of the Activity Log",
    source="`az monitor activity-log list`",
    example=f"[{_ENTRY}]",
    recognise=lambda fields: (
        "operationName" in fields
        and (present(fields, "eventTimestamp") or begins(fields, "operationName", b"{"))
        and not (text_of(fields, "category") or "").startswith("ContainerRegistry")
    ),
    record=RECORD,
)


def _in_camel_case(fields: Fields) -> list[bytes]:
    """The entry with the API's names. Windows PowerShell writes times as `/Date(milliseconds)/`."""
    made = {f"{name[:1].lower()}{name[1:]}": json.decode(raw) for name, raw in fields.items()}
    time = made.get("eventTimestamp")
    if isinstance(time, str) and (old := re.fullmatch(_OLD_TIME, time)):
        moment = datetime.fromtimestamp(int(old[1]) / 1000, UTC)
        made["eventTimestamp"] = moment.isoformat()
    return [json.encode(made)]


_OLD_TIME = r"/Date\((\d{1,15})\)/"

POWERSHELL_ENTRY = Format(
    name="an entry of the Activity Log from PowerShell",
    source="`Get-AzActivityLog | ConvertTo-Json`",
    example=(
        '[{"Caller": "alice@contoso.example", "Category": "Administrative",'
        ' "CorrelationId": "55555555-0000-4000-8000-000000000001",'
        ' "EventTimestamp": "2026-08-01T09:10:12.6021772Z",'
        ' "OperationName": "Microsoft.ContainerRegistry/registries/delete",'
        ' "ResourceId": "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg'
        '/providers/Microsoft.ContainerRegistry/registries/contoso",'
        ' "Status": "Succeeded"}]'
    ),
    recognise=lambda fields: present(fields, "EventTimestamp") and "OperationName" in fields,
    unwrap=_in_camel_case,
)
RESOURCE_MANAGER_LIST = Format(
    name="a page of the Activity Log's REST API",
    source="`az rest`, `Microsoft.Insights/eventtypes/management/values`",
    example=f'{{"value": [{_ENTRY}], "nextLink": null}}',
    recognise=lambda fields: begins(fields, "value", b"[") and text_of(fields, "name") is None,
    unwrap=lambda fields: elements(fields, "value"),
)
