"""The messages of the alert queue: one for each alert and destination."""

import json
from collections.abc import Iterable
from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.cutting import LIMITS, with_texts_cut
from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.kind import Destination
from registrywatch.errors import UnreadableInput

_MOST_UNREADABLE = 20_000


class Message(msgspec.Struct, frozen=True, kw_only=True, rename={"fold": "window"}):
    """An alert on its way to one destination. Times are seconds since the epoch.

    `kind`: an `alert` may be folded; a `window_end` says that the fold, into which `alert` was
    folded first, is over; a `follow_up` is about folded alerts; a `notice` is about another
    destination, which does not answer or answers again. `incident` is the key under which a
    receiver keeps alerts together, where it is not the alert's own. `raised` is when the alert was
    handed over first, 0 where that is not known; `since` when this way to the destination began;
    `waits` how often an attempt failed, `reason` why the last one did; `turn` when it is this
    message's turn at a destination that is paced, 0 if it has none. Fields that the first edition
    did not know have defaults, so that its messages are understood.
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
    """An undecodable body, as stored in the dead-letter queue."""

    unreadable: str
    reason: str


def messages_for(
    alert: Alert, destinations: Iterable[Destination], now: float
) -> tuple[Message, ...]:
    """The messages that carry `alert` to every destination that wants it."""
    return tuple(
        Message(destination=destination.name, alert=alert, since=now, raised=now)
        for destination in destinations
        if destination.wants(alert)
    )


def encode_message(message: Message | Alert | Unreadable, most: int | None = None) -> str:
    """The message as ASCII JSON: queues refuse some characters, and count others in several ways.

    Where it would have more than `most` characters, the alert's longest texts are cut.
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


def read_message(body: str | bytes) -> Message | Alert | Unreadable:
    """A body of the alert queue, decoded; one that can't be is `Unreadable`, with the reason."""
    try:
        return decode_message(body)
    except UnreadableInput as error:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        return Unreadable(unreadable=shown(text, _MOST_UNREADABLE), reason=str(error))


_message = msgspec.json.Decoder(Message)
_alert = msgspec.json.Decoder(Alert)


def _ascii(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value)).replace("\x7f", "\\u007f")
