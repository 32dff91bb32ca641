"""CloudTrail's records: alone, in log files, and as exports with other types."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from registrywatch.errors import UnreadableInput
from registrywatch.events import RegistryEvent
from registrywatch.sources import cloudtrail
from registrywatch.sources.cloudtrail_record import NeedsWideRecord, Record
from registrywatch.sources.ecr_calls import LifecycleDetails
from registrywatch.sources.ecr_settings import TlsDetails
from registrywatch.sources.formats.format import (
    Fields,
    Format,
    NotRecognised,
    RecordKind,
    elements,
    present,
    text_of,
)
from registrywatch.sources.identity import UserIdentity

_decode = msgspec.json.Decoder(Record).decode
_decode_any = msgspec.json.Decoder().decode


def _wide() -> type:
    from registrywatch.sources.wide_record import WideRecord  # with the first rare call

    return WideRecord


@functools.cache
def _wide_decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_wide())


@functools.cache
def _inner() -> Mapping[str, Any]:
    from registrywatch.sources import registry_calls, scanner_calls  # few processes need them

    return {
        "userIdentity": UserIdentity | None,
        "tlsDetails": TlsDetails | None,
        "serviceEventDetails": LifecycleDetails | None,
        "resources": list[cloudtrail.Resource] | None,
        "isMultiRegionTrail": bool | None,
        "eventSelectors": list[dict[str, Any]] | None,
        "advancedEventSelectors": list[dict[str, Any]] | None,
        "isOrganizationTrail": bool | None,
        "enabled": bool | None,
        "overwrite": bool | None,
        "removeAllPermissions": bool | None,
        "reservedConcurrentExecutions": int | None,
        "alarmNames": list[str] | None,
        "names": list[str] | None,
        **registry_calls.INNER,
        **scanner_calls.INNER,
    }


_SOURCES = 1000  # other services' event sources that are noted; there are about 300
NOT_TRAIL = "aws:"
"""How S3, SQS and SNS begin the event source in their lists of `Records`."""


def is_record(record: Record) -> bool:
    """Whether it is a record of CloudTrail."""
    return bool(record.eventName and record.eventSource and record.eventSource[:4] != NOT_TRAIL)


class Head(msgspec.Struct, gc=False):
    """What says whether a rule reads a record."""

    eventSource: str
    eventName: str


class _Every(frozenset[str]):
    """All names; CloudTrail has no empty one."""

    def __contains__(self, name: object) -> bool:
        return bool(name)


class _Calls(dict[str | None, frozenset[str]]):
    """The names of the calls that some rule may read, by event source."""

    def __missing__(self, source: str | None) -> frozenset[str]:
        """Of another service none. Raises NotRecognised if it is not a service's."""
        if not source or source.startswith(NOT_TRAIL):
            raise NotRecognised
        if len(self) < _SOURCES:
            self[source] = frozenset()
        return frozenset()


_calls = _Calls({**cloudtrail.CALLS, **dict.fromkeys(cloudtrail.REFUSED, _Every())})


def wanted(records: Iterable[Head | Record]) -> list[int]:
    """The places of the records that some rule may read. Raises NotRecognised for other things."""
    calls, places = _calls, []
    for place, record in enumerate(records):
        if (name := record.eventName) in calls[record.eventSource]:
            places.append(place)
        elif not name:
            raise NotRecognised
    return places


def _read(record: bytes) -> RegistryEvent | None:
    decoded = _decode(record)
    if not is_record(decoded):
        raise NotRecognised
    try:
        return cloudtrail.event_of(decoded)
    except NeedsWideRecord:
        return cloudtrail.event_of(_wide_decoder().decode(_plain(record)))


def _plain(record: bytes) -> bytes:
    """A rare call's record, with its types corrected; nothing else would check undecoded members.

    Some numbers fit into JSON and into nothing else; such a record stays as it is.
    """
    from registrywatch.sources.coercion import coerced

    try:
        return msgspec.json.encode(coerced(_decode_any(record), _wide(), _inner()))
    except (msgspec.MsgspecError, OverflowError):
        return record


def _wanted(fields: Fields) -> bool | None:
    source, name = text_of(fields, "eventSource"), text_of(fields, "eventName")
    if not source or not name:
        return None
    return cloudtrail.is_read(source, name)


RECORD = RecordKind(
    read=_read,
    schema=_wide,
    inner=_inner,
    wanted=_wanted,
    names=("eventName",),
    ids=("eventID",),
    who=("userIdentity", "userAgent", "sourceIPAddress"),
    beside=("responseElements", "tlsDetails", "resources", "sharedEventID", "addendum"),
)

_CALL = (
    '{"eventVersion": "1.11", "eventTime": "2026-08-01T09:10:12Z",'
    ' "eventSource": "ecr.amazonaws.com", "eventName": "DeleteRepository",'
    ' "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",'
    ' "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob",'
    ' "accountId": "111122223333"},'
    ' "requestParameters": {"repositoryName": "prod/api", "force": true},'
    ' "eventID": "11111111-0000-4000-8000-000000000001"}'
)

CLOUDTRAIL_RECORD = Format(
    name="a CloudTrail record",
    source="`jq -c '.Records[]'` over log files, CloudTrail Lake, most SIEMs",
    example=_CALL,
    recognise=lambda fields: present(fields, "eventSource") and "eventName" in fields,
    record=RECORD,
)
CLOUDTRAIL_LOG_FILE = Format(
    name="a CloudTrail log file",
    source="a trail's S3 bucket, gzip or not",
    example=f'{{"Records": [{_CALL}]}}',
    recognise=lambda fields: present(fields, "Records"),
    unwrap=lambda fields: elements(fields, "Records"),
    holds=RECORD,
)


def _is_export(fields: Fields) -> bool:
    return present(fields, "eventname", "eventsource")


def _restored(fields: Fields) -> list[bytes]:
    from registrywatch.sources.coercion import coerced

    row = {name: msgspec.json.decode(raw) for name, raw in fields.items()}
    made = coerced(row, _wide(), _inner())
    if not isinstance(made.get("eventName"), str):
        raise UnreadableInput("eventname is no text")
    return [msgspec.json.encode(made)]


CLOUDTRAIL_EXPORT = Format(
    name="a row of an Athena table of CloudTrail",
    source=(
        "Athena's `UNLOAD … format = 'JSON'`, SIEMs: names in lower case; objects as JSON text,"
        " truth values and account ids as text or not"
    ),
    example=(
        '{"eventtime": "2026-08-01T09:10:12Z", "eventsource": "ecr.amazonaws.com",'
        ' "eventname": "DeleteRepository", "awsregion": "eu-west-1",'
        ' "useridentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob",'
        ' "accountid": "111122223333"},'
        ' "requestparameters": "{\\"repositoryName\\": \\"prod/api\\", \\"force\\": true}",'
        ' "eventid": "11111111-0000-4000-8000-000000000001"}'
    ),
    recognise=_is_export,
    unwrap=_restored,
)
