"""What became of a message of the alert queue."""

from typing import Literal

import msgspec

Result = Literal[
    "delivered",
    "duplicate",
    "folded",
    "follow_up_sent",
    "rescheduled",
    "dead_lettered",
    "given_up",
    "addressed",
    "failed",
]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message. Safe to log.

    `seconds` is the delay of a message that was rescheduled. `since` is when the message's way
    began and `age` how long it has lasted; both None where the message was none. An alert about one
    of registrywatch's own alarms has no age, for which the next alarm would ring, and is `given_up`
    where another would be a dead letter.
    """

    result: Result
    destination: str | None = None
    alert: str | None = None
    rule: str | None = None
    reason: str | None = None
    seconds: int | None = None
    since: float | None = None
    age: float | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether the queue may forget the message."""
        return self.result != "failed"
