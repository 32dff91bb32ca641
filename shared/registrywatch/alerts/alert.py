"""An alert, as data: the same object on the queue, in `replay --json` and in the plain webhook."""

import functools
import re
from typing import Literal

import msgspec

from registrywatch.digests import digest
from registrywatch.events import Actor, Cloud
from registrywatch.rules.rule import Mitre
from registrywatch.severity import Severity


class Incident(msgspec.Struct, frozen=True):
    """A state that an alert is about, and that a later alert ends.

    `id` and `severity` are those of the alert that opened it. Destinations that got that alert get
    the alert about the end too.
    """

    id: str
    state: Literal["open", "resolved"]
    severity: Severity


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert. Times are RFC 3339 in UTC; absent values are null; `events` has at most 20 ids.

    `count`, `threshold` and `window_seconds` are null for rules that don't count; `repository` is
    null if several are meant. `account` is the subscription id on Azure; `resource` is the ARN or
    the Azure resource id, if the event shows it. `silence` is the setting, as `NAME=value`, that
    would have suppressed exactly this alert. `follows` is the id of the alert to which a follow-up
    belongs, null for all others. `incident` is null unless the alert is about a state that a later
    alert can end. `schema` is the version of this form. Alerts of the first edition, without
    `schema`, `resource`, `silence`, `follows` and `incident`, can be decoded too.
    """

    schema: Literal[1] = 1
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
    resource: str | None = None
    actor: Actor
    time: str
    mitre: tuple[Mitre, ...]
    events: tuple[str, ...]
    count: int | None = None
    threshold: int | None = None
    window_seconds: int | None = None
    impact: str
    mitigation: str
    silence: str | None = None
    references: tuple[str, ...]
    follows: str | None = None
    incident: Incident | None = None

    @property
    def resolved(self) -> bool:
        """Whether it says that an incident is over."""
        return self.incident is not None and self.incident.state == "resolved"


def alert_id(rule: str, *of: str) -> str:
    """The stable id of the alert that `rule` raises about `of`."""
    return digest(rule, *of).hex()


def encode(alert: Alert) -> bytes:
    """The alert as one line of JSON, safe to show."""
    return safe_to_show(msgspec.json.encode(alert))


def safe_to_show(body: bytes) -> bytes:
    """The same JSON, with characters escaped that could control a terminal or hide text."""
    if body.isascii() and _DELETE not in body:  # as nearly always: the rest of it is beyond ASCII
        return body
    return re.sub(_HIDDEN, _escaped, body.decode()).encode()


def decode(body: bytes | str) -> Alert:
    """The alert that `encode` wrote. Raises msgspec.DecodeError for anything else."""
    return _decoder().decode(body)


@functools.cache
def _decoder() -> msgspec.json.Decoder[Alert]:
    return msgspec.json.Decoder(Alert)  # here: the functions that detect read no alert


_DELETE = b"\x7f"
# DEL and C1 controls, soft hyphen, zero-width and bidirectional marks, line separators, the byte
# order mark, interlinear annotation, tag characters
_HIDDEN = (
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def _escaped(match: re.Match[str]) -> str:
    """JSON's own escapes: UTF-16 units, two of them beyond U+FFFF."""
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
