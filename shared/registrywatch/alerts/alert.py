"""An alert, as data: the same object on the queue, in `replay --json` and in the plain webhook."""

import hashlib
import re

import msgspec

from registrywatch.events import Actor, Cloud
from registrywatch.rules.rule import Mitre
from registrywatch.severity import Severity


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert. Times are RFC 3339 in UTC; absent values are null; `events` has at most 20 ids.

    `count`, `threshold` and `window_seconds` are null for rules that don't count; `repository` is
    null where several are meant. `account` is the subscription id on Azure.
    """

    id: str
    rule: str
    title: str
    summary: str
    severity: Severity
    reasons: tuple[str, ...]
    cloud: Cloud
    account: str | None
    region: str | None
    registry: str | None
    repository: str | None
    actor: Actor
    time: str
    mitre: tuple[Mitre, ...]
    events: tuple[str, ...]
    count: int | None = None
    threshold: int | None = None
    window_seconds: int | None = None
    impact: str
    mitigation: str
    references: tuple[str, ...]


def alert_id(rule: str, *of: str) -> str:
    """The stable id of the alert that `rule` raises about `of`."""
    text = "\x00".join((rule, *of)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def encode(alert: Alert) -> bytes:
    """The alert as one line of JSON, safe to show: what could steer a terminal is escaped."""
    return _HIDDEN.sub(_escaped, msgspec.json.encode(alert).decode()).encode()


def decode(body: bytes | str) -> Alert:
    """The alert that `encode` wrote. Raises msgspec.DecodeError for anything else."""
    return _decoder.decode(body)


_decoder = msgspec.json.Decoder(Alert)
# DEL and C1 controls, zero-width and bidirectional marks, line separators, byte order mark
_HIDDEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
