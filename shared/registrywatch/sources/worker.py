"""A process that reads inputs for another one.

It knows all inputs from its start. It is sent jobs, each the places of inputs that follow each
other, and answers each with messages: MORE or LAST, and a list of parts. A job of one input
has a message for each batch; a job of several small ones has one message, so that it is read as a
whole or not at all.
"""

import contextlib
import functools
import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from registrywatch.sources.inputs import Input
from registrywatch.sources.many import Part, parts_of
from registrywatch.sources.messages import packed
from registrywatch.sources.process import Connection, Process

if TYPE_CHECKING:  # loaded where processes are started: most runs start none
    from concurrent.futures import ThreadPoolExecutor

MORE, LAST = b"m", b"l"
AHEAD = 8  # jobs of remote inputs that are fetched ahead, while another is read

_NUMBER = 8  # bytes
_Begun = list[tuple[int, Input, Callable[[], bytes] | None]]


class Worker:
    """The process, as the one that started it sees it."""

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._process = Process(functools.partial(_work, inputs))
        self.connection = self._process.connection
        self.stop, self.join = self._process.stop, self._process.join

    def send(self, job: range) -> None:
        """Give it a job, which it does after those that it has. Does not wait for it to read."""
        message = b"".join(end.to_bytes(_NUMBER) for end in (job.start, job.stop))
        with contextlib.suppress(BrokenPipeError):  # it died: who receives from it notices
            self.connection.send_bytes(message)

    def death(self) -> str:
        """How it ended, of which it was not asked."""
        self.connection.close()
        code = self.join()
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        return f"the process that read it ended {how}; what it had sent is counted"


def _work(inputs: Sequence[Input], connection: Connection, parent: int) -> None:
    """Do jobs until there are no more, or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    gc.freeze()
    gc.set_threshold(100_000)
    jobs: deque[_Begun] = deque()
    try:
        with _Fetching() as fetching:
            while True:
                while len(jobs) < fetching.ahead and connection.poll(0 if jobs else 1.0):
                    job = _places(connection.recv_bytes())
                    jobs.append([(at, inputs[at], fetching.begin(inputs[at])) for at in job])
                if jobs:
                    for mark, parts in _messages(jobs.popleft()):
                        connection.send_bytes(mark + packed(parts))
                elif os.getppid() != parent:
                    return
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent has what it needs


def _places(message: bytes) -> range:
    """The job in a message of `Worker.send`."""
    return range(int.from_bytes(message[:_NUMBER]), int.from_bytes(message[_NUMBER:]))


class _Fetching(contextlib.ExitStack):
    """Fetches the beginnings of remote inputs in threads, which start with the first of them.

    `ahead`: how many jobs are taken at once; local ones may wait where they are.
    """

    _pool: "ThreadPoolExecutor | None" = None
    ahead = 1

    def begin(self, source: Input) -> Callable[[], bytes] | None:
        """Begin to fetch; give the way to what was fetched, None for a local input."""
        ahead: Callable[[], bytes] | None = getattr(source, "ahead", None)
        if ahead is None:
            return None
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self.ahead = AHEAD
            self._pool = self.enter_context(ThreadPoolExecutor(AHEAD))
        return self._pool.submit(ahead).result


def _messages(job: _Begun) -> Iterator[tuple[bytes, list[Part]]]:
    """What answers a job: lists of parts, each with its mark."""
    found = (part for each in job for part in _batches(parts_of(*each)))
    parts = [*found] if len(job) > 1 else [next(found)]
    for part in found:
        yield MORE, parts
        parts = [part]
    yield LAST, parts


def _batches(found: Iterable[Part]) -> Iterator[Part]:
    """The parts, those of one batch put together."""
    whole: Part | None = None
    for part in found:
        if whole is None:
            whole = part
        else:
            whole.piece.extend(part.piece)
            whole.at, whole.failure = part.at, part.failure
        if whole.piece.ends_batch:
            yield whole
            whole = None
    if whole is not None:
        yield whole
