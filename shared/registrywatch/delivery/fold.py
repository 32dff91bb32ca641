"""A fold: alerts that are sent at once, and alerts that are counted for one follow-up. Pure.

A fold belongs to a destination, a rule, a registry and an actor. It begins with an alert, which is
sent at once, and lasts for a time. During it, these are sent at once: the first alert of each
further repository, until ALONE_AT_MOST were sent; and any alert that is worse than all that were
sent. The others are folded: counted, and reported together in one follow-up at the end.
"""

from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert, alert_id
from registrywatch.digests import digest
from registrywatch.rules.wording import number_of
from registrywatch.severity import Severity
from registrywatch.times import span

ALONE_AT_MOST = 5  # messages of one rule and actor in a window, rises in severity apart
MOST_REMEMBERED = 1000  # alerts and repositories in one fold: about 15 KB in the ledger
_EXAMPLES = 5
_EXAMPLE_LENGTH = 200
_EVENTS = 20  # as many as an alert holds


class Fold(msgspec.Struct, frozen=True, kw_only=True, rename={"sent": "told"}):
    """One fold. Alerts and repositories are kept as digests; times are seconds since the epoch.

    `sent` is the rank of the highest severity that was sent, by repository. `alone` are the alerts
    sent alone and `folded` those counted for the follow-up; `repositories` are those of the folded
    alerts, and `repository` is the name of the first. `closed`: nothing is added any more.
    """

    id: str
    opened: float
    ends: float
    sent: dict[bytes, int]
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
        """Whether it can't remember more: the next alert begins another fold."""
        return len(self.folded) + len(self.alone) + len(self.sent) >= MOST_REMEMBERED

    @property
    def highest(self) -> int:
        """The rank of the highest severity that was sent."""
        return max(self.sent.values())


class Placed(msgspec.Struct, frozen=True):
    """What happens to an alert. `fold` is the fold afterwards, the same object if unchanged.

    `replaced` is a fold that ends now and still has a follow-up to send.
    """

    how: Literal["alone", "folded"]
    fold: Fold
    replaced: Fold | None = None


def place(fold: Fold | None, alert: Alert, now: float, seconds: int) -> Placed:
    """What happens to `alert`, given its group's present fold. Placing it again changes nothing."""
    me = digest(alert.id)
    if fold is None:
        return Placed("alone", _opened(alert, now, seconds))
    if me in fold.folded:
        return Placed("folded", fold)
    if me in fold.alone:
        return Placed("alone", fold)
    idle = not fold.folded and now >= fold.ends
    if fold.closed or fold.full or idle:
        replaced = msgspec.structs.replace(fold, closed=True) if fold.folded else None
        return Placed("alone", _opened(alert, now, seconds), replaced)
    repository, rank = _repository(alert), alert.severity.rank
    news = rank > fold.sent.get(repository, -1) and len(fold.alone) < ALONE_AT_MOST
    if news or rank > fold.highest:
        sent = fold.sent | {repository: rank}
        return Placed("alone", msgspec.structs.replace(fold, sent=sent, alone=(*fold.alone, me)))
    return Placed("folded", _with_folded(fold, alert, me, repository))


def follow_up(sample: Alert, fold: Fold) -> Alert:
    """The alert about all alerts that were folded into `fold`; `sample` is one of them."""
    number, repositories = len(fold.folded), len(fold.repositories)
    opener = fold.id.rpartition(".")[0]
    more = number_of(number, "more alert")
    where: tuple[str, ...] = ()
    if repositories > 1:
        where = (f"in {repositories} repositories",)
    elif fold.repository:
        where = (f"in {fold.repository}",)
    who = sample.actor.name or sample.actor.id or "an actor who is not recorded"
    within = span(max(1, round(fold.ends - fold.opened)))
    examples = list(fold.examples)
    if number > len(examples):
        examples.append(f"and {number - len(examples)} more")
    return msgspec.structs.replace(
        sample,
        id=alert_id("follow-up", fold.id),
        summary=" ".join((more, f"“{sample.title}”", *where, "by", who, "within", within)),
        severity=fold.worst,
        reasons=(*examples, f"These alerts were not sent one by one; they follow alert {opener}"),
        repository=fold.repository if repositories == 1 else None,
        resource=sample.resource if repositories == 1 else None,
        time=fold.last,
        events=fold.events,
        count=None,
        threshold=None,
        window_seconds=None,
        follows=opener,
        incident=None,
    )


def _opened(alert: Alert, now: float, seconds: int) -> Fold:
    return Fold(
        id=f"{alert.id}.{int(now * 1000)}",
        opened=now,
        ends=now + seconds,
        sent={_repository(alert): alert.severity.rank},
        alone=(digest(alert.id),),
    )


def _with_folded(fold: Fold, alert: Alert, me: bytes, repository: bytes) -> Fold:
    example = alert.summary[:_EXAMPLE_LENGTH]
    return msgspec.structs.replace(
        fold,
        folded=(*fold.folded, me),
        repositories=tuple(dict.fromkeys((*fold.repositories, repository))),
        repository=fold.repository if fold.folded else alert.repository,
        worst=max(fold.worst, alert.severity, key=lambda severity: severity.rank),
        examples=tuple(dict.fromkeys((*fold.examples, example)))[:_EXAMPLES],
        events=tuple(dict.fromkeys((*fold.events, *alert.events)))[:_EVENTS],
        last=max(fold.last, alert.time),
    )


def _repository(alert: Alert) -> bytes:
    return digest(alert.repository or "", size=8)
