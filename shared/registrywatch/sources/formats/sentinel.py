"""Rows of AWSCloudTrail, the table in which Microsoft Sentinel keeps CloudTrail's records.

Its columns are the members of a record in Pascal case; those of `userIdentity` and its session are
columns of their own. Source: the Azure Monitor reference of the table AWSCloudTrail.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.sources.formats.format import Fields, Format, present, text_of

TABLE = "AWSCloudTrail"
_COLUMNS = {
    "eventtypename": "eventType",
    "awseventid": "eventID",
    "timegenerated": "eventTime",
    "sharedeventid": "sharedEventID",
}
"""The columns that have other names than the members, in lower case."""
_IDENTITY = "useridentity"
_ISSUER = "sessionissuer"
_TLS = {"tlsversion": "tlsVersion", "ciphersuite": "cipherSuite"}


def _is_row(fields: Fields) -> bool:
    if not present(fields, "TimeGenerated"):
        return False
    return text_of(fields, "Type") == TABLE or present(fields, "EventSource", "AwsEventId")


def _record(fields: Fields) -> list[bytes]:
    """The record of a row, as an export with names in lower case: its types are corrected next."""
    row = {name.lower(): msgspec.json.decode(raw) for name, raw in fields.items()}
    if not row.get("eventname") or not row.get("eventsource"):
        raise UnreadableInput("the row has no EventName or no EventSource")
    made = {_COLUMNS.get(name, name): value for name, value in row.items() if value != ""}
    identity = _members(row, _IDENTITY)
    if issuer := _members(row, _ISSUER):
        identity["sessionContext"] = {"sessionIssuer": issuer}
    made[_IDENTITY] = identity
    if tls := {name: row[column] for column, name in _TLS.items() if row.get(column)}:
        made["tlsDetails"] = tls
    return [msgspec.json.encode(made)]


def _members(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The columns with a prefix, as members of one object."""
    return {
        name.removeprefix(prefix): value
        for name, value in row.items()
        if name.startswith(prefix) and value not in ("", None)
    }


CLOUDTRAIL_ROW = Format(
    name="a row of AWSCloudTrail",
    source="Microsoft Sentinel: a query or an export of its workspace",
    example=(
        '[{"TimeGenerated": "2026-08-01T09:10:12Z", "Type": "AWSCloudTrail",'
        ' "EventSource": "ecr.amazonaws.com", "EventName": "DeleteRepository",'
        ' "AWSRegion": "eu-west-1", "RecipientAccountId": "111122223333",'
        ' "UserIdentityType": "AssumedRole", "UserIdentityAccountId": "111122223333",'
        ' "UserIdentityArn": "arn:aws:sts::111122223333:assumed-role/Dev/alice",'
        ' "SessionIssuerArn": "arn:aws:iam::111122223333:role/Dev",'
        ' "SourceIpAddress": "203.0.113.12", "ErrorCode": "",'
        ' "RequestParameters": "{\\"repositoryName\\": \\"prod/api\\", \\"force\\": true}",'
        ' "AwsEventId": "11111111-0000-4000-8000-000000000001"}]'
    ),
    recognise=_is_row,
    unwrap=_record,
)
