"""Event Grid: pushes and deletes of registries, changes of resources of the subscription."""

import json
from typing import Any

from functions.azure.wiring import app


def take(event: Any) -> None:
    """Takes one event: a func.EventGridEvent or a func.CloudEvent, as the subscription's schema is.

    What raises is delivered again by Event Grid, for a day, and then lies in its dead letters.
    """
    app().intake.take("event-grid", [document(event)])


def document(event: Any) -> bytes:
    """The event as it came, which the worker has taken apart."""
    if hasattr(event, "event_type"):
        fields = {
            "id": event.id,
            "topic": event.topic,
            "subject": event.subject,
            "eventType": event.event_type,
            "eventTime": _time(event.event_time),
            "data": event.get_json(),
            "dataVersion": event.data_version,
        }
    else:
        fields = {
            "id": event.id,
            "source": event.source,
            "subject": event.subject,
            "type": event.type,
            "time": _time(event.time),
            "data": event.get_json(),
            "specversion": "1.0",
        }
    return json.dumps(fields).encode()


def _time(when: Any) -> str | None:
    return None if when is None else when.isoformat()
