"""Folding, in the ledger: exact under redelivery, several workers and crashes.

The group's present window is one entry, changed only if nobody else was faster. The order of steps
is what makes a crash harmless:

1. The message for a window's end is sent *before* the first alert is folded into it. If the fold
   fails, that message finds a window with nothing folded, closes it, and is done.
2. An alert is marked as folding into a window *before* it is put there. If it is delivered again,
   that window says whether it was: the present one, or the copy kept of it.
3. The end of a window closes it first, so that nothing joins any more, and tells after. A window
   that has something to tell is replaced by a new one only when a copy of it is kept.

So an alert is counted in exactly one follow-up or told by itself, and never both: to be decided
anew, it must be missing from the window of its mark, which by then can take nothing more.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.delivery.fold import Window, place
from registrywatch.delivery.ledger import Entry, Ledger
from registrywatch.delivery.status import digest
from registrywatch.errors import StoreError

MOST_ATTEMPTS = 25  # at one entry; workers that lose this often are told to come again


def group_key(alert: Alert, destination: str) -> str:
    """The entry that holds the present window of the alert's group."""
    parts = (alert.rule, alert.cloud, alert.account, alert.registry, alert.actor.id)
    return "w" + digest(destination, *(part or "" for part in parts)).hex()


def kept_key(window: str, destination: str) -> str:
    """The entry that holds the copy of a window that was replaced."""
    return "k" + digest(destination, window).hex()


def fold_or_tell(
    alert: Alert,
    destination: str,
    ledger: Ledger,
    now: float,
    seconds: int,
    marked: str,
    mark: Callable[[str], bool],
    announce: Callable[[Window], None],
) -> Literal["alone", "folded"] | None:
    """Place `alert` in its group's window: is it told by itself, or folded?

    `marked` is the window that its mark names, if any; `mark` changes that, and says False if
    somebody else was faster: then the answer is None, and the caller reads the mark again.
    `announce` sends the message for the end of a window. Raises StoreError.
    """
    key = group_key(alert, destination)
    announced = ""
    for _ in range(MOST_ATTEMPTS):
        entry = ledger.read(key)
        present = _decode(entry)
        gone = marked and (present is None or present.id != marked)
        if gone and _is_kept(alert, marked, destination, ledger):
            return "folded"
        placed = place(present, alert, now, seconds)
        if placed.window is present:
            return placed.how
        if placed.replaced:
            _keep(placed.replaced, destination, ledger)
        if placed.how == "folded":
            window = placed.window
            if len(window.folded) == 1 and announced != window.id:
                announce(window)
                announced = window.id
            if marked != window.id:
                if not mark(window.id):
                    return None
                marked = window.id
        if ledger.write(key, _encode(placed.window), entry):
            return placed.how
    raise StoreError(f"ledger: {MOST_ATTEMPTS} attempts to fold an alert, others were faster")


def close(window: str, opener: Alert, destination: str, ledger: Ledger) -> Window | None:
    """End a window; what it holds, or None if it has nothing to tell. Closing twice is the same."""
    key = group_key(opener, destination)
    for _ in range(MOST_ATTEMPTS):
        entry = ledger.read(key)
        present = _decode(entry)
        if present is None or present.id != window:
            kept = _decode(ledger.read(kept_key(window, destination)))
            return kept if kept and kept.folded else None
        closed = msgspec.structs.replace(present, closed=True)
        if present.closed or ledger.write(key, _encode(closed), entry):
            return closed if closed.folded else None
    raise StoreError(f"ledger: {MOST_ATTEMPTS} attempts to close a window, others were faster")


def _keep(window: Window, destination: str, ledger: Ledger) -> None:
    """Keep a copy of a closed or full window. It can't change any more: whoever writes first."""
    ledger.write(kept_key(window.id, destination), _encode(window), None)


def _is_kept(alert: Alert, window: str, destination: str, ledger: Ledger) -> bool:
    kept = _decode(ledger.read(kept_key(window, destination)))
    return kept is not None and kept.holds(alert)


def _encode(window: Window) -> bytes:
    return msgspec.msgpack.encode(window)


def _decode(entry: Entry | None) -> Window | None:
    return _decoder.decode(entry.value) if entry else None


_decoder = msgspec.msgpack.Decoder(Window)
