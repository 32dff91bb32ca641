"""Records that can't be handled are kept in a queue, with the reason, for a person."""

import json
import logging

import msgspec

from registrywatch.azure.log_lines import log
from registrywatch.azure.queue import MOST_CHARACTERS
from registrywatch.delivery.queue import Texts

_ENVELOPE = 2_000  # characters for everything but the record


class Parked(msgspec.Struct, frozen=True):
    """A parked record. `whole` is False if `record` is only its beginning.

    `source` says how it arrived: "event-grid" or "event-hub".
    """

    reason: str
    source: str
    record: str
    whole: bool = True


class Parking:
    """Puts records into the queue `parked`."""

    def __init__(self, queue: Texts) -> None:
        self._queue = queue

    def park(self, source: str, record: bytes, reason: str) -> None:
        """Put a record aside. Raises StoreError; the record must then be delivered again."""
        self._queue.send(encode(source, record, reason))
        log("parked", level=logging.WARNING, source=source, reason=reason)


def encode(source: str, record: bytes, reason: str) -> str:
    """The message, as ASCII JSON that fits into the queue; bytes that are not text are escaped."""
    text, reason = record.decode("utf-8", "backslashreplace"), reason[:500]
    room = MOST_CHARACTERS - _ENVELOPE
    parked = Parked(reason, source, text)
    while len(message := _ascii(parked)) > MOST_CHARACTERS:
        # A character may become twelve in ASCII JSON: the cut is proportional to the excess.
        room = min(room, len(parked.record) * room // len(message))
        parked = Parked(reason, source, text[:room], whole=False)
    return message


def parked_in(message: str) -> Parked | None:
    """The parked record in a message; None if it is another kind of message."""
    try:
        return decode(message)
    except msgspec.DecodeError:
        return None


def decode(message: str) -> Parked:
    """What `encode` wrote. Raises msgspec.DecodeError for anything else."""
    return msgspec.json.decode(message, type=Parked)


def _ascii(parked: Parked) -> str:
    return json.dumps(msgspec.to_builtins(parked))
