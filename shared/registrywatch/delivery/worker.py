"""The worker: takes what lies on the alert queue and brings it to its destination, once.

One alert at one destination goes through these steps, each of which a crash may follow:

1. Its mark in the ledger is read. Delivered: nothing is left to do.
2. Folding decides whether it is told by itself or counted for later (see `folding`).
3. The mark says that this worker is sending, for LEASE_SECONDS: two copies of a message that are
   delivered at once make one POST.
4. The POST; then the mark says delivered, or what else came of it.

What can't be delivered now is sent to the queue again with a delay, so that the queue's own count
of receipts counts crashes alone, and a slow destination holds nothing else up.
"""

import math
import secrets as tokens
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.text import shown
from registrywatch.delivery import folding
from registrywatch.delivery.attempt import attempt
from registrywatch.delivery.backoff import GIVE_UP_SECONDS, Rests, wait_seconds
from registrywatch.delivery.destinations.kind import Answer, Destination, Request
from registrywatch.delivery.destinations.pagerduty import dedup_key
from registrywatch.delivery.fold import Window, follow_up
from registrywatch.delivery.ledger import Entry, Ledger
from registrywatch.delivery.message import Message, Unreadable, decode_message, messages_for
from registrywatch.delivery.post import post
from registrywatch.delivery.queue import MOST_DELAY_SECONDS, Queue
from registrywatch.delivery.secret_store import SecretStore
from registrywatch.delivery.status import Mark, decode_mark, encode_mark, mark_key
from registrywatch.errors import StoreError, UnreadableInput
from registrywatch.times import span

LEASE_SECONDS = 60.0  # longer than both POSTs of one attempt may take together
_MOST_UNREADABLE = 20_000

Result = Literal[
    "delivered", "repeated", "folded", "told", "put_back", "buried", "fanned_out", "failed"
]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message. Safe to log. `seconds` is the delay of what was put back."""

    result: Result
    destination: str | None = None
    alert: str | None = None
    rule: str | None = None
    reason: str | None = None
    seconds: int | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether the queue may forget the message."""
        return self.result != "failed"


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """All that delivery touches. One for the life of a process."""

    destinations: tuple[Destination, ...]
    ledger: Ledger
    queue: Queue
    secrets: SecretStore
    clock: Callable[[], float] = time.time
    post: Callable[[Request, float], Answer] = post
    rests: Rests = msgspec.field(default_factory=Rests)


def deliver(body: str | bytes, worker: Worker) -> Outcome:
    """Handle one message of the alert queue. Raises StoreError: it is to be delivered again."""
    try:
        message = decode_message(body)
    except UnreadableInput as error:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        worker.queue.bury(Unreadable(unreadable=shown(text, _MOST_UNREADABLE), reason=str(error)))
        return Outcome(result="buried", reason=str(error))
    if isinstance(message, Alert):
        return _fan_out(message, worker)
    to = next((to for to in worker.destinations if to.name == message.destination), None)
    if to is None:
        return _bury(message, f"no destination {message.destination} is configured", worker)
    early = message.not_before - worker.clock()
    if early > 1:
        return _put_back(message, early, message.reason, worker)
    if message.kind == "window_end":
        return _end_window(message, to, worker)
    return _tell(message, to, worker)


def _fan_out(alert: Alert, worker: Worker) -> Outcome:
    for message in messages_for(alert, worker.destinations, worker.clock()):
        worker.queue.send(message)
    return Outcome(result="fanned_out", alert=alert.id, rule=alert.rule)


def _end_window(message: Message, to: Destination, worker: Worker) -> Outcome:
    window = folding.close(message.window or "", message.alert, to.name, worker.ledger)
    if window is None:
        return _outcome("repeated", message)
    told = Message(
        kind="follow_up",
        destination=to.name,
        alert=follow_up(message.alert, window),
        incident=dedup_key(message.alert),
        since=worker.clock(),
    )
    worker.queue.send(told)
    return _outcome("told", told)


def _tell(message: Message, to: Destination, worker: Worker) -> Outcome:
    alert, ledger = message.alert, worker.ledger
    if message.waits:  # so its mark says "waiting" already, and the ledger needs no look
        rest = _rest(message, to, worker)
        if rest > 0:
            return _wait(message, f"{to.name} is left alone for a while", rest, worker)
    key = mark_key(alert.id, to.name)
    me = tokens.token_hex(8)
    for _ in range(folding.MOST_ATTEMPTS):
        entry = ledger.read(key)
        mark = decode_mark(entry)
        if mark and mark.state == "delivered":
            return _outcome("repeated", message)
        now = worker.clock()
        if mark and mark.state == "sending" and mark.by != me and mark.until > now:
            wait = mark.until - now
            return _put_back(message, wait, "another worker is sending it", worker)
        told_alone = mark is not None and mark.state in ("sending", "waiting")
        if message.kind == "alert" and to.fold_seconds > 0 and not told_alone:
            how, entry = _fold(message, to, mark, entry, worker)
            if how == "folded":
                return _outcome("folded", message)
            if how is None:
                continue
        rest = _rest(message, to, worker)
        if rest > 0:
            if told_alone or ledger.write(key, encode_mark(Mark("waiting")), entry):
                return _wait(message, f"{to.name} is left alone for a while", rest, worker)
            continue
        sending = Mark("sending", by=me, until=now + LEASE_SECONDS)
        entry = ledger.write(key, encode_mark(sending), entry)
        if entry:
            answer = attempt(
                message.alert, to, worker.secrets, worker.clock, worker.post, message.incident
            )
            return _settle(message, to, answer, key, entry, worker)
    raise StoreError(f"ledger: {folding.MOST_ATTEMPTS} attempts at a mark, others were faster")


def _rest(message: Message, to: Destination, worker: Worker) -> float:
    """Seconds to leave the destination alone; never so long that a message is given up untried."""
    now = worker.clock()
    return worker.rests.left(to.name, now) if now - message.since < GIVE_UP_SECONDS else 0.0


def _fold(
    message: Message, to: Destination, mark: Mark | None, entry: Entry | None, worker: Worker
) -> tuple[Literal["alone", "folded"] | None, Entry | None]:
    """Where the message's alert belongs, and its mark's entry as it is then."""
    key = mark_key(message.alert.id, to.name)

    def note(window: str) -> bool:
        nonlocal entry
        written = worker.ledger.write(key, encode_mark(Mark("folding", window=window)), entry)
        entry = written or entry
        return written is not None

    def announce(window: Window) -> None:
        end = msgspec.structs.replace(
            message, kind="window_end", window=window.id, not_before=window.ends
        )
        worker.queue.send(end, _delay(window.ends - worker.clock()))

    how = folding.fold_or_tell(
        message.alert,
        to.name,
        worker.ledger,
        worker.clock(),
        to.fold_seconds,
        marked=mark.window if mark else "",
        mark=note,
        announce=announce,
    )
    return how, entry


def _settle(
    message: Message, to: Destination, answer: Answer, key: str, claim: Entry, worker: Worker
) -> Outcome:
    """Note what came of a POST, and see to what follows."""
    if answer.verdict == "delivered":
        _mark_delivered(key, claim, worker.ledger)
        return _outcome("delivered", message, answer.reason)
    # Told by itself from now on. If the claim has run out, another worker goes on with it.
    worker.ledger.write(key, encode_mark(Mark("waiting")), claim)
    reason = f"{to.name}: {answer.reason}"
    if answer.verdict == "refused":
        return _bury(message, reason, worker)
    now = worker.clock()
    worker.rests.begin(to.name, now, answer.after)
    if now - message.since >= GIVE_UP_SECONDS:
        return _bury(message, f"given up after {span(int(GIVE_UP_SECONDS))}: {reason}", worker)
    return _wait(message, reason, answer.after, worker)


def _mark_delivered(key: str, claim: Entry | None, ledger: Ledger) -> None:
    delivered = encode_mark(Mark("delivered"))
    for _ in range(folding.MOST_ATTEMPTS):
        if ledger.write(key, delivered, claim):
            return
        claim = ledger.read(key)  # the claim ran out and another took over: it is delivered anyway
    raise StoreError(f"ledger: {folding.MOST_ATTEMPTS} attempts at a mark, others were faster")


def _wait(message: Message, reason: str, asked: float | None, worker: Worker) -> Outcome:
    """Put the message back for longer each time."""
    seconds = wait_seconds(message.waits, asked)
    waited = msgspec.structs.replace(message, waits=message.waits + 1)
    return _put_back(waited, seconds, reason, worker)


def _put_back(message: Message, seconds: float, reason: str | None, worker: Worker) -> Outcome:
    later = msgspec.structs.replace(message, not_before=worker.clock() + seconds, reason=reason)
    delay = _delay(seconds)
    worker.queue.send(later, delay)
    return _outcome("put_back", message, reason, delay)


def _delay(seconds: float) -> int:
    """What a queue can hold back at once; `not_before` sees to the rest."""
    return min(max(math.ceil(seconds), 0), MOST_DELAY_SECONDS)


def _bury(message: Message, reason: str, worker: Worker) -> Outcome:
    worker.queue.bury(msgspec.structs.replace(message, reason=reason))
    return _outcome("buried", message, reason)


def _outcome(
    result: Result, message: Message, reason: str | None = None, seconds: int | None = None
) -> Outcome:
    return Outcome(
        result=result,
        destination=message.destination,
        alert=message.alert.id,
        rule=message.alert.rule,
        reason=reason,
        seconds=seconds,
    )
