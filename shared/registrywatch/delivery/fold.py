"""Folding, the meaning: what is told at once and what is counted for later.

A window belongs to a destination, a rule, a registry and an actor. The alert that opens it is told
at once; so are, while it lasts, the first of each further repository, and whatever is worse than
all that was told of its repository. The rest is folded: counted, and told together at the end.

Everything here is pure; `folding` keeps the windows in the ledger.
"""

from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert, alert_id
from registrywatch.delivery.status import digest
from registrywatch.severity import Severity
from registrywatch.times import span

MOST_REMEMBERED = 1000  # alerts and repositories in one window: some 15 KB in the ledger
_EXAMPLES = 5
_EXAMPLE_LENGTH = 200
_EVENTS = 20  # as many as an alert holds


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What one window knows. Alerts and repositories are digests; times seconds since the epoch.

    `told` is the worst grade (its rank) told of each repository; `alone` are the alerts told by
    themselves, `folded` those counted for the follow-up, `repositories`
    theirs and `repository` the first of them by name. `closed`: nothing is added any more.
    """

    id: str
    opened: float
    ends: float
    told: dict[bytes, int]
    alone: tuple[bytes, ...]
    folded: tuple[bytes, ...] = ()
    repositories: tuple[bytes, ...] = ()
    repository: str | None = None
    worst: Severity = Severity.INFORMATIONAL
    examples: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    last: str = ""
    closed: bool = False

    def holds(self, alert: Alert) -> bool:
        """Whether the follow-up counts the alert."""
        return digest(alert.id) in self.folded

    @property
    def full(self) -> bool:
        return len(self.folded) + len(self.alone) + len(self.told) >= MOST_REMEMBERED


class Placed(msgspec.Struct, frozen=True):
    """Where an alert belongs. `window` is the window afterwards, the same object if unchanged.

    `replaced` is a window that ends by this and still has something to tell.
    """

    how: Literal["alone", "folded"]
    window: Window
    replaced: Window | None = None


def place(window: Window | None, alert: Alert, now: float, seconds: int) -> Placed:
    """Where `alert` belongs, given the group's present window. Placing it again changes nothing."""
    me = digest(alert.id)
    if window is None:
        return Placed("alone", _opened(alert, now, seconds))
    if me in window.folded:
        return Placed("folded", window)
    if me in window.alone:
        return Placed("alone", window)
    idle = not window.folded and now >= window.ends
    if window.closed or window.full or idle:
        replaced = msgspec.structs.replace(window, closed=True) if window.folded else None
        return Placed("alone", _opened(alert, now, seconds), replaced)
    repository = _repository(alert)
    if alert.severity.rank > window.told.get(repository, -1):
        told = window.told | {repository: alert.severity.rank}
        return Placed(
            "alone", msgspec.structs.replace(window, told=told, alone=(*window.alone, me))
        )
    return Placed("folded", _with_folded(window, alert, me, repository))


def follow_up(sample: Alert, window: Window) -> Alert:
    """The alert that tells of all that was folded into `window`, of which `sample` is one."""
    number, repositories = len(window.folded), len(window.repositories)
    more = "1 more alert" if number == 1 else f"{number} more alerts"
    where: tuple[str, ...] = ()
    if repositories > 1:
        where = (f"in {repositories} repositories",)
    elif window.repository:
        where = (f"in {window.repository}",)
    who = sample.actor.name or sample.actor.id or "an actor who is not recorded"
    within = span(max(1, round(window.ends - window.opened)))
    examples = list(window.examples)
    if number > len(examples):
        examples.append(f"and {number - len(examples)} more")
    return msgspec.structs.replace(
        sample,
        id=alert_id("follow-up", window.id),
        summary=" ".join((more, "like this", *where, "by", who, "within", within)),
        severity=window.worst,
        reasons=(
            f"Follow-up to alert {window.id.rpartition('.')[0]}: what was not told one by one",
            *examples,
        ),
        repository=window.repository if repositories == 1 else None,
        time=window.last,
        events=window.events,
        count=None,
        threshold=None,
        window_seconds=None,
    )


def _opened(alert: Alert, now: float, seconds: int) -> Window:
    return Window(
        id=f"{alert.id}.{int(now * 1000)}",
        opened=now,
        ends=now + seconds,
        told={_repository(alert): alert.severity.rank},
        alone=(digest(alert.id),),
    )


def _with_folded(window: Window, alert: Alert, me: bytes, repository: bytes) -> Window:
    example = alert.summary[:_EXAMPLE_LENGTH]
    return msgspec.structs.replace(
        window,
        folded=(*window.folded, me),
        repositories=tuple(dict.fromkeys((*window.repositories, repository))),
        repository=window.repository if window.folded else alert.repository,
        worst=max(window.worst, alert.severity, key=lambda severity: severity.rank),
        examples=tuple(dict.fromkeys((*window.examples, example)))[:_EXAMPLES],
        events=tuple(dict.fromkeys((*window.events, *alert.events)))[:_EVENTS],
        last=max(window.last, alert.time),
    )


def _repository(alert: Alert) -> bytes:
    return digest(alert.repository or "", size=8)
