"""Rows of Log Analytics: data exports, results of queries, in each shape that tools print."""

from collections.abc import Iterator

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.events import RegistryEvent
from registrywatch.sources import azure_monitor
from registrywatch.sources.azure_record import REPOSITORY_EVENTS, LogRecord
from registrywatch.sources.formats.format import (
    Fields,
    Format,
    NotRecognised,
    RecordKind,
    begins,
    elements,
    present,
    short,
    text_of,
)


class RepositoryRow(msgspec.Struct):
    """What is read of a row of ContainerRegistryRepositoryEvents."""

    TimeGenerated: str | None = None
    OperationName: str | None = None
    ResultDescription: str | int | None = None
    Repository: str | None = None
    Tag: str | None = None
    Digest: str | None = None
    Identity: str | None = None
    CallerIpAddress: str | None = None
    CorrelationId: str | None = None
    LoginServer: str | None = None
    UserAgent: str | None = None
    Region: str | None = None
    ResourceId: str | None = msgspec.field(name="_ResourceId", default=None)


class ActivityRow(msgspec.Struct):
    """What is read of a row of AzureActivity. `Claims` and `Authorization` are JSON text or not."""

    TimeGenerated: str | None = None
    OperationNameValue: str | None = None
    ActivityStatusValue: str | None = None
    CategoryValue: str | None = None
    Caller: str | None = None
    CallerIpAddress: str | None = None
    CorrelationId: str | None = None
    Claims: dict[str, object] | None = None
    Claims_d: dict[str, object] | None = None
    Authorization: dict[str, object] | None = None
    Authorization_d: dict[str, object] | None = None
    Properties: msgspec.Raw = msgspec.Raw()
    ResourceId: str | None = msgspec.field(name="_ResourceId", default=None)
    OwnResourceId: str | None = msgspec.field(name="ResourceId", default=None)


_decode_repository_row = msgspec.json.Decoder(RepositoryRow).decode
_decode_activity_row = msgspec.json.Decoder(ActivityRow).decode


def _read_repository_row(row: bytes) -> RegistryEvent | None:
    made = _decode_repository_row(row)
    # A query may leave columns out. Without the status, a look-up that failed passes for a pull.
    if not made.OperationName or made.ResultDescription is None:
        raise NotRecognised
    properties = azure_monitor.Properties(
        made.Repository, made.Digest, made.Tag, made.LoginServer, made.UserAgent
    )
    return azure_monitor.event_of(
        LogRecord(
            time=made.TimeGenerated,
            category=REPOSITORY_EVENTS,
            resourceId=made.ResourceId,
            operationName=made.OperationName,
            resultDescription=made.ResultDescription,
            callerIpAddress=made.CallerIpAddress,
            correlationId=made.CorrelationId,
            location=made.Region,
            identity=msgspec.Raw(msgspec.json.encode(made.Identity)),
            properties=msgspec.Raw(msgspec.json.encode(properties)),
        )
    )


def _wants_repository_row(fields: Fields) -> bool | None:
    operation = text_of(fields, "OperationName")
    if not operation or not present(fields, "ResultDescription"):
        return None
    return azure_monitor.is_read(REPOSITORY_EVENTS, operation)


def _read_activity_row(row: bytes) -> RegistryEvent | None:
    made = _decode_activity_row(row)
    if not made.OperationNameValue or not made.ActivityStatusValue:
        raise NotRecognised
    claims = {**(made.Claims_d or made.Claims or {}), "caller": made.Caller}
    identity = {"claims": claims, "authorization": made.Authorization_d or made.Authorization}
    return azure_monitor.event_of(
        LogRecord(
            time=made.TimeGenerated,
            category=made.CategoryValue or "Administrative",
            resourceId=made.ResourceId or made.OwnResourceId,
            operationName=made.OperationNameValue,
            resultType=made.ActivityStatusValue,
            callerIpAddress=made.CallerIpAddress,
            correlationId=made.CorrelationId,
            identity=msgspec.Raw(msgspec.json.encode(identity)),
            properties=made.Properties,
        )
    )


def _wants_activity_row(fields: Fields) -> bool | None:
    operation = text_of(fields, "OperationNameValue")
    if not operation or not present(fields, "ActivityStatusValue"):
        return None
    return azure_monitor.is_read("Administrative", operation)


def _table(fields: Fields) -> str | None:
    """The table that a row is of. The Azure CLI calls every one PrimaryResult."""
    for name in ("Type", "Category", "TableName"):
        if (table := text_of(fields, name)) and table != "PrimaryResult":
            return table
    return None


def _is_row(fields: Fields) -> bool:
    return present(fields, "TimeGenerated") or (
        present(fields, "OperationName") and "operationName" not in fields
    )


def _is_repository_row(fields: Fields) -> bool:
    if not _is_row(fields):
        return False
    table = (_table(fields) or "").lower()
    return table == REPOSITORY_EVENTS or (
        present(fields, "OperationName", "Repository") and table in ("", "primaryresult")
    )


def _is_activity_row(fields: Fields) -> bool:
    return _is_row(fields) and (
        present(fields, "OperationNameValue") or (_table(fields) or "") == "AzureActivity"
    )


def _is_other_row(fields: Fields) -> bool:
    """A row of a table without registry events; AzureDiagnostics mixes the logs of services."""
    of_registry = (text_of(fields, "Category") or "").lower() == REPOSITORY_EVENTS
    return (
        _is_row(fields)
        and not of_registry
        and (_table(fields) or "").lower() not in ("", "primaryresult")
    )


_NAMED = ("OperationName", "OperationNameValue")
_PULL = (
    '{"TimeGenerated": "2026-08-01T09:10:12.1931730Z", "OperationName": "Pull",'
    ' "ResultType": "HttpStatusCode", "ResultDescription": "200", "Repository": "prod/api",'
    ' "Tag": "v1", "Digest": "<nil>", "Identity": "alice@contoso.example",'
    ' "CallerIpAddress": "203.0.113.12", "LoginServer": "contoso.azurecr.io",'
    ' "CorrelationId": "66666666-0000-4000-8000-000000000001", "Region": "westeurope",'
    ' "Type": "ContainerRegistryRepositoryEvents", "_ResourceId": "/subscriptions/'
    "00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers"
    '/microsoft.containerregistry/registries/contoso"}'
)

REPOSITORY_ROW = Format(
    name="a row of ContainerRegistryRepositoryEvents",
    source="a workspace's data export, `az monitor log-analytics query`",
    example=f"[{_PULL}]",
    recognise=_is_repository_row,
    record=RecordKind(
        read=_read_repository_row,
        schema=lambda: RepositoryRow,
        wanted=_wants_repository_row,
        names=_NAMED,
        ids=("CorrelationId",),
        who=("Identity", "CallerIpAddress", "UserAgent", "Region"),
    ),
)
ACTIVITY_ROW = Format(
    name="a row of AzureActivity",
    source="the same, of the Activity Log in a workspace",
    example=(
        '[{"TimeGenerated": "2026-08-01T09:10:12.602Z",'
        ' "OperationNameValue": "MICROSOFT.CONTAINERREGISTRY/REGISTRIES/DELETE",'
        ' "ActivityStatusValue": "Success", "CategoryValue": "Administrative",'
        ' "Caller": "alice@contoso.example", "CallerIpAddress": "203.0.113.12",'
        ' "CorrelationId": "55555555-0000-4000-8000-000000000001", "Type": "AzureActivity",'
        ' "_ResourceId": "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg'
        '/providers/microsoft.containerregistry/registries/contoso"}]'
    ),
    recognise=_is_activity_row,
    record=RecordKind(
        read=_read_activity_row,
        schema=lambda: ActivityRow,
        wanted=_wants_activity_row,
        names=_NAMED,
        ids=("CorrelationId",),
        who=("Claims", "Claims_d", "Authorization", "Authorization_d", "Caller"),
    ),
)
OTHER_ROW = Format(
    name="a row of another table",
    source="an export or a query of other tables",
    example='{"TimeGenerated": "2026-08-01T09:10:12Z", "Type": "Heartbeat", "Computer": "vm1"}',
    recognise=_is_other_row,
    other=lambda fields: f"Log Analytics rows of {short(_table(fields))}",
)


class _Column(msgspec.Struct):
    name: str


class _Table(msgspec.Struct):
    """A table; the SDKs write columns as names alone."""

    columns: list[_Column | str]
    rows: list[list[msgspec.Raw]]


_decode_table = msgspec.json.Decoder(_Table).decode


def _rows(fields: Fields) -> Iterator[bytes]:
    for table in elements(fields, "tables"):
        made = _decode_table(table)
        names = [each if isinstance(each, str) else each.name for each in made.columns]
        for row in made.rows:
            if len(row) != len(names):
                raise UnreadableInput(f"a row of {len(row)} values under {len(names)} columns")
            yield msgspec.json.encode(dict(zip(names, row, strict=True)))


QUERY_RESULT = Format(
    name="a query's result with tables, columns and rows",
    source="the REST API and SDKs of Log Analytics, the portal",
    example=(
        '{"tables": [{"name": "PrimaryResult", "columns": [{"name": "TimeGenerated"},'
        ' {"name": "OperationName"}, {"name": "ResultDescription"}, {"name": "Repository"},'
        ' {"name": "Tag"}, {"name": "Identity"}, {"name": "LoginServer"},'
        ' {"name": "CorrelationId"}],'
        ' "rows": [["2026-08-01T09:10:12.193173Z", "Pull", "200", "prod/api", "v1",'
        ' "alice@contoso.example", "contoso.azurecr.io",'
        ' "66666666-0000-4000-8000-000000000001"]]}]}'
    ),
    recognise=lambda fields: begins(fields, "tables", b"["),
    unwrap=_rows,
)
