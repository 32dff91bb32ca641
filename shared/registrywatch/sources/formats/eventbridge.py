"""Events as EventBridge delivers them."""

from registrywatch.sources.formats.cloudtrail import CLOUDTRAIL_RECORD, RECORD
from registrywatch.sources.formats.format import Fields, Format, json_in, present, short, text_of

DETAIL_TYPES = frozenset({"AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"})
"""What EventBridge calls events that carry a CloudTrail record."""


def _is_event(fields: Fields) -> bool:
    return present(fields, "detail-type") and "detail" in fields


def _from_cloudtrail(fields: Fields) -> bool:
    return _is_event(fields) and text_of(fields, "detail-type") in DETAIL_TYPES


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
    recognise=_is_event,
    other=lambda fields: other_kind(text_of(fields, "detail-type")),
)
