"""Delivery: the alert queue invokes this function with alerts for a destination.

registrywatch.delivery sends, folds and reschedules them; a message that could not be handled is
delivered again.
"""

import json
from collections.abc import Mapping, Sequence

import msgspec

from functions.aws import detecting, payload, wiring
from functions.aws.payload import Context
from functions.aws.telemetry import Telemetry
from registrywatch.aws import alarms
from registrywatch.aws.queue import MOST_BYTES, Queue
from registrywatch.aws.table import Table, TableRows
from registrywatch.delivery import (
    AlertQueue,
    Courier,
    SecretStore,
    read_message,
)
from registrywatch.delivery.ledger import RowLedger
from registrywatch.delivery.message import Body
from registrywatch.errors import StoreError
from registrywatch.settings.deployment import ALERT_QUEUE, DEAD_LETTER_QUEUE, TABLE, required
from registrywatch.settings.destinations import at_least_one

BY_HAND = "by hand"
_COUNTED = {
    "delivered": "Delivered",
    "rescheduled": "Rescheduled",
    "dead_lettered": "DeadLettered",
    "failed": "Failed",
}

telemetry = Telemetry("delivery")
settings = wiring.read_delivery_settings()
courier = Courier(
    destinations=at_least_one(settings.destinations),
    ledger=RowLedger(TableRows(Table(required(settings.aws.table, TABLE)), "delivery")),
    queue=AlertQueue(
        Queue(required(settings.aws.alert_queue, ALERT_QUEUE)),
        Queue(required(settings.aws.dead_letter_queue, DEAD_LETTER_QUEUE)),
        MOST_BYTES,
    ),
    secrets=SecretStore(),
    give_up_seconds=settings.give_up_seconds,
)


@telemetry.logger.inject_lambda_context
def handler(event: object, context: Context) -> dict[str, list[dict[str, str]]]:
    """Invoked by SQS, by EventBridge about an own alarm, or by a person with one alert.

    An alert about an alarm never fails: see registrywatch.delivery.last_resort.
    """
    received = payload.messages(event)
    with telemetry:
        messages = _messages_of(received) if received else _by_hand(event)
        failed = _deliver(messages, context)
    if failed and received is None:
        raise StoreError("; ".join(failed.values()))
    if failed:
        again = [each for each in received or () if each.id in failed]
        detecting.hasten(again, wiring.LONGEST_WAIT["deliver"], telemetry)
    return payload.partial_failures(list(failed))


def _messages_of(received: Sequence[payload.Message]) -> Mapping[str, Body]:
    return {each.id: read_message(each.body) for each in received}


def _by_hand(event: object) -> Mapping[str, Body]:
    """The one alert in the event, or the messages about the alarm in the event.

    Those about an alarm do not pass through the alert queue, which may be the failing part.
    """
    if not isinstance(event, Mapping) or not alarms.is_alarm(event):
        return {BY_HAND: read_message(json.dumps(event))}
    alert = alarms.alert_of(event)
    return courier.addressed(alert) if alert else {}


def _deliver(messages: Mapping[str, Body], context: Context) -> dict[str, str]:
    """Deliver the messages. Returns the ids of those to deliver again, each with the reason."""
    outcomes = courier.deliver_batch(
        messages, lambda: context.get_remaining_time_in_millis() / 1000
    )
    for outcome in outcomes.values():
        write = telemetry.logger.info if outcome.acknowledged else telemetry.logger.error
        write("delivery", extra=msgspec.structs.asdict(outcome))
        if outcome.result in _COUNTED:
            telemetry.count(**{_COUNTED[outcome.result]: 1})
        if outcome.age is not None and outcome.result in ("rescheduled", "failed"):
            telemetry.undelivered(outcome.destination or "", outcome.age)
    return {each: o.reason or "" for each, o in outcomes.items() if not o.acknowledged}
