"""The detector as it runs in Lambda: its settings, its store, its queues."""

import functools
import os
from collections.abc import Mapping
from time import time as clock
from typing import NoReturn

from functions.aws import answers, queues
from functions.aws.telemetry import Telemetry
from registrywatch import settings
from registrywatch.alerts import Alert, encode
from registrywatch.aws.window_store import Client, DynamoStore
from registrywatch.detector import Detector, HandOver
from registrywatch.errors import StoreError
from registrywatch.rules import CATALOGUE
from registrywatch.settings import Settings
from registrywatch.settings.deployment import ALERT_QUEUE, DEAD_LETTER_QUEUE, TABLE, required
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
    queue = required(tuned.aws.alert_queue, ALERT_QUEUE)

    def hand_over(alert: Alert) -> None:
        queues.send_alert(queue, encode(alert))
        telemetry.alert(alert)

    return hand_over


def dead_letters(tuned: Settings) -> answers.Park:
    """Parks a message with the reason in the dead-letter queue."""
    return functools.partial(queues.park, required(tuned.aws.dead_letter_queue, DEAD_LETTER_QUEUE))


class _CountedElsewhere:
    """No store: pulls and pushes that somebody sends here all the same are refused, not dropped."""

    def refuse(self, *_: object, **__: object) -> NoReturn:
        raise StoreError("pulls and pushes are counted by the traffic function, not here")

    add = read = claim = swap = settle = refuse


def judging(tuned: Settings, hand_over: HandOver) -> Detector:
    """Judges single events. It counts nothing, so it needs no right to the table."""
    nowhere = Counter(_CountedElsewhere(), clock)
    return Detector(RULES, tuned.tunings, tuned.trust, nowhere, hand_over)


def counting(tuned: Settings, hand_over: HandOver, table: Client) -> Detector:
    """Counts in DynamoDB, and judges what else comes its way."""
    counter = Counter(
        DynamoStore(required(tuned.aws.table, TABLE), table),
        clock,
        cache=SightingCache(),
        retention_seconds=RETENTION_SECONDS,
    )
    return Detector(RULES, tuned.tunings, tuned.trust, counter, hand_over)
