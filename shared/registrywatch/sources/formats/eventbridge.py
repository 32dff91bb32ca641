"""Events as EventBridge delivers them."""

import msgspec

from registrywatch.sources import cloudtrail
from registrywatch.sources.formats.cloudtrail import CLOUDTRAIL_RECORD, RECORD, Head
from registrywatch.sources.formats.format import (
    UNDECODABLE,
    Fields,
    Format,
    json_in,
    present,
    short,
    text_of,
)

_decode_head = msgspec.json.Decoder(Head).decode
DETAIL_TYPES = frozenset({"AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"})
"""What EventBridge calls events that carry a CloudTrail record."""


def _is_event(fields: Fields) -> bool:
    return present(fields, "detail-type") and "detail" in fields


def _from_cloudtrail(fields: Fields) -> bool:
    """By its type; or by a call that a rule reads, since a bus may pass records on under any."""
    if not _is_event(fields):
        return False
    return text_of(fields, "detail-type") in DETAIL_TYPES or _is_call(fields["detail"])


def _is_call(detail: bytes) -> bool:
    try:
        head = _decode_head(detail)
    except UNDECODABLE:
        return False
    return cloudtrail.is_read(head.eventSource, head.eventName)


def _is_of_another_type(fields: Fields) -> bool:
    return _is_event(fields) and bool(text_of(fields, "detail-type"))


def other_kind(detail_type: str | None) -> str:
    """What an event of another type is called."""
    return f"EventBridge events of type {short(detail_type)}"


EVENTBRIDGE = Format(
    name="an EventBridge event from CloudTrail",
    source="an EventBridge rule, archive or target; the body of a message that EventBridge sent",
    example=(
        '{"version": "0", "id": "22222222-0000-4000-8000-000000000001",'
        ' "detail-type": "AWS API Call via CloudTrail", "source": "aws.ecr",'
        ' "account": "111122223333", "time": "2026-08-01T09:10:12Z", "region": "eu-west-1",'
        f' "resources": [], "detail": {CLOUDTRAIL_RECORD.example}}}'
    ),
    recognise=_from_cloudtrail,
    unwrap=lambda fields: json_in(fields, "detail"),
    holds=RECORD,
)
EVENTBRIDGE_OTHER = Format(
    name="another EventBridge event",
    source="ECR's own events of images and scans, which name no actor; findings, schedules",
    example=(
        '{"version": "0", "id": "22222222-0000-4000-8000-000000000002",'
        ' "detail-type": "ECR Image Action", "source": "aws.ecr", "account": "111122223333",'
        ' "time": "2026-08-01T09:10:12Z", "region": "eu-west-1", "resources": [],'
        ' "detail": {"action-type": "PUSH", "result": "SUCCESS", "repository-name": "prod/api"}}'
    ),
    recognise=_is_of_another_type,
    other=lambda fields: other_kind(text_of(fields, "detail-type")),
)
