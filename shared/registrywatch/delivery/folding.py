"""Folding: which alerts are sent at once, and which are counted for one follow-up.

A fold belongs to a destination, a rule, a registry and an actor. It begins with an alert, which is
sent at once, and lasts for `fold_seconds`. During it, these are sent at once: the first alert of
each further repository, until ALONE_AT_MOST were sent; and any alert that is worse than all that
were sent. The others are folded: counted, and reported together in one follow-up at the end.

`place` decides this and is pure. `Folds` keeps each group's present fold as one entry of the
ledger, changed by compare-and-swap. It stays exact under redelivery, with several workers and after
crashes, because of the order of its steps:

1. The message for a fold's end is sent *before* the first alert is folded. If folding then fails,
   that message finds a fold without folded alerts, closes it, and nothing else happens.
2. An alert's status says that it is folding into a fold *before* it is put there. If the alert is
   delivered again, that fold shows whether it was: the present fold, or the copy kept of it.
3. The end of a fold first closes it, so that no alert joins any more, and then sends the follow-up.
   A fold that has a follow-up to send is replaced only after a copy of it is kept.

So an alert is either counted in exactly one follow-up or sent alone, never both: it is decided
again only if it is missing from the fold that its status names, and that fold is closed by then.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert, alert_id
from registrywatch.alerts.text import shown
from registrywatch.delivery.ledger import (
    MOST_ATTEMPTS,
    Cell,
    DeliveryStatus,
    Ledger,
    contended,
    digest,
    msgpack_codec,
)
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


def incident(alert: Alert, fold: str, rank: int) -> str:
    """The key under which a receiver keeps alerts together: those of a fold and a severity.

    A higher severity is another incident, because a person may have acknowledged the first one.
    An alert without a fold shares an incident with similar alerts of the same day. An alert about
    the beginning or the end of a state has the incident of that state.
    """
    if alert.incident:
        return f"registrywatch/{shown(alert.incident.id, 200)}"
    parts = (alert.cloud, alert.registry, alert.account, alert.actor.id, alert.time[:10])
    about = (fold,) if fold else tuple(part or "" for part in parts)
    return f"registrywatch/{shown(alert.rule, 100)}/{digest(*about, str(rank)).hex()}"


def follow_up(sample: Alert, fold: Fold) -> Alert:
    """The alert about all alerts that were folded into `fold`; `sample` is one of them."""
    number, repositories = len(fold.folded), len(fold.repositories)
    opener = fold.id.rpartition(".")[0]
    more = "1 more alert" if number == 1 else f"{number} more alerts"
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


class Decision(msgspec.Struct, frozen=True):
    """What happens to an alert, and the id of its fold.

    `again`: another worker has changed the alert's status, which must be read again.
    """

    how: Literal["alone", "folded", "again"]
    fold: str = ""


_CODEC = msgpack_codec(Fold)


class Folds:
    """The folds of one destination."""

    def __init__(self, ledger: Ledger, destination: str, seconds: int) -> None:
        self._ledger = ledger
        self._destination = destination
        self._seconds = seconds

    def decide(
        self,
        alert: Alert,
        now: float,
        status: DeliveryStatus | None,
        cell: Cell[DeliveryStatus],
        announce: Callable[[Fold], None],
    ) -> Decision:
        """Place `alert` in its group's fold. `status` is the alert's, as `cell` has just read it.

        `announce` sends the message for the end of a fold. Raises StoreError.
        """
        present_cell = self._present(alert)
        noted = status.fold if status else ""
        announced = ""
        for _ in range(MOST_ATTEMPTS):
            present = present_cell.read()
            gone = noted and (present is None or present.id != noted)
            if gone and self._is_kept(alert, noted):
                return Decision("folded", noted)
            placed = place(present, alert, now, self._seconds)
            fold = placed.fold
            if fold is present:
                return Decision(placed.how, fold.id)
            if placed.replaced:
                self._kept(placed.replaced.id).swap(placed.replaced)  # unchangeable: first wins
            if placed.how == "folded":
                if len(fold.folded) == 1 and announced != fold.id:
                    announce(fold)
                    announced = fold.id
                if noted != fold.id:
                    if not cell.swap(DeliveryStatus(state="folding", fold=fold.id)):
                        return Decision("again")
                    noted = fold.id
            if present_cell.swap(fold):
                return Decision(placed.how, fold.id)
        raise contended()

    def close(self, fold: str, opener: Alert) -> Fold | None:
        """Close a fold and return it, or None if it needs no follow-up. May be repeated.

        `opener` is any alert of the group. Raises StoreError.
        """
        cell = self._present(opener)
        for _ in range(MOST_ATTEMPTS):
            present = cell.read()
            if present is None or present.id != fold:
                kept = self._kept(fold).read()
                return kept if kept and kept.folded else None
            closed = msgspec.structs.replace(present, closed=True)
            if present.closed or cell.swap(closed):
                return closed if closed.folded else None
        raise contended()

    def _present(self, alert: Alert) -> Cell[Fold]:
        """The entry that holds the present fold of the alert's group."""
        parts = (alert.rule, alert.cloud, alert.account, alert.registry, alert.actor.id)
        over = ("resolved",) if alert.resolved else ()  # the end of a state has its own fold
        key = "w" + digest(self._destination, *(part or "" for part in parts), *over).hex()
        return Cell(self._ledger, key, _CODEC)

    def _kept(self, fold: str) -> Cell[Fold]:
        """The entry that holds the copy of a fold that was replaced."""
        return Cell(self._ledger, "k" + digest(self._destination, fold).hex(), _CODEC)

    def _is_kept(self, alert: Alert, fold: str) -> bool:
        kept = self._kept(fold).read()
        return kept is not None and kept.holds(alert)
