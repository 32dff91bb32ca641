"""How the detecting functions answer: to one event with an error, to a batch message by message."""

from collections.abc import Callable

from functions.aws import payload
from functions.aws.payload import Message
from functions.aws.telemetry import Telemetry
from registrywatch.detector import Detector
from registrywatch.errors import StoreError, UnreadableInput
from registrywatch.events import RegistryEvent

TOO_OLD = "the event lies further back than what is remembered of its group; it was not counted"

type Park = Callable[[str, str], None]


def to_event(event: object, detector: Detector, telemetry: Telemetry) -> dict[str, int]:
    """Deals with an event, or with several in one envelope. Returns how many there were.

    Raises StoreError if it is worth another try, else UnreadableInput; all that can be dealt with
    has been by then, and may be handed in again.
    """
    reading = payload.read(event)
    outcome = detector.detect(reading.events)
    problems = [*reading.problems, *(TOO_OLD for _ in outcome.too_old)]
    telemetry.count(Events=len(reading.events), Rejected=len(problems), Failed=len(outcome.failed))
    if outcome.failed:
        raise StoreError("; ".join([*dict.fromkeys(outcome.failed.values()), *problems]))
    if problems:
        raise UnreadableInput("; ".join(problems))
    return {"records": reading.records, "events": len(reading.events)}


def to_batch(
    messages: list[Message], detector: Detector, park: Park, telemetry: Telemetry
) -> dict[str, list[dict[str, str]]]:
    """Deals with a batch of SQS; the messages that it names are delivered again.

    `park` gets the body of a message that no further try would help, and the reason.
    """
    events: list[RegistryEvent] = []
    source: list[int] = []  # of each event, the place of its message
    hopeless: dict[int, str] = {}
    for place, message in enumerate(messages):
        reading = payload.read_text(message.body)
        events += reading.events
        source += [place] * len(reading.events)
        if reading.problems:
            hopeless[place] = "; ".join(reading.problems)
    outcome = detector.detect(events)
    failed = {source[index]: reason for index, reason in outcome.failed.items()}
    hopeless |= {source[index]: TOO_OLD for index in outcome.too_old}
    for place, reason in hopeless.items():
        if place in failed:
            continue  # what can be dealt with in it comes first
        telemetry.logger.error("parked", message_id=messages[place].id, reason=reason)
        try:
            park(messages[place].body, reason)
        except StoreError as error:
            failed[place] = str(error)
    for reason in dict.fromkeys(failed.values()):
        telemetry.logger.error("to be tried again", reason=reason)
    telemetry.count(
        Events=len(events), Rejected=len(hopeless.keys() - failed.keys()), Failed=len(failed)
    )
    return {"batchItemFailures": [{"itemIdentifier": messages[place].id} for place in failed]}
