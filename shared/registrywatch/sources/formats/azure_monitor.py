"""Azure Monitor's records: alone, in messages of an Event Hub, in a storage account."""

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.sources import azure_monitor
from registrywatch.sources.azure_record import LogRecord, other_category
from registrywatch.sources.formats.format import (
    Fields,
    Format,
    NotRecognised,
    RecordKind,
    elements,
    present,
    text_of,
)

_decode = msgspec.json.Decoder(LogRecord).decode


def _read(record: bytes) -> RegistryEvent | None:
    decoded = _decode(record)
    if not decoded.operationName and not other_category(decoded.category):
        raise NotRecognised
    return azure_monitor.event_of(decoded)


def _wanted(fields: Fields) -> bool | None:
    category, operation = text_of(fields, "category"), text_of(fields, "operationName")
    if other_category(category):
        return False
    if not operation or (category is None and present(fields, "category")):
        return None
    if not category and operation.lower() in azure_monitor.OPERATIONS:
        return None
    return azure_monitor.is_read(category, operation)


RECORD = RecordKind(
    read=_read,
    schema=lambda: LogRecord,
    inner=lambda: {
        "properties": azure_monitor.Properties,
        "identity": azure_monitor.ActivityIdentity,
    },
    wanted=_wanted,
    names=("operationName",),
    ids=("correlationId",),
    who=("identity", "callerIpAddress", "location"),
    other=lambda fields: other_category(text_of(fields, "category")),
)

_PULL = (
    '{"time": "2026-08-01T09:10:12.1931730Z", "category": "ContainerRegistryRepositoryEvents",'
    ' "resourceId": "/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000001/RESOURCEGROUPS/RG'
    '/PROVIDERS/MICROSOFT.CONTAINERREGISTRY/REGISTRIES/CONTOSO", "operationName": "Pull",'
    ' "identity": "alice@contoso.example", "resultType": "HttpStatusCode",'
    ' "resultDescription": "200", "callerIpAddress": "203.0.113.12",'
    ' "correlationId": "66666666-0000-4000-8000-000000000001",'
    ' "properties": {"repository": "prod/api", "tag": "v1", "digest": "<nil>",'
    ' "loginServer": "contoso.azurecr.io"}}'
)

AZURE_MONITOR_RECORD = Format(
    name="an Azure Monitor record",
    source="a diagnostic setting's storage account (`PT1H.json`), a record out of an Event Hub",
    example=_PULL,
    recognise=lambda fields: (
        present(fields, "operationName", "resourceId") or present(fields, "category", "resourceId")
    ),
    record=RECORD,
)
EVENT_HUB_MESSAGE = Format(
    name="an Event Hub message of Azure Monitor",
    source="a diagnostic setting or the Activity Log, sent to an Event Hub",
    example=f'{{"records": [{_PULL}]}}',
    recognise=lambda fields: present(fields, "records"),
    unwrap=lambda fields: elements(fields, "records"),
    holds=RECORD,
)
AZURE_METRIC = Format(
    name="an Azure Monitor metric",
    source="a diagnostic setting that also sends metrics",
    example=(
        '{"count": 1, "total": 3, "minimum": 3, "maximum": 3, "average": 3,'
        ' "resourceId": "/SUBSCRIPTIONS/S/…/REGISTRIES/CONTOSO", "time": "2026-08-01T09:10:00Z",'
        ' "metricName": "TotalPullCount", "timeGrain": "PT1M"}'
    ),
    recognise=lambda fields: present(fields, "metricName", "timeGrain"),
    other=lambda _: "Azure Monitor metrics",
)
