"""The detector as it runs in Lambda: its settings, its store, its queues."""

import os
from collections.abc import Mapping
from time import time as clock
from typing import NoReturn

from functions.aws import answers
from functions.aws.telemetry import Telemetry
from registrywatch import settings
from registrywatch.alerts import Alert
from registrywatch.aws.queue import MOST_BYTES, Parcel, Queue
from registrywatch.aws.table import Table
from registrywatch.aws.window_store import DynamoStore
from registrywatch.delivery.message import encode_message
from registrywatch.detector import Detector, HandOver
from registrywatch.errors import StoreError
from registrywatch.rules import CATALOGUE
from registrywatch.settings import Settings
from registrywatch.settings.deployment import ALERT_QUEUE, DEAD_LETTER_QUEUE, required
from registrywatch.windows.cache import SightingCache
from registrywatch.windows.protocol import Counter

RETENTION_SECONDS = 4 * 86_400
"""How far a delivery may lag behind its event and still be counted: a long weekend. EventBridge
tries for a day, the traffic queue for two hours; later ones come by a person's hand."""

RULES = tuple(rule for rule in CATALOGUE if rule.cloud == "aws")


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this function. Raises SettingsError: nothing runs on a guess."""
    return settings.parse(environ)


def alert_queue(tuned: Settings, telemetry: Telemetry) -> HandOver:
    """Hands alerts over to the alert queue, and logs each."""
    queue = Queue(required(tuned.aws.alert_queue, ALERT_QUEUE))

    def hand_over(alert: Alert) -> None:
        queue.send(encode_message(alert, MOST_BYTES))
        telemetry.alert(alert)

    return hand_over


def dead_letters(tuned: Settings) -> answers.Park:
    """Parks a message with the reason in the dead-letter queue."""
    queue = Queue(required(tuned.aws.dead_letter_queue, DEAD_LETTER_QUEUE))

    def park(body: str, reason: str) -> None:
        for problem in queue.send_batch([Parcel(body, reason)]).values():
            raise StoreError(problem)

    return park


class _CountedElsewhere:
    """No store: pulls and pushes that somebody sends here all the same are refused, not dropped."""

    def refuse(self, *_: object, **__: object) -> NoReturn:
        raise StoreError("pulls and pushes are counted by the traffic function, not here")

    add = read = claim = swap = settle = refuse


def judging(tuned: Settings, hand_over: HandOver) -> Detector:
    """Judges single events. It counts nothing, so it needs no right to the table."""
    nowhere = Counter(_CountedElsewhere(), clock)
    return Detector(RULES, tuned.tunings, tuned.trust, nowhere, hand_over)


def counting(tuned: Settings, hand_over: HandOver, table: Table) -> Detector:
    """Counts in DynamoDB, and judges what else comes its way."""
    counter = Counter(
        DynamoStore(table),
        clock,
        cache=SightingCache(),
        retention_seconds=RETENTION_SECONDS,
    )
    return Detector(RULES, tuned.tunings, tuned.trust, counter, hand_over)
