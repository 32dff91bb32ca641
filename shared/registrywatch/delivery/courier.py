"""The courier: takes alerts from the queue and sends each to its destination once.

For one alert and one destination it takes these steps. A crash may happen after any of them:

1. It reads the alert's status from the ledger. If it is delivered, nothing is left to do.
2. Folding decides whether the alert is sent alone or counted for a follow-up (see `folding`).
3. The alert may have to wait: the destination has just failed, or it is not this alert's turn yet.
4. The status says that this courier is sending, for LEASE_SECONDS: if two copies of a message are
   delivered at the same time, there is still only one POST.
5. It makes the POST. Then the status says that the alert is delivered, or that it waits.

A message that can't be delivered now is put on the queue again with a delay. So the queue's own
count of receives counts crashes alone, and a slow destination delays no other.
"""

import time
from collections.abc import Callable, Iterable
from secrets import token_hex

import msgspec

from registrywatch.alerts.alarm import is_alarm
from registrywatch.alerts.alert import Alert
from registrywatch.delivery.attempt import attempt
from registrywatch.delivery.credentials import SecretStore
from registrywatch.delivery.destinations.kind import Answer, Destination, Request
from registrywatch.delivery.folding import Fold, Folds, follow_up, incident
from registrywatch.delivery.health import HealthWatch
from registrywatch.delivery.last_resort import LastResort
from registrywatch.delivery.ledger import (
    MOST_ATTEMPTS,
    Cell,
    DeliveryStatus,
    Ledger,
    contended,
    status_cell,
)
from registrywatch.delivery.pacing import (
    GIVE_UP_SECONDS,
    UNKNOWN_RATE,
    Cooldowns,
    reserve,
    wait_seconds,
)
from registrywatch.delivery.post import post
from registrywatch.delivery.queue import (
    Message,
    Outcome,
    Queue,
    Result,
    Unreadable,
    delay_seconds,
    messages_for,
    outcome_of,
    read_message,
)
from registrywatch.severity import Severity
from registrywatch.times import span

LEASE_SECONDS = 60.0  # longer than both POSTs of one attempt may take together
_OVERTAKEN_SECONDS = 60.0
_SOON = 0.5  # seconds: a turn this near counts as now


class Courier:
    """Delivers messages. A process has one courier; several processes share the ledger."""

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
        self._by_name = {to.name: to for to in self.destinations}
        self._ledger = ledger
        self._queue = queue
        self._secrets = secrets
        self._clock = clock
        self._send = send
        self._cooldowns = Cooldowns()
        self._give_up_seconds = give_up_seconds
        self._health = HealthWatch(self.destinations, ledger, queue.send, give_up_seconds)
        self.last_resort = LastResort(
            self.destinations, queue, secrets, clock, send, give_up_seconds
        )

    def deliver(self, body: str | bytes) -> Outcome:
        """Handle one message of the alert queue. Raises StoreError: it must be delivered again."""
        return self.handle(read_message(body))

    def handle(self, message: Message | Alert | Unreadable) -> Outcome:
        """Handle a message that is already decoded. Raises StoreError, as `deliver`."""
        if isinstance(message, Unreadable):
            self._queue.dead_letter(message)
            return Outcome(result="dead_lettered", reason=message.reason)
        if isinstance(message, Alert):
            for each in messages_for(message, self.destinations, self._clock()):
                self._queue.send(each)
            return Outcome(result="addressed", alert=message.id, rule=message.rule)
        to = self._by_name.get(message.destination)
        if to is None:
            return self._dead_letter(message, f"no destination {message.destination} is configured")
        early = message.not_before - self._clock()
        if early > 1:
            return self._reschedule(message, early, message.reason)
        if message.kind == "window_end":
            return self._end_fold(message, to)
        return self._carry(message, to)

    def _end_fold(self, message: Message, to: Destination) -> Outcome:
        fold = self._folds(to).close(message.fold or "", message.alert)
        if fold is None:
            return self._outcome("duplicate", message)
        summary = Message(
            kind="follow_up",
            destination=to.name,
            alert=follow_up(message.alert, fold),
            incident=incident(message.alert, fold.id, fold.highest),
            since=self._clock(),
            raised=self._clock(),
        )
        self._queue.send(summary)
        return self._outcome("follow_up_sent", summary)

    def _carry(self, message: Message, to: Destination) -> Outcome:
        if self._overtakes(message, to):
            reason = "the alert that it resolves is not delivered yet"
            return self._reschedule(message, _OVERTAKEN_SECONDS, reason)
        if self._held(message, to) and (message.waits or message.turn):
            # It has waited before: its status is already "waiting".
            message = self._with_turn(message, to)
            return self._reschedule(message, message.turn - self._clock(), message.reason)
        cell = status_cell(self._ledger, message.alert.id, to.name)
        me = token_hex(8)
        for _ in range(MOST_ATTEMPTS):
            status = cell.read()
            if status and status.state == "delivered":
                return self._outcome("duplicate", message)
            now = self._clock()
            if status and status.state == "sending" and status.by != me and status.until > now:
                wait = status.until - now
                return self._reschedule(message, wait, "another worker is sending it")
            fold = status.fold if status else ""
            alone = status is not None and status.alone
            if _foldable(message, to) and not alone:
                decision = self._folds(to).decide(
                    message.alert, now, status, cell, self._announcing(message)
                )
                if decision.how == "folded":
                    return self._outcome("folded", message)
                if decision.how == "again":
                    continue
                fold = decision.fold
            message = self._with_turn(message, to)
            wait = message.turn - now
            if wait > _SOON:
                if alone or cell.swap(DeliveryStatus(state="waiting", fold=fold)):
                    return self._reschedule(message, wait, message.reason)
                continue
            claim = DeliveryStatus(state="sending", fold=fold, by=me, until=now + LEASE_SECONDS)
            if cell.swap(claim):
                return self._post(message, to, cell, fold)
        raise contended()

    def _overtakes(self, message: Message, to: Destination) -> bool:
        """Whether it resolves an incident that is not open at the destination yet."""
        alert = message.alert
        if alert.incident is None or not alert.resolved:
            return False
        if self._is_over(message, self._clock()):
            return False
        opening = status_cell(self._ledger, alert.incident.id, to.name).read()
        return opening is not None and opening.state in ("waiting", "sending")

    def _held(self, message: Message, to: Destination) -> float:
        """Seconds for which nothing is sent to the destination, because it has just failed.

        A critical alert is tried anyway, and no message is given up without a last attempt.
        """
        now = self._clock()
        if message.alert.severity is Severity.CRITICAL or self._is_over(message, now):
            return 0.0
        return self._cooldowns.left(to.name, now)

    def _is_over(self, message: Message, now: float) -> bool:
        """Whether the message has waited too long: if it fails now, it becomes a dead letter."""
        return now - message.since >= self._give_up_seconds

    def _with_turn(self, message: Message, to: Destination) -> Message:
        """The message with its turn, if it needs one: to keep to a rate, or to wait for a pause.

        Messages that wait for a pause take turns after it: so they are not all sent at once, and
        are not taken from the queue again and again.
        """
        held, rate = self._held(message, to), to.kind.rate
        if not held and (message.turn or rate is None):
            return message
        if held and message.reason is None:
            self._health.held(to)
            reason = f"nothing is sent to {to.name} for a while, because an attempt failed"
            message = msgspec.structs.replace(message, reason=reason)
        after = self._clock() + held
        turn = reserve(self._ledger, to.name, rate or UNKNOWN_RATE, message.alert.severity, after)
        return msgspec.structs.replace(message, turn=turn)

    def _folds(self, to: Destination) -> Folds:
        return Folds(self._ledger, to.name, to.fold_seconds)

    def _announcing(self, message: Message) -> Callable[[Fold], None]:
        def announce(fold: Fold) -> None:
            end = msgspec.structs.replace(
                message, kind="window_end", fold=fold.id, not_before=fold.ends
            )
            self._queue.send(end, delay_seconds(fold.ends - self._clock()))

        return announce

    def _post(
        self, message: Message, to: Destination, cell: Cell[DeliveryStatus], fold: str
    ) -> Outcome:
        """POST, record the result, and act on it."""
        alert = message.alert
        answer = attempt(
            alert,
            to,
            self._secrets,
            self._clock,
            self._send,
            incident=message.incident or incident(alert, fold, alert.severity.rank),
            resolved=alert.resolved,
            raised=message.raised or message.since,
        )
        now = self._clock()
        if answer.verdict == "delivered":
            self._note_delivered(cell, fold)
            self._cooldowns.answered(to.name)
            self._health.answered(message, to, now)
            return self._outcome("delivered", message, answer.reason)
        # From now on it is sent alone. If the claim has expired, another courier continues.
        cell.swap(DeliveryStatus(state="waiting", fold=fold))
        reason = f"{to.name}: {answer.reason}"
        if answer.verdict == "refused":
            self._health.failed(message, to, now, answer.reason, dead=not is_alarm(alert))
            return self._dead_letter(message, reason)
        self._cooldowns.failed(to.name, now, answer.after)
        over = self._is_over(message, now)
        self._health.failed(message, to, now, answer.reason, dead=over and not is_alarm(alert))
        if over:
            given_up = f"given up after {span(int(self._give_up_seconds))}"
            return self._dead_letter(message, f"{given_up}: {reason}")
        seconds = wait_seconds(message.waits, answer.after, alert.severity)
        again = msgspec.structs.replace(message, waits=message.waits + 1, turn=0)
        return self._reschedule(again, seconds, reason)

    def _note_delivered(self, cell: Cell[DeliveryStatus], fold: str) -> None:
        delivered = DeliveryStatus(state="delivered", fold=fold)
        if not cell.swap(delivered):  # the claim expired and another courier took over
            cell.update(lambda status: delivered if status != delivered else status)

    def _reschedule(self, message: Message, seconds: float, reason: str | None) -> Outcome:
        later = msgspec.structs.replace(message, not_before=self._clock() + seconds, reason=reason)
        delay = delay_seconds(seconds)
        self._queue.send(later, delay)
        return self._outcome("rescheduled", message, reason, delay)

    def _dead_letter(self, message: Message, reason: str) -> Outcome:
        if is_alarm(message.alert):  # a dead letter would ring the next alarm
            return self._outcome("given_up", message, reason)
        self._queue.dead_letter(msgspec.structs.replace(message, reason=reason))
        return self._outcome("dead_lettered", message, reason)

    def _outcome(
        self,
        result: Result,
        message: Message,
        reason: str | None = None,
        seconds: int | None = None,
    ) -> Outcome:
        return outcome_of(result, message, self._clock(), reason, seconds)


def _foldable(message: Message, to: Destination) -> bool:
    """Whether folding decides. Not if the alert opens an incident that can be closed later."""
    alert = message.alert
    alone = is_alarm(alert) or (alert.incident is not None and to.kind.resolves)
    return message.kind == "alert" and to.fold_seconds > 0 and not alone
