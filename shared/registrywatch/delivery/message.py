"""The messages of the alert queue: their form as text, and what becomes of each.

A message carries one alert to one destination.
"""

import json
from collections.abc import Iterable
from typing import Literal

import msgspec

from registrywatch.alerts.alarm import is_alarm
from registrywatch.alerts.alert import Alert
from registrywatch.alerts.cutting import LIMITS, with_texts_cut
from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.kind import Destination
from registrywatch.errors import UnreadableInput

_MOST_UNREADABLE = 20_000  # characters


class Message(msgspec.Struct, frozen=True, kw_only=True, rename={"fold": "window"}):
    """An alert on its way to one destination. Times are seconds since the epoch.

    - `kind`: an `alert` may be folded; a `window_end` ends the fold of that id, which `alert` was
      the first to be folded into; a `follow_up` is about folded alerts; a `notice` is about another
      destination, which does not answer or answers again.
    - `incident`: the key under which a receiver keeps alerts together, if it is not the alert's.
    - `raised`: when the alert was raised, 0 if that is not known; `since`: when its way to this
      destination began; `not_before`: it is not to be handled earlier.
    - `turn`: when it may be sent to a destination that takes a limited rate, 0 if it has no turn.
    - `waits`: how many attempts failed; `reason`: why the last one failed.

    Fields that the first edition did not have have defaults, so that its messages can be read.
    """

    destination: str
    alert: Alert
    kind: Literal["alert", "window_end", "follow_up", "notice"] = "alert"
    since: float
    raised: float = 0
    not_before: float = 0
    turn: float = 0
    waits: int = 0
    fold: str | None = None
    incident: str | None = None
    reason: str | None = None


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A body that could not be decoded, as stored in the dead-letter queue."""

    unreadable: str
    reason: str


type Body = Message | Alert | Unreadable
"""What a body of the alert queue holds; an alert alone comes from a person or from version 0.1."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message. Safe to log.

    `seconds` is the delay of a message that was rescheduled. `since` is when the message's way
    began, in seconds since the epoch, and `age` how many seconds it has lasted; both are None for
    a body that is not a message. An alert about one of registrywatch's own alarms has no age, which
    would set off the next alarm, and is `given_up` instead of becoming a dead letter.
    """

    result: "Result"
    destination: str | None = None
    alert: str | None = None
    rule: str | None = None
    reason: str | None = None
    seconds: int | None = None
    since: float | None = None
    age: float | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether the queue may delete the message."""
        return self.result != "failed"


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


def outcome_of(
    result: Result,
    message: Message,
    now: float,
    reason: str | None = None,
    seconds: int | None = None,
) -> Outcome:
    """The outcome of a message."""
    return Outcome(
        result=result,
        destination=message.destination,
        alert=message.alert.id,
        rule=message.alert.rule,
        reason=reason,
        seconds=seconds,
        since=message.since,
        age=None if is_alarm(message.alert) else max(now - message.since, 0.0),
    )


def messages_for(
    alert: Alert, destinations: Iterable[Destination], now: float
) -> tuple[Message, ...]:
    """The messages that carry `alert` to every destination that wants it."""
    return tuple(
        Message(destination=destination.name, alert=alert, since=now, raised=now)
        for destination in destinations
        if destination.wants(alert)
    )


def encode_message(message: Body, most: int | None = None) -> str:
    """The message as ASCII JSON: queues refuse some characters, and count others differently.

    If it would have more than `most` characters, the alert's longest texts are cut.
    """
    text = _ascii(message)
    if most is None or isinstance(message, Unreadable):
        return text
    for limit in LIMITS:
        if len(text) <= most:
            break
        if isinstance(message, Alert):
            text = _ascii(with_texts_cut(message, limit))
        else:
            alert = with_texts_cut(message.alert, limit)
            text = _ascii(msgspec.structs.replace(message, alert=alert))
    return text


def decode_message(body: str | bytes) -> Message | Alert:
    """A message, or an alert without an address. Raises UnreadableInput."""
    try:
        return _message.decode(body)
    except msgspec.DecodeError as error:
        problem = error
    try:
        return _alert.decode(body)
    except msgspec.DecodeError:
        raise UnreadableInput(f"not a message of the alert queue: {problem}") from problem


def read_message(body: str | bytes) -> Body:
    """A body of the alert queue, decoded; if that fails, `Unreadable` with the reason."""
    try:
        return decode_message(body)
    except UnreadableInput as error:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        return Unreadable(unreadable=shown(text, _MOST_UNREADABLE), reason=str(error))


_message = msgspec.json.Decoder(Message)
_alert = msgspec.json.Decoder(Alert)


def _ascii(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value)).replace("\x7f", "\\u007f")
