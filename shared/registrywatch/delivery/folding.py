"""Folding: whether an alert is sent at once or counted for a follow-up, exactly (see `fold`).

Each group's present fold is one entry of the ledger, changed by compare-and-swap. Folding stays
exact under redelivery, with several workers and after crashes, because of the order of its steps:

1. The message for a fold's end is sent *before* the first alert is folded. If folding then fails,
   that message finds a fold without folded alerts, closes it, and nothing else happens.
2. An alert's status says that it is folding into a fold *before* it is put there. If the alert is
   delivered again, that fold shows whether it was: the present fold, or the copy kept of it.
3. The end of a fold first closes it, so that no alert joins any more, and then sends the follow-up.
   A fold that has a follow-up to send is replaced only after a copy of it is kept.

So an alert is either counted in exactly one follow-up or sent alone, never both: it is decided
again only if it is missing from the fold that its status names, and that fold is closed by then.
"""

from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.destinations.kind import Destination
from registrywatch.delivery.fold import Fold, follow_up, place
from registrywatch.delivery.ledger import (
    MOST_ATTEMPTS,
    Cell,
    DeliveryStatus,
    Ledger,
    contended,
    msgpack_codec,
)
from registrywatch.delivery.message import Message
from registrywatch.delivery.queue import Queue, delay_seconds
from registrywatch.delivery.sender import incident
from registrywatch.digests import digest


class Decision(msgspec.Struct, frozen=True):
    """What happens to an alert, and the id of its fold.

    `again`: another worker has changed the alert's status, which must be read again.
    """

    how: Literal["alone", "folded", "again"]
    fold: str = ""


_CODEC = msgpack_codec(Fold)


class Folds:
    """The folds of one destination."""

    def __init__(self, to: Destination, ledger: Ledger, queue: Queue) -> None:
        self._to = to
        self._ledger = ledger
        self._queue = queue

    def decide(
        self,
        message: Message,
        status: DeliveryStatus | None,
        cell: Cell[DeliveryStatus],
        now: float,
    ) -> Decision:
        """Place the alert of a message in its group's fold. Raises StoreError.

        `status` is the alert's, as `cell` has just read it.
        """
        alert = message.alert
        present_cell = self._present(alert)
        noted = status.fold if status else ""
        announced = ""
        for _ in range(MOST_ATTEMPTS):
            present = present_cell.read()
            gone = noted and (present is None or present.id != noted)
            if gone and self._is_kept(alert, noted):
                return Decision("folded", noted)
            placed = place(present, alert, now, self._to.fold_seconds)
            fold = placed.fold
            if fold is present:
                return Decision(placed.how, fold.id)
            if placed.replaced:
                self._kept(placed.replaced.id).swap(placed.replaced)  # unchangeable: first wins
            if placed.how == "folded":
                if len(fold.folded) == 1 and announced != fold.id:
                    self._announce_end(message, fold, now)
                    announced = fold.id
                if noted != fold.id:
                    if not cell.swap(DeliveryStatus(state="folding", fold=fold.id)):
                        return Decision("again")
                    noted = fold.id
            if present_cell.swap(fold):
                return Decision(placed.how, fold.id)
        raise contended()

    def end_fold(self, message: Message, now: float) -> Message | None:
        """End the fold that a message names, and send the follow-up: it is returned.

        None if nothing was folded. May be repeated. Raises StoreError.
        """
        fold = self._close(message.fold or "", message.alert)
        if fold is None:
            return None
        summary = Message(
            kind="follow_up",
            destination=self._to.name,
            alert=follow_up(message.alert, fold),
            incident=incident(message.alert, fold.id, fold.highest),
            since=now,
            raised=now,
        )
        self._queue.send(summary)
        return summary

    def _announce_end(self, message: Message, fold: Fold, now: float) -> None:
        """Put the message on the queue that ends the fold, after its time."""
        end = msgspec.structs.replace(
            message, kind="window_end", fold=fold.id, not_before=fold.ends
        )
        self._queue.send(end, delay_seconds(fold.ends - now))

    def _close(self, fold: str, sample: Alert) -> Fold | None:
        """Close a fold, to whose group `sample` belongs; None if it needs no follow-up."""
        cell = self._present(sample)
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
        key = "w" + digest(self._to.name, *(part or "" for part in parts), *over).hex()
        return Cell(self._ledger, key, _CODEC)

    def _kept(self, fold: str) -> Cell[Fold]:
        """The entry that holds the copy of a fold that was replaced."""
        return Cell(self._ledger, "k" + digest(self._to.name, fold).hex(), _CODEC)

    def _is_kept(self, alert: Alert, fold: str) -> bool:
        kept = self._kept(fold).read()
        return kept is not None and kept.holds(alert)
