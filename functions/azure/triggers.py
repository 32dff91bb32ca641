"""What each trigger of function_app.py does, in a few lines.

If a trigger raises, its input is delivered again: Event Grid does so for a day, the Event Hub's
host retries the batch, a queue's host returns the message to the queue, five times in all. The host
logs the exception, so no exception may hold a secret.
"""

import json
import logging
from collections.abc import Sequence
from typing import Any

from functions.azure.wiring import app
from registrywatch.azure import rechecks
from registrywatch.azure.alarms import alert_of
from registrywatch.azure.log_lines import log
from registrywatch.azure.parked_queue import parked_in
from registrywatch.delivery import (
    Outcome,
    read_message,
)
from registrywatch.errors import StoreError, UnreadableInput
from registrywatch.times import rfc3339

SET_ASIDE_AFTER = 8
"""Retries of an Event Hub batch after which events that still fail are parked: about twenty
minutes. The host never gives up: parking may fail too, for as long as the hub keeps the batch."""


def event_grid(event: Any) -> None:
    """One event: a func.EventGridEvent or a func.CloudEvent, by the subscription's schema."""
    app().intake.take("event-grid", [document(event)])


def event_hub(messages: Sequence[Any], context: Any) -> None:
    """A batch of func.EventHubEvent. If it raises, the host retries the batch as a whole."""
    retry = getattr(context, "retry_context", None)  # absent at the first attempt
    retries = int(getattr(retry, "retry_count", 0) or 0)
    bodies = [message.get_body() for message in messages]
    app().intake.take("event-hub", bodies, last_try=retries >= SET_ASIDE_AFTER)


def own_alarms(messages: Sequence[Any]) -> None:
    """Alarms of Azure Monitor, as func.EventHubEvent: each becomes an alert.

    It fails only if the app can't start: a failure would set off the next alarm.
    """
    for message in messages:
        alert = alert_of(message.get_body(), app().clock())
        courier = app().courier
        # Not by the alert queue: it may be the one that no function takes from
        for outcome in courier.deliver_batch(courier.addressed(alert)).values():
            _log_delivery(outcome)


def deliver(body: str) -> None:
    """A message of the alert queue: one alert for one destination."""
    outcome = app().courier.deliver(read_message(body))
    _log_delivery(outcome)
    if not outcome.acknowledged:
        raise StoreError(outcome.reason or "")


def _log_delivery(outcome: Outcome) -> None:
    log(
        "delivery",
        result=outcome.result,
        destination=outcome.destination,
        alert=outcome.alert,
        rule=outcome.rule,
        reason=outcome.reason,
        seconds=outcome.seconds,
        since=outcome.since,
        age=outcome.age,
    )


def recheck(body: str) -> None:
    """A delayed look, or a parked record that a person has sent again."""
    if (parked := parked_in(body)) is None:
        app().watcher.recheck(rechecks.decode(body))
    elif parked.whole:
        app().intake.take(parked.source, [parked.record.encode("utf-8", "surrogatepass")])
    else:
        raise UnreadableInput("only the beginning of the record was kept: it can't be handled")


def housekeeping() -> None:
    """Log what waits in dead-letter queues, and queues that no function reads; alarms read both."""
    for queue in app().dead_letters:
        waiting = app().dead_letter_watch.look(queue)
        if waiting.messages:
            log(
                "dead_letters",
                level=logging.ERROR,
                queue=queue.name,
                messages=waiting.messages,
                newest=rfc3339(int(waiting.newest)),
                waited=app().clock() - waiting.newest,
            )
    for queue in app().triggers_queues:
        if app().stuck_watch.is_stuck(queue):
            log("stuck", level=logging.ERROR, queue=queue.name, messages=queue.depth())


def ask_state() -> None:
    """Read the state of every registry, in case an event was missed."""
    survey = app().watcher.look_at_all()
    log("asked", on=len(survey.on), off=len(survey.off), unknown=len(survey.unknown))


def self_check() -> None:
    """Check every part of the deployment. An alarm watches that this runs."""
    items, missed = app().self_check.run()
    for item in items:
        if not item.ok:
            log("self_check_item", item=item.name, standing=item.standing, found=item.found)
    log("self_check", items=len(items), right=sum(item.ok for item in items))
    if missed is not None:
        log("heartbeat_missed", level=logging.WARNING, reason=missed)


def sweep() -> None:
    """Delete expired rows, which Table Storage never does. A table that fails affects no other."""
    failed = []
    for table in app().tables:
        try:
            log("swept", table=table.name, rows=table.sweep(app().clock()))
        except StoreError as error:
            failed.append(str(error))
    if failed:
        raise StoreError("; ".join(failed))


def document(event: Any) -> bytes:
    """The event as JSON, which the worker has decoded."""
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
