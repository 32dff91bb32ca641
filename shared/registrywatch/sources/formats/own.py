"""What registrywatch itself puts on queues: records that it set aside, and alerts."""

import json

from registrywatch.errors import UnreadableInput
from registrywatch.sources.formats.azure_monitor import EVENT_HUB_MESSAGE
from registrywatch.sources.formats.format import Fields, Format, begins, json_in, present


def _record(fields: Fields) -> list[bytes]:
    if bytes(fields.get("whole", b"true")) == b"false":
        raise UnreadableInput("the record was cut when it was set aside")
    return json_in(fields, "record")


PARKED_RECORD = Format(
    name="a record that registrywatch set aside",
    source="the queue `parked` of a deployment on Azure",
    example=json.dumps(
        {
            "reason": "the event has no id",
            "source": "event-hub",
            "record": EVENT_HUB_MESSAGE.example,
            "whole": True,
        }
    ),
    recognise=lambda fields: present(fields, "reason", "source", "record"),
    unwrap=_record,
)
ALERT = Format(
    name="an alert of registrywatch",
    source="`registrywatch replay --json`, the plain webhook, the alert queue",
    example=(
        '{"schema": 1, "id": "…", "rule": "ecr-images-deleted", "title": "…", "summary": "…",'
        ' "severity": "high", "mitre": []}'
    ),
    recognise=lambda fields: present(fields, "rule", "severity", "mitre"),
    other=lambda _: "alerts of registrywatch",
)
DELIVERY_MESSAGE = Format(
    name="a message of registrywatch's alert queue",
    source="the alert queue and its dead letters",
    example='{"destination": "slack", "alert": {"rule": "…"}, "since": 1785575412.0}',
    recognise=lambda fields: (
        (present(fields, "destination") and begins(fields, "alert", b"{"))
        or present(fields, "unreadable", "reason")
    ),
    other=lambda _: "messages of registrywatch's alert queue",
)
RECHECK = Format(
    name="a message of registrywatch's queue of rechecks",
    source="the queue `rechecks` of a deployment on Azure",
    example='{"type": "look", "origin": {"id": "…", "time": 1785575412.0}}',
    recognise=lambda fields: present(fields, "type") and begins(fields, "origin", b"{"),
    other=lambda _: "messages of registrywatch's queue of rechecks",
)
