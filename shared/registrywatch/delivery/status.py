"""What the ledger says of one alert at one destination."""

import hashlib
from typing import Literal

import msgspec

from registrywatch.delivery.ledger import Entry


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far an alert has come at one destination. Absent: nothing is known of it.

    `folding`: on its way into `window`, and counted there if that window holds it. `sending`: the
    worker `by` is about to POST it, and nobody else does before `until` (seconds since the epoch).
    `waiting`: it is told by itself, and could not be yet; it is not folded any more. `delivered`:
    the destination has answered that it took it.
    """

    state: Literal["folding", "sending", "waiting", "delivered"]
    window: str = ""
    by: str = ""
    until: float = 0


def mark_key(alert: str, destination: str) -> str:
    return "m" + digest(alert, destination).hex()


def encode_mark(mark: Mark) -> bytes:
    return msgspec.json.encode(mark)


def decode_mark(entry: Entry | None) -> Mark | None:
    return _decoder.decode(entry.value) if entry else None


def digest(*parts: str, size: int = 16) -> bytes:
    """A short name for `parts`, of letters and digits once it is in hex."""
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=size).digest()


_decoder = msgspec.json.Decoder(Mark)
