"""When to send: the backoff after a failure, and turns at a destination with a limited rate.

A critical alert never waits behind others. If a destination accepts only so many requests a second,
alerts reserve their turn in the ledger. Each class of severity has its own turns, and the turns of
one class leave a part of the rate to the others.
"""

import random
from collections.abc import Mapping

import msgspec

from registrywatch.delivery.ledger import Cell, Ledger, json_codec
from registrywatch.digests import digest
from registrywatch.severity import Severity

GIVE_UP_SECONDS = 6 * 3600.0  # the default: how long an alert waits before it is a dead letter
MOST_RETRY_AFTER = 3600.0
_FIRST_WAIT = 2.0
_LONGEST_WAIT = {Severity.CRITICAL: 60.0, Severity.HIGH: 300.0}
_LONGEST_OF_OTHERS = 900.0

UNKNOWN_RATE = 10.0  # requests a second after a pause, if no rate is known
_SHARE = 0.8  # of a destination's rate, for each class of severity
_AT_ONCE = 2  # requests of one class that may follow each other without a pause


def wait_seconds(
    waits: int, asked: float | None, severity: Severity, chance: float | None = None
) -> float:
    """The seconds before the next attempt, after `waits` delays: 2, doubled each time.

    At most 15 minutes, 5 for a high alert, 1 for a critical one. Never less than what the
    destination `asked` for, which is at most MOST_RETRY_AFTER. `chance` (0 to 1) subtracts up to a
    third, or adds up to a half to what was asked for, so that messages that failed together do not
    return together.
    """
    chance = random.random() if chance is None else chance  # noqa: S311 - no secret depends on it
    longest = _LONGEST_WAIT.get(severity, _LONGEST_OF_OTHERS)
    growing = min(_FIRST_WAIT * 2.0 ** min(waits, 30), longest) * (1.0 - chance / 3)
    if asked is None:
        return growing
    return max(growing, min(asked * (1.0 + chance / 2), max(asked, MOST_RETRY_AFTER)))


class Pace(msgspec.Struct, frozen=True):
    """When the next turn of each class is, in seconds since the epoch."""

    next: Mapping[str, float] = {}


_CODEC = json_codec(Pace)


def reserve(
    ledger: Ledger, destination: str, rate: float, severity: Severity, after: float
) -> float:
    """Reserve the turn of an alert: when it may be sent. Raises StoreError.

    It is not before `after`; both are in seconds since the epoch. `rate` is in requests a second.
    A turn that is not used, because its worker crashed, is lost.
    """
    turns = severity.value if severity in _LONGEST_WAIT else "others"
    apart = 1.0 / (rate * _SHARE)

    def with_turn(pace: Pace | None) -> Pace:
        known = pace.next if pace else {}
        return Pace({**known, turns: max(known.get(turns, 0.0), after) + apart})

    pace = Cell(ledger, "p" + digest(destination).hex(), _CODEC).update(with_turn)
    return max(after, pace.next[turns] - _AT_ONCE * apart)
