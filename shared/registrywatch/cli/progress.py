"""How far a long run is, in one line on a terminal's stderr that is drawn over itself."""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator

from registrywatch.alerts.text import visible

LONG = 16 << 20  # bytes of input from which on progress is worth a line
_EVERY = 0.2  # seconds
_UNITS = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB"))


class Progress:
    """Shows bytes read of a total, the share and the time left, if stderr is a terminal."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._start = clock()
        self._next = self._start + _EVERY
        self._seen = total >= LONG and _terminal()
        self._drawn = False

    def at(self, done: int) -> None:
        """So many bytes are read."""
        if not self._seen or (now := self._clock()) < self._next:
            return
        self._next = now + _EVERY
        share = min(done / self._total, 1.0)
        left = (now - self._start) * (1 - share) / share if share > 0.01 else None
        estimate = f", {_duration(left)} left" if left is not None else ""
        line = f"{share:4.0%} of {_amount(self._total)} read{estimate}"
        print(f"\r\x1b[2K{line}", end="", file=sys.stderr, flush=True)
        self._drawn = True

    def waiting(self, text: str) -> None:
        """Say what is waited for, where how much there will be is not known."""
        if _terminal():
            width = shutil.get_terminal_size().columns
            print(f"\r\x1b[2K{visible(text)[: width - 1]}", end="", file=sys.stderr, flush=True)
            self._drawn = True

    def clear(self) -> None:
        """Remove the line, so that something else can be written."""
        if self._drawn:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
            self._drawn = False


@contextlib.contextmanager
def waiting(text: str) -> Iterator[None]:
    """Say on a terminal what is waited for; take the line away at the end."""
    progress = Progress(0)
    progress.waiting(text)
    try:
        yield
    finally:
        progress.clear()


def _terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _amount(size: int) -> str:
    unit, name = next((each for each in _UNITS if size >= each[0]), (1, "bytes"))
    return f"{size / unit:,.1f} {name}" if unit > 1 else f"{size} bytes"


def _duration(seconds: float) -> str:
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
