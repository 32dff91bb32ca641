"""The way of messages to one destination, which gets each alert once.

A message takes these steps. A crash may happen after any of them:

1. It reads the alert's status from the ledger. If it is delivered, nothing is left to do.
2. Folding decides whether the alert is sent alone or counted for a follow-up (see `folding`).
3. The alert may have to wait: the destination has just failed, or it is not this alert's turn yet.
4. The status says that this worker is sending, for LEASE_SECONDS: if two copies of a message are
   delivered at the same time, there is still only one POST.
5. It makes the POST. Then the status says that the alert is delivered, or that it waits.

A message that can't be delivered now is put on the queue again with a delay. So the queue's own
count of receives counts crashes alone, and a slow destination delays no other.
"""

from collections.abc import Callable, Iterable
from secrets import token_hex

import msgspec

from registrywatch.alerts.alarm import is_alarm
from registrywatch.delivery.destinations.kind import Answer, Destination
from registrywatch.delivery.folding import Folds
from registrywatch.delivery.health import Health
from registrywatch.delivery.ledger import (
    MOST_ATTEMPTS,
    Cell,
    DeliveryStatus,
    Ledger,
    contended,
    status_cell,
)
from registrywatch.delivery.message import Message, Outcome, Result, outcome_of
from registrywatch.delivery.pacing import UNKNOWN_RATE, reserve, wait_seconds
from registrywatch.delivery.queue import Queue, dead_letter, put_back
from registrywatch.delivery.sender import Sender
from registrywatch.severity import Severity
from registrywatch.times import span

LEASE_SECONDS = 60.0  # longer than both POSTs of one attempt may take together
_OVERTAKEN_SECONDS = 60.0
_SOON = 0.5  # seconds: a turn this near counts as now


class Lane:
    """The way to one destination; `others` are the names of all others. Shared by threads."""

    def __init__(
        self,
        to: Destination,
        others: Iterable[str],
        ledger: Ledger,
        queue: Queue,
        sender: Sender,
        clock: Callable[[], float],
        give_up_seconds: float,
    ) -> None:
        self._to = to
        self._ledger = ledger
        self._queue = queue
        self._sender = sender
        self._clock = clock
        self._give_up_seconds = give_up_seconds
        self._folds = Folds(to, ledger, queue)
        self._health = Health(to, others, ledger, queue, give_up_seconds)

    def carry(self, message: Message) -> Outcome:
        """Handle a message. Raises StoreError: it must be delivered again."""
        now = self._clock()
        if message.not_before - now > 1:
            return self._put_back(message, message.not_before - now, message.reason)
        if message.kind == "window_end":
            follow_up = self._folds.end_fold(message, now)
            if follow_up is None:
                return self._outcome("duplicate", message)
            return self._outcome("follow_up_sent", follow_up)
        if self._overtakes(message):
            reason = "the alert that it resolves is not delivered yet"
            return self._put_back(message, _OVERTAKEN_SECONDS, reason)
        if self._pause(message) and (message.waits or message.turn):
            # It has waited before: its status is already "waiting".
            message = self._with_turn(message)
            return self._put_back(message, message.turn - self._clock(), message.reason)
        return self._send_once(message)

    def _send_once(self, message: Message) -> Outcome:
        """Do steps 1 to 5, again from the first if another worker changes the status in between."""
        cell = status_cell(self._ledger, message.alert.id, self._to.name)
        me = token_hex(8)
        for _ in range(MOST_ATTEMPTS):
            status, now = cell.read(), self._clock()
            if status and status.state == "delivered":
                return self._outcome("duplicate", message)
            if status and status.state == "sending" and status.by != me and status.until > now:
                wait = status.until - now
                return self._put_back(message, wait, "another worker is sending it")
            fold = status.fold if status else ""
            alone = status is not None and status.alone
            if self._foldable(message) and not alone:
                decision = self._folds.decide(message, status, cell, now)
                if decision.how == "folded":
                    return self._outcome("folded", message)
                if decision.how == "again":
                    continue
                fold = decision.fold
            message = self._with_turn(message)
            wait = message.turn - now
            if wait > _SOON:
                if alone or cell.swap(DeliveryStatus(state="waiting", fold=fold)):
                    return self._put_back(message, wait, message.reason)
                continue
            claim = DeliveryStatus(state="sending", fold=fold, by=me, until=now + LEASE_SECONDS)
            if cell.swap(claim):
                answer = self._sender.attempt(message, self._to, fold)
                return self._act_on(answer, message, cell, fold)
        raise contended()

    def _act_on(
        self, answer: Answer, message: Message, cell: Cell[DeliveryStatus], fold: str
    ) -> Outcome:
        """Record the result of a POST, and send the message again later if that may help."""
        now = self._clock()
        if answer.verdict == "delivered":
            self._note_delivered(cell, fold)
            self._health.note_success(message, now)
            return self._outcome("delivered", message, answer.reason)
        # From now on it is sent alone. If the claim has expired, another worker continues.
        cell.swap(DeliveryStatus(state="waiting", fold=fold))
        over = self._is_over(message, now)
        refused = answer.verdict == "refused"
        self._health.note_failure(message, answer, now, last=refused or over)
        reason = f"{self._to.name}: {answer.reason}"
        if refused:
            return self._dead_letter(message, reason)
        if over:
            given_up = f"given up after {span(int(self._give_up_seconds))}"
            return self._dead_letter(message, f"{given_up}: {reason}")
        seconds = wait_seconds(message.waits, answer.after, message.alert.severity)
        again = msgspec.structs.replace(message, waits=message.waits + 1, turn=0)
        return self._put_back(again, seconds, reason)

    def _note_delivered(self, cell: Cell[DeliveryStatus], fold: str) -> None:
        delivered = DeliveryStatus(state="delivered", fold=fold)
        if not cell.swap(delivered):  # the claim expired and another worker took over
            cell.update(lambda status: delivered if status != delivered else status)

    def _foldable(self, message: Message) -> bool:
        """Whether folding decides. Not if the alert opens an incident that can be closed later."""
        alert = message.alert
        alone = is_alarm(alert) or (alert.incident is not None and self._to.kind.resolves)
        return message.kind == "alert" and self._to.fold_seconds > 0 and not alone

    def _overtakes(self, message: Message) -> bool:
        """Whether it resolves an incident that is not open at the destination yet."""
        alert = message.alert
        if alert.incident is None or not alert.resolved or self._is_over(message, self._clock()):
            return False
        opening = status_cell(self._ledger, alert.incident.id, self._to.name).read()
        return opening is not None and opening.state in ("waiting", "sending")

    def _is_over(self, message: Message, now: float) -> bool:
        """Whether the message has waited too long: if it fails now, it becomes a dead letter."""
        return now - message.since >= self._give_up_seconds

    def _pause(self, message: Message) -> float:
        """Seconds for which the message is not sent, because the destination has just failed.

        A critical alert is tried anyway, and no message is given up without a last attempt.
        """
        now = self._clock()
        if message.alert.severity is Severity.CRITICAL or self._is_over(message, now):
            return 0.0
        return self._health.pause(now)

    def _with_turn(self, message: Message) -> Message:
        """The message with its turn, if it needs one: to keep to a rate, or to wait for a pause.

        Messages that wait for a pause take turns after it: so they are not all sent at once, and
        are not taken from the queue again and again.
        """
        to, pause = self._to, self._pause(message)
        if not pause and (message.turn or to.kind.rate is None):
            return message
        if pause and message.reason is None:
            self._health.note_wait()
            reason = f"nothing is sent to {to.name} for a while, because an attempt failed"
            message = msgspec.structs.replace(message, reason=reason)
        rate, after = to.kind.rate or UNKNOWN_RATE, self._clock() + pause
        turn = reserve(self._ledger, to.name, rate, message.alert.severity, after)
        return msgspec.structs.replace(message, turn=turn)

    def _put_back(self, message: Message, seconds: float, reason: str | None) -> Outcome:
        return put_back(message, seconds, reason, self._queue, self._clock())

    def _dead_letter(self, message: Message, reason: str) -> Outcome:
        return dead_letter(message, reason, self._queue, self._clock())

    def _outcome(self, result: Result, message: Message, reason: str | None = None) -> Outcome:
        return outcome_of(result, message, self._clock(), reason)
