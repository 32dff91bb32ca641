"""The courier: takes messages from the alert queue and delivers each to its destination.

A message or a destination that fails affects no other.
"""

import math
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.credentials import SecretStore
from registrywatch.delivery.destinations.kind import Answer, Destination, Request
from registrywatch.delivery.lane import Lane
from registrywatch.delivery.last_resort import LastResort
from registrywatch.delivery.ledger import Ledger
from registrywatch.delivery.message import (
    Body,
    Message,
    Outcome,
    Unreadable,
    messages_for,
)
from registrywatch.delivery.pacing import GIVE_UP_SECONDS
from registrywatch.delivery.post import TOTAL_SECONDS, post
from registrywatch.delivery.queue import Queue, dead_letter
from registrywatch.delivery.sender import Sender
from registrywatch.errors import RegistrywatchError

# A message is handled only if there is time for both POSTs of an attempt and the calls around them
NEEDED_SECONDS = 2 * TOTAL_SECONDS + 5


class Courier:
    """Delivers messages. A process has one courier; several processes share the ledger.

    `send` makes a POST, at a time in seconds since the epoch.
    """

    def __init__(
        self,
        destinations: Iterable[Destination],
        ledger: Ledger,
        queue: Queue,
        secrets: SecretStore,
        clock: Callable[[], float] = time.time,
        send: Callable[[Request, float], Answer] = post,
        give_up_seconds: float = GIVE_UP_SECONDS,
    ) -> None:
        self.destinations = tuple(destinations)
        self._queue = queue
        self._clock = clock
        sender = Sender(secrets, clock, send)
        names = [to.name for to in self.destinations]
        self._lanes = {
            to.name: Lane(
                to,
                [name for name in names if name != to.name],
                ledger,
                queue,
                sender,
                clock,
                give_up_seconds,
            )
            for to in self.destinations
        }
        self._last_resort = LastResort(self.destinations, queue, sender, clock, give_up_seconds)

    def deliver_batch(
        self,
        messages: Mapping[str, Body],
        seconds_left: Callable[[], float] = lambda: math.inf,
    ) -> dict[str, Outcome]:
        """Deliver the messages of a batch, by message id: each destination in a thread of its own.

        The worst alerts of a destination go first; of equal ones, the oldest. Never raises: a
        message that could not be handled has the outcome `failed`, with the reason, and must be
        delivered again. `seconds_left` returns how long this process may still run.
        """

        def one_by_one(names: list[str]) -> dict[str, Outcome]:
            outcomes = {}
            for name in sorted(names, key=lambda name: urgency(messages[name])):
                if seconds_left() < NEEDED_SECONDS:
                    reason = "no time was left in this invocation"
                    outcomes[name] = Outcome(result="failed", reason=reason)
                else:
                    outcomes[name] = self.deliver(messages[name])
            return outcomes

        by_destination: dict[str, list[str]] = defaultdict(list)
        for name, message in messages.items():
            to = message.destination if isinstance(message, Message) else ""
            by_destination[to].append(name)
        outcomes: dict[str, Outcome] = {}
        with ThreadPoolExecutor(max_workers=max(len(by_destination), 1)) as pool:
            for some in pool.map(one_by_one, by_destination.values()):
                outcomes |= some
        return {name: outcomes[name] for name in messages}

    def addressed(self, alert: Alert) -> dict[str, Message]:
        """The messages that carry an alert to the destinations that want it, by their names."""
        messages = messages_for(alert, self.destinations, self._clock())
        return {each.destination: each for each in messages}

    def deliver(self, message: Body) -> Outcome:
        """Deliver one message. Never raises: see `deliver_batch`. No secret is in the outcome."""
        try:
            return self.handle(message)
        except RegistrywatchError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - reported to the caller, who hands the message in again
            # A bug in registrywatch. Its text may hold a secret: only the place is reported.
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{PurePath(where.filename).name}:{where.lineno}"
            reason = f"{type(error).__name__} at {place}"
        ended = self._last_resort.deliver(message, reason)
        return ended or Outcome(result="failed", reason=reason)

    def handle(self, message: Body) -> Outcome:
        """Deliver one message. Raises StoreError: it must be delivered again."""
        if isinstance(message, Unreadable):
            self._queue.dead_letter(message)
            return Outcome(result="dead_lettered", reason=message.reason)
        if isinstance(message, Alert):
            for each in self.addressed(message).values():
                self._queue.send(each)
            return Outcome(result="addressed", alert=message.id, rule=message.rule)
        lane = self._lanes.get(message.destination)
        if lane is None:
            reason = f"no destination {message.destination} is configured"
            return dead_letter(message, reason, self._queue, self._clock())
        return lane.carry(message)


def urgency(message: Body) -> tuple[int, float]:
    """The sort key within a batch: the worst first; of equal ones, the oldest."""
    if isinstance(message, Message):
        return -message.alert.severity.rank, message.since
    return 0, 0.0
