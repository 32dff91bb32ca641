"""Amazon EventBridge: the alert as an event on the user's own bus.

Rules match it by `source`, `detail-type` and any field of `detail`, which is the alert as
docs/alert.schema.json describes it. An entry has 256 KB at most (docs.aws.amazon.com/eventbridge,
"PutEvents").
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert, encode
from registrywatch.delivery.destinations.aws_call import (
    arn_reader,
    aws_call,
    region_of,
    verdict_of,
)
from registrywatch.delivery.destinations.kind import (
    DestinationKind,
    Option,
    Outgoing,
    Request,
    Verdict,
)
from registrywatch.times import whole_seconds

SOURCE, DETAIL_TYPE = "registrywatch", "registrywatch alert"


def parameters(alert: Alert, bus: str) -> Mapping[str, Any]:
    """The parameters of `events put-events`."""
    entry: dict[str, Any] = {
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": encode(alert).decode(),
        "EventBusName": bus,
        "Resources": [alert.resource] if (alert.resource or "").startswith("arn:") else [],
    }
    if (at := whole_seconds(alert.time)) is not None:
        entry["Time"] = datetime.fromtimestamp(at, UTC)
    return {"Entries": [entry]}


def eventbridge_body(alert: Alert) -> bytes:
    """The call's parameters as JSON, for people."""
    return msgspec.json.encode(parameters(alert, _EXAMPLE))


def _request(out: Outgoing) -> Request:
    bus = out.given["BUS_ARN"]
    return aws_call("events", "put_events", region_of(bus), parameters(out.alert, bus), _problem)


def _problem(response: dict[str, Any]) -> tuple[Verdict, str] | None:
    """PutEvents answers 200 and says for each entry whether it failed."""
    if not response.get("FailedEntryCount"):
        return None
    code = str(response["Entries"][0].get("ErrorCode", "unknown"))
    return verdict_of(code), code


_EXAMPLE = "arn:aws:events:eu-west-1:111122223333:event-bus/security"

EVENTBRIDGE = DestinationKind(
    name="eventbridge",
    label="EventBridge",
    options=(
        Option(
            suffix="BUS_ARN",
            meaning="EventBridge: the ARN of a bus that gets each alert as an event",
            read=arn_reader("events", r"event-bus/[\w./-]{1,256}", _EXAMPLE),
        ),
    ),
    forms={"eventbridge": eventbridge_body},
    request=_request,
    for_machines=lambda _: True,
    clouds=("aws",),
)
