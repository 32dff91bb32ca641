"""Alerts in order of time over all files, in bounded memory.

The order is known only when all is read, so nothing is shown before that. Past a number of alerts,
those so far are sorted and written to a temporary file (about 2 kB an alert); at the end all such
runs are merged. A flood of alerts costs disk, not memory.
"""

import contextlib
import heapq
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import IO

from registrywatch.alerts import Alert, decode, encode
from registrywatch.times import seconds

IN_MEMORY = 20_000  # alerts, about 50 MB

_Entry = tuple[float, int, bytes]  # time, arrival, the alert's body
_in_order = itemgetter(0, 1)


class InOrder:
    """Takes alerts one by one; gives them in order of time, equal times as they arrived."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._most = in_memory
        self._entries: list[_Entry] = []
        self._runs: list[IO[bytes]] = []
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def add(self, alert: Alert) -> None:
        """Keep an alert. Raises OSError if there is no room on the disk."""
        self._entries.append((seconds(alert.time), self._number, encode(alert)))
        self._number += 1
        if len(self._entries) >= self._most:
            self._spill()

    def drain(self) -> Iterator[Alert]:
        """All alerts, once; afterwards it is empty."""
        entries, self._entries = sorted(self._entries, key=_in_order), []
        runs, self._runs, self._number = self._runs, [], 0
        with contextlib.ExitStack() as files:
            parts: list[Iterable[_Entry]] = [_read(files.enter_context(run)) for run in runs]
            for _, _, body in heapq.merge(*parts, entries, key=_in_order):
                yield decode(body)

    def _spill(self) -> None:
        import tempfile

        run = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `drain`
        for at, number, body in sorted(self._entries, key=_in_order):
            run.write(b"%s %d %s\n" % (repr(at).encode(), number, body))
        run.flush()
        self._runs.append(run)
        self._entries = []


def _read(run: IO[bytes]) -> Iterator[_Entry]:
    run.seek(0)
    for line in run:
        at, number, body = line.split(b" ", 2)
        yield float(at), int(number), body
