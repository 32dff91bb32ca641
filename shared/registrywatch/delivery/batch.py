"""A batch of messages from SQS: a message or a destination that fails affects no other."""

import math
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.courier import Courier
from registrywatch.delivery.post import TOTAL_SECONDS
from registrywatch.delivery.queue import Message, Outcome, Unreadable, read_message
from registrywatch.errors import RegistrywatchError

# A message is handled only if there is time for both POSTs of an attempt and the calls around them
NEEDED_SECONDS = 2 * TOTAL_SECONDS + 5

type _Read = Message | Alert | Unreadable


def deliver_batch(
    bodies: Mapping[str, str | bytes],
    courier: Courier,
    seconds_left: Callable[[], float] = lambda: math.inf,
) -> dict[str, Outcome]:
    """Deliver the messages of a batch, by message id: each destination in a thread of its own.

    The worst alerts of a destination go first; of equal ones, the oldest. Never raises: a message
    that could not be handled has the outcome `failed`, with the reason, and must be delivered
    again. `seconds_left` returns how long this process may still run.
    """
    messages = {name: read_message(body) for name, body in bodies.items()}
    lanes: dict[str, list[str]] = defaultdict(list)
    for name, message in messages.items():
        lanes[message.destination if isinstance(message, Message) else ""].append(name)

    def handle(names: list[str]) -> dict[str, Outcome]:
        found = {}
        for name in sorted(names, key=lambda name: urgency(messages[name])):
            if seconds_left() < NEEDED_SECONDS:
                reason = "no time was left in this invocation"
                found[name] = Outcome(result="failed", reason=reason)
            else:
                found[name] = _safely(courier, messages[name])
        return found

    with ThreadPoolExecutor(max_workers=max(len(lanes), 1)) as pool:
        outcomes = {
            name: outcome
            for lane in pool.map(handle, lanes.values())
            for name, outcome in lane.items()
        }
    return {name: outcomes[name] for name in bodies}


def deliver_one(body: str | bytes, courier: Courier) -> Outcome:
    """Deliver one message. Never raises: see `deliver_batch`. No secret is in the outcome."""
    return _safely(courier, read_message(body))


def _safely(courier: Courier, message: _Read) -> Outcome:
    try:
        return courier.handle(message)
    except RegistrywatchError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - reported to the caller, who hands the message in again
        # A bug in registrywatch. Its text may hold a secret: only the place is reported.
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(where.filename).name}:{where.lineno}"
        reason = f"{type(error).__name__} at {place}"
    ended = courier.last_resort.deliver(message, reason)
    return ended or Outcome(result="failed", reason=reason)


def urgency(message: _Read) -> tuple[int, float]:
    """The sort key within a batch: the worst first; of equal ones, the oldest."""
    if isinstance(message, Message):
        return -message.alert.severity.rank, message.since
    return 0, 0.0
