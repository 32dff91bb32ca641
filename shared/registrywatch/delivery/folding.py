"""Folding, in the ledger: exact under redelivery, several workers and crashes.

The group's present fold is one entry, changed by compare-and-swap. The order of steps is what makes
a crash harmless:

1. The message for a fold's end is sent *before* the first alert is folded into it. If folding then
   fails, that message finds a fold that holds nothing, closes it, and is done.
2. An alert is noted as folding into a fold *before* it is put there. If it is delivered again, that
   fold says whether it was: the present one, or the copy kept of it.
3. The end of a fold closes it first, so that nothing joins any more, and sends the follow-up after.
   A fold that has a follow-up to send is replaced by a new one only when a copy of it is kept.

So an alert is counted in exactly one follow-up or sent alone, and never both: to be decided
again, it must be missing from the fold that its status names, which by then accepts nothing more.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.fold import Fold, place
from registrywatch.delivery.ledger import (
    MOST_ATTEMPTS,
    Cell,
    DeliveryStatus,
    Ledger,
    contended,
    digest,
    msgpack_codec,
)

_CODEC = msgpack_codec(Fold)


class Decision(msgspec.Struct, frozen=True):
    """What is to become of an alert, and its fold.

    `again`: another worker has changed the alert's status, which must be read again.
    """

    how: Literal["alone", "folded", "again"]
    fold: str = ""


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
        """Place `alert` in its group's fold. `status` is its own as `cell` has just read it.

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
        """End a fold; what it holds, or None if it needs no follow-up. Twice is the same as once.

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
        over = ("resolved",) if alert.resolved else ()  # the end of a state is news of its own
        key = "w" + digest(self._destination, *(part or "" for part in parts), *over).hex()
        return Cell(self._ledger, key, _CODEC)

    def _kept(self, fold: str) -> Cell[Fold]:
        """The entry that holds the copy of a fold that was replaced."""
        return Cell(self._ledger, "k" + digest(self._destination, fold).hex(), _CODEC)

    def _is_kept(self, alert: Alert, fold: str) -> bool:
        kept = self._kept(fold).read()
        return kept is not None and kept.holds(alert)
