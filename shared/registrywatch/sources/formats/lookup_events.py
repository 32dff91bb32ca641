"""What `aws cloudtrail lookup-events` prints, whole or in parts, and PowerShell's Find-CTEvent."""

import json

from registrywatch.sources.formats.cloudtrail import CLOUDTRAIL_RECORD
from registrywatch.sources.formats.format import (
    Fields,
    Format,
    begins,
    elements,
    json_in,
    present,
)

_FOUND = json.dumps(
    {
        "EventId": "11111111-0000-4000-8000-000000000001",
        "EventName": "DeleteRepository",
        "EventTime": "2026-08-01T09:10:12+00:00",
        "Resources": [],
        "CloudTrailEvent": CLOUDTRAIL_RECORD.example,
    }
)
_BEGIN = b'"{\\"eventVersion\\"'

LOOKUP_EVENTS = Format(
    name="the output of lookup-events",
    source="`aws cloudtrail lookup-events`",
    example=f'{{"Events": [{_FOUND}]}}',
    recognise=lambda fields: present(fields, "Events"),
    unwrap=lambda fields: elements(fields, "Events"),
)
LOOKED_UP_EVENT = Format(
    name="one event of lookup-events",
    source="`--query 'Events[]'`, `--query 'Events[0]'`, `Find-CTEvent | ConvertTo-Json`",
    example=_FOUND,
    recognise=lambda fields: begins(fields, "CloudTrailEvent", b'"', b"{"),
    unwrap=lambda fields: json_in(fields, "CloudTrailEvent"),
)


def _texts(fields: Fields) -> list[str]:
    """The members that hold a record as text, as CloudTrail writes it."""
    return [name for name, raw in fields.items() if bytes(raw).startswith(_BEGIN)]


SELECTED_MEMBERS = Format(
    name="members of lookup-events under names of one's own",
    source="`--query 'Events[].{when: EventTime, event: CloudTrailEvent}'`",
    example=json.dumps(
        {
            "when": "2026-08-01T09:10:12+00:00",
            "event": CLOUDTRAIL_RECORD.example,
        }
    ),
    recognise=lambda fields: bool(_texts(fields)),
    unwrap=lambda fields: json_in(fields, *_texts(fields)),
)
