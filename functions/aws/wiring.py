"""The detector as it runs in Lambda: its settings, its store, its queues."""

import os
from collections.abc import Mapping
from functools import partial
from time import time as clock

from functions.aws.telemetry import Telemetry
from registrywatch import settings
from registrywatch.alerts import Alert
from registrywatch.aws.clients import Deadline
from registrywatch.aws.queue import MOST_BYTES, Queue
from registrywatch.aws.table import Table, TableRows
from registrywatch.aws.window_store import DynamoStore
from registrywatch.delivery import AlertSender
from registrywatch.deployed_detector import deployed_detector
from registrywatch.detector import Detector, HandOver
from registrywatch.detector.last_states import KIND as KIND_OF_STATES
from registrywatch.rules import CATALOGUE
from registrywatch.settings import DeliverySettings, Settings
from registrywatch.settings.deployment import ALERT_QUEUE, DEAD_LETTER_QUEUE, TABLE, required
from registrywatch.settings.destinations import at_least_one

RETENTION_SECONDS = 4 * 86_400
"""How late an event may arrive and still be counted: a long weekend. EventBridge tries for a day,
the traffic queue for two hours, the retry queue of changes for four days."""

LONGEST_WAIT = {"changes": 3600, "traffic": 420, "deliver": 360}
"""Seconds between attempts at a failing message, by function; template.yaml depends on them."""

RULES = tuple(rule for rule in CATALOGUE if rule.cloud == "aws")


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this function. Raises SettingsError, and then nothing runs."""
    return settings.parse(environ)


def read_delivery_settings(environ: Mapping[str, str] = os.environ) -> DeliverySettings:
    """The settings of delivery. A mistake in a rule's setting does not stop it."""
    return settings.parse_delivery(environ)


def alert_queue(tuned: Settings, telemetry: Telemetry) -> HandOver:
    """A function that puts an alert on the alert queue, once for each destination, and logs it.

    Raises SettingsError if there is no destination.
    """
    send = AlertSender(
        at_least_one(tuned.destinations),
        Queue(required(tuned.aws.alert_queue, ALERT_QUEUE)),
        MOST_BYTES,
        lambda: clock(),
    )

    def hand_over(alert: Alert) -> None:
        telemetry.alert(alert, send(alert))

    return hand_over


def dead_letters(tuned: Settings, deadline: Deadline | None = None) -> Queue:
    """The dead-letter queue, for messages that no further attempt can help."""
    return Queue(required(tuned.aws.dead_letter_queue, DEAD_LETTER_QUEUE), deadline=deadline)


def rows(tuned: Settings, kind: str, deadline: Deadline) -> TableRows:
    """The rows of one kind in the stack's table."""
    return TableRows(Table(required(tuned.aws.table, TABLE), deadline=deadline), kind)


def detector(tuned: Settings, hand_over: HandOver, deadline: Deadline) -> Detector:
    """The detector over DynamoDB; a call that would outlast `deadline` is refused."""
    table = Table(required(tuned.aws.table, TABLE), deadline=deadline)
    return deployed_detector(
        tuned,
        RULES,
        DynamoStore(table),
        partial(TableRows, table),
        TableRows(table, KIND_OF_STATES),
        hand_over,
        clock,
        RETENTION_SECONDS,
    )
