"""The answer of a detecting function: message by message for SQS, an error for a single event.

Failed messages are delivered again soon, not after the queue's visibility timeout, which is for
crashes. Records that no further attempt can help go to the dead-letter queue, with the reason.
"""

from collections.abc import Callable, Iterable, Sequence

from functions.aws import payload
from functions.aws.payload import Message
from functions.aws.telemetry import Telemetry
from registrywatch.aws.queue import OutboundMessage, Queue, queue_of
from registrywatch.errors import StoreError, UnreadableInput
from registrywatch.events import RegistryEvent
from registrywatch.ingest import Detect, Ingested, ingest

_FIRST_WAIT = 5  # seconds until a failed message is delivered again; doubled each time


def answer(
    event: object,
    detect: Detect,
    dead_letters: Queue,
    telemetry: Telemetry,
    longest_wait: int,
    note_arrivals: Callable[[Iterable[RegistryEvent]], None] | None = None,
) -> object:
    """Handle the function's event; `longest_wait` bounds the backoff, in seconds.

    `note_arrivals` records from which registries events arrive. Only image traffic has it: a change
    that raises no alert should need no store.

    Raises StoreError if another attempt may help with a single event, else UnreadableInput. What
    could be handled was handled, and may be handled again.
    """
    messages = payload.messages(event)
    if messages is None:
        done = ingest([payload.document(event)], detect)
        if note_arrivals is not None:
            _note(done, note_arrivals, telemetry)
        return _single(done, telemetry)
    done = ingest([message.document for message in messages], detect)
    if note_arrivals is not None:
        _note(done, note_arrivals, telemetry)
    failed = _batch(messages, done, dead_letters, telemetry)
    hasten([message for message in messages if message.id in failed], longest_wait, telemetry)
    return payload.partial_failures(list(failed))


def _note(
    done: Ingested, note_arrivals: Callable[[Iterable[RegistryEvent]], None], telemetry: Telemetry
) -> None:
    """Record from which registries events arrive. If that fails, the next event does it."""
    try:
        note_arrivals(done.events)
    except StoreError as error:
        telemetry.logger.warning("arrival not noted", reason=str(error))


def _single(done: Ingested, telemetry: Telemetry) -> dict[str, int]:
    problems = [each.reason for found in done.rejected.values() for each in found]
    telemetry.count(Events=len(done.events), Rejected=len(problems), Failed=len(done.failed))
    telemetry.lag(done.events)
    if done.failed:
        raise StoreError("; ".join(done.reasons))
    if problems:
        raise UnreadableInput("; ".join(problems))
    return {"records": done.records, "events": len(done.events)}


def _batch(
    messages: Sequence[Message], done: Ingested, dead_letters: Queue, telemetry: Telemetry
) -> dict[str, str]:
    """The messages to deliver again, by id, with the reason."""
    failed = dict(done.failed)
    parked = [(place, each) for place, found in done.rejected.items() for each in found]
    letters = [
        OutboundMessage(each.record.decode("utf-8", "surrogatepass"), each.reason)
        for _, each in parked
    ]
    unsent = dead_letters.send_batch(letters)
    for number, (place, each) in enumerate(parked):
        if number in unsent:
            failed[place] = unsent[number]
        else:
            telemetry.logger.error("parked", message_id=messages[place].id, reason=each.reason)
    for reason in dict.fromkeys(failed.values()):
        telemetry.logger.error("to be tried again", reason=reason)
    telemetry.count(Events=len(done.events), Rejected=len(parked) - len(unsent), Failed=len(failed))
    telemetry.lag(done.events)
    return {messages[place].id: reason for place, reason in failed.items()}


def hasten(messages: Sequence[Message], longest: int, telemetry: Telemetry) -> None:
    """Let failed messages appear again after 5 seconds, doubled with each receive, up to `longest`.

    If that fails, all of them appear after the queue's own timeout: this must not take the time
    that the answer needs.
    """
    waits: dict[tuple[str, int], dict[str, str]] = {}
    for message in messages:
        if message.receipt and message.queue:
            wait = min(_FIRST_WAIT * 2 ** min(message.receives - 1, 20), longest)
            waits.setdefault((message.queue, wait), {})[message.id] = message.receipt
    for (queue, wait), receipts in waits.items():
        failed = queue_of(queue).hide(receipts, wait)
        for reason in dict.fromkeys(failed.values()):
            telemetry.logger.warning("visibility not changed", reason=reason)
        if failed.keys() == receipts.keys():
            return
