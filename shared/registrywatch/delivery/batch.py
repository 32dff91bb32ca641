"""A batch of messages, as SQS hands them over: no message and no destination harms another."""

import math
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.message import decode_message
from registrywatch.delivery.post import TOTAL_SECONDS
from registrywatch.delivery.worker import Outcome, Worker, deliver
from registrywatch.errors import RegistrywatchError, UnreadableInput

# A message is begun only if both POSTs of its attempt and the calls around them fit in
NEEDED_SECONDS = 2 * TOTAL_SECONDS + 5


def deliver_batch(
    bodies: Mapping[str, str | bytes],
    worker: Worker,
    seconds_left: Callable[[], float] = lambda: math.inf,
) -> dict[str, Outcome]:
    """Deliver the messages of a batch, by message id: each destination in a thread of its own.

    Never raises: a message that could not be handled has the outcome `failed`, with the reason, and
    is to be delivered again. `seconds_left` says how long this process may go on.
    """
    lanes: dict[str, list[str]] = defaultdict(list)
    for name, body in bodies.items():
        lanes[_lane(body)].append(name)

    def handled(body: str | bytes) -> Outcome:
        if seconds_left() < NEEDED_SECONDS:
            return Outcome(result="failed", reason="no time was left in this invocation")
        return deliver_one(body, worker)

    pools = {lane: ThreadPoolExecutor(max_workers=1) for lane in lanes}
    futures = {
        name: pools[lane].submit(handled, bodies[name])
        for lane, names in lanes.items()
        for name in names
    }
    outcomes = {name: future.result() for name, future in futures.items()}
    for pool in pools.values():
        pool.shutdown()
    return {name: outcomes[name] for name in bodies}


def deliver_one(body: str | bytes, worker: Worker) -> Outcome:
    """Deliver one message. Never raises: see `deliver_batch`. No secret is in the outcome."""
    try:
        return deliver(body, worker)
    except RegistrywatchError as error:
        return Outcome(result="failed", reason=str(error))
    except Exception as error:  # noqa: BLE001 - told to the caller, who hands the message in again
        # A fault of our own. Its text may hold anything, a secret too: say where it happened.
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(where.filename).name}:{where.lineno}"
        return Outcome(result="failed", reason=f"{type(error).__name__} at {place}")


def _lane(body: str | bytes) -> str:
    try:
        message = decode_message(body)
    except UnreadableInput:
        return ""
    return "" if isinstance(message, Alert) else message.destination
