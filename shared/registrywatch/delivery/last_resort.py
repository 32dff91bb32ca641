"""Alerts about registrywatch's own alarms, if the ledger or the alert queue fails.

Such an alert is often about this very failure. It is sent without the ledger, so it may be sent
twice. It never fails and never becomes a dead letter, because that would set off the next alarm.
"""

from collections.abc import Callable, Iterable

import msgspec

from registrywatch.alerts.alarm import is_alarm
from registrywatch.alerts.alert import Alert
from registrywatch.delivery.destinations.kind import Destination
from registrywatch.delivery.message import (
    Body,
    Message,
    Outcome,
    Unreadable,
    messages_for,
    outcome_of,
)
from registrywatch.delivery.pacing import wait_seconds
from registrywatch.delivery.queue import Queue, put_back
from registrywatch.delivery.sender import Sender
from registrywatch.errors import StoreError


class LastResort:
    """Delivers alerts about alarms with the destinations alone, and with the queue if it works.

    A message is given up after `give_up_seconds`, or at once if the queue does not accept it.
    """

    def __init__(
        self,
        destinations: Iterable[Destination],
        queue: Queue,
        sender: Sender,
        clock: Callable[[], float],
        give_up_seconds: float,
    ) -> None:
        self._by_name = {to.name: to for to in destinations}
        self._queue = queue
        self._sender = sender
        self._clock = clock
        self._give_up_seconds = give_up_seconds

    def deliver(self, message: Body, problem: str) -> Outcome | None:
        """What became of a message that could not be handled because of `problem`.

        None if it is not about an alarm: then the message has failed and is delivered again.
        """
        if isinstance(message, Unreadable):
            return None
        alert = message if isinstance(message, Alert) else message.alert
        if not is_alarm(alert):
            return None
        if isinstance(message, Message):
            return self._one(message, problem)
        now = self._clock()
        outcomes = [
            self._one(each, problem) for each in messages_for(alert, self._by_name.values(), now)
        ]
        reasons = "; ".join(f"{each.destination}: {each.result}" for each in outcomes)
        return Outcome(
            result="addressed",
            alert=alert.id,
            rule=alert.rule,
            reason=f"{problem} ({reasons})",
        )

    def _one(self, message: Message, problem: str) -> Outcome:
        now = self._clock()
        to = self._by_name.get(message.destination)
        if to is None or message.kind == "window_end":
            return outcome_of("given_up", message, now, problem)
        if (early := message.not_before - now) > 1 and (later := self._later(message, early)):
            return later
        try:
            answer = self._sender.attempt(message, to)
        except Exception as error:  # noqa: BLE001 - a bug of registrywatch ends here, and is logged
            return outcome_of("given_up", message, now, f"{problem}; then {type(error).__name__}")
        if answer.verdict == "delivered":
            return outcome_of("delivered", message, now, f"without the ledger: {problem}")
        why = f"{to.name}: {answer.reason}; {problem}"
        over = now - message.since >= self._give_up_seconds
        if answer.verdict == "try_again" and not over:
            seconds = wait_seconds(message.waits, answer.after, message.alert.severity)
            again = msgspec.structs.replace(message, waits=message.waits + 1, turn=0, reason=why)
            if later := self._later(again, seconds):
                return later
        return outcome_of("given_up", message, now, why)

    def _later(self, message: Message, seconds: float) -> Outcome | None:
        """Put the message on the queue again; None if the queue does not accept it."""
        try:
            return put_back(message, seconds, message.reason, self._queue, self._clock())
        except StoreError:
            return None
