"""Inputs read ahead by several processes; their parts come in order, cut where one would cut them.

Each process unpacks and decodes one input after the other, and sends a message a batch: the events
in it and what could not be read. What is read ahead is held, up to a limit; past it a process waits
until its input's turn. So memory is bounded, whatever the inputs' sizes.
"""

import contextlib
import gc
import importlib
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from registrywatch.sources.files import Piece
from registrywatch.sources.inputs import Input
from registrywatch.sources.many import Part, parts, parts_of

if TYPE_CHECKING:  # loaded where processes are started: most runs start none
    from concurrent.futures import ThreadPoolExecutor
    from multiprocessing.connection import Connection

WORTH_IT = 4 << 20  # bytes of input, as they are stored, from which on processes pay
_HELD = 32 << 20  # bytes of messages read ahead
_AHEAD = 8  # remote inputs that a process fetches the beginning of while it reads one
_QUEUED = 2  # local inputs that a process is given at once, as long as there are many
_OVERHEAD = 200  # bytes that the smallest message is held with
_END = b""


def parts_by(processes: int, inputs: Sequence[Input]) -> Iterator[Part]:
    """Reads the inputs by so many processes, or in this one if that is faster.

    Raises nothing: an input whose process died is a failure of that input.
    """
    processes = min(processes, len(inputs))
    remote = any(hasattr(each, "ahead") for each in inputs)
    if processes < 2 or (not remote and sum(each.size for each in inputs) < WORTH_IT):
        return parts(inputs)
    return _Pool(processes, inputs).parts()


def available() -> int:
    """How many processes this machine is good for."""
    return min(os.process_cpu_count() or 1, 16)


class _Worker:
    """A process, and the input that it is reading."""

    def __init__(self) -> None:
        import multiprocessing

        forked = sys.platform == "linux" and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if forked else "spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, os.getpid()), daemon=True)
        self.process.start()
        theirs.close()
        self.places: deque[int] = deque()  # the first is being read, the others are fetched

    def read(self, place: int, source: Input) -> None:
        self.places.append(place)
        with contextlib.suppress(BrokenPipeError):  # it died: `_take` notices, and says so
            self.connection.send((place, source))

    def stop(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()

    def death(self) -> str:
        """How the process ended."""
        self.connection.close()
        self.process.join()
        import signal

        code = self.process.exitcode or 0
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        return f"the process that read it ended {how}; what it had read is counted"


class _Pool:
    def __init__(self, processes: int, inputs: Sequence[Input]) -> None:
        for module in ("multiprocessing.connection", "pickle"):
            importlib.import_module(module)  # once, before it is needed in every process

        self._inputs = inputs
        self._workers = [_Worker() for _ in range(processes)]
        self._messages: dict[int, deque[bytes]] = {}
        self._failures: dict[int, str] = {}
        self._ended: set[int] = set()
        self._held = 0
        self._waiting = deque(range(len(inputs)))
        self._remote = any(hasattr(each, "ahead") for each in inputs)

    def parts(self) -> Iterator[Part]:
        """All parts of all inputs, in order."""
        try:
            for place in range(len(self._inputs)):
                yield from self._of(place)
        finally:
            for worker in self._workers:
                worker.stop()

    def _of(self, place: int) -> Iterator[Part]:
        import pickle

        while True:
            self._hand_out()
            messages = self._messages[place]
            while messages:
                message = messages.popleft()
                self._held -= len(message) + _OVERHEAD
                yield pickle.loads(message)  # noqa: S301 - from our own process
            if place in self._ended:
                break
            self._receive(place)
        del self._messages[place]
        if (failure := self._failures.pop(place, None)) is not None:
            yield Part(place, Piece(ends_batch=True), 0, failure)

    def _hand_out(self) -> None:
        many = len(self._waiting) > 2 * _QUEUED * len(self._workers)
        for depth in range(_AHEAD if self._remote else _QUEUED if many else 1):
            for worker in self._workers:
                if len(worker.places) <= depth and self._waiting:
                    place = self._waiting.popleft()
                    self._messages.setdefault(place, deque())
                    worker.read(place, self._inputs[place])

    def _receive(self, place: int) -> None:
        """Takes what is there; past the limit only of the input whose turn it is."""
        from multiprocessing.connection import wait

        by_connection = {
            worker.connection: worker
            for worker in self._workers
            if worker.places and (worker.places[0] == place or self._held < _HELD)
        }
        for ready in wait([*by_connection]):
            self._take(by_connection[ready])

    def _take(self, worker: _Worker) -> None:
        """Takes the message of a worker that has sent one, or notes its death."""
        place = worker.places[0]
        try:
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            self._failures[place] = worker.death()
            self._ended.add(place)
            self._waiting.extendleft([*worker.places][:0:-1])
            self._workers[self._workers.index(worker)] = _Worker()
            return
        if message == _END:
            self._ended.add(place)
            worker.places.popleft()
        else:
            self._messages[place].append(message)
            self._held += len(message) + _OVERHEAD


def _work(connection: "Connection", parent: int) -> None:
    """Reads the inputs it is given until there are no more, or the parent is gone."""
    import pickle
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    gc.freeze()
    gc.set_threshold(100_000)
    jobs: deque[tuple[int, Input, Callable[[], bytes] | None]] = deque()
    try:
        with _Fetching() as fetching:
            while True:
                while len(jobs) < _AHEAD and connection.poll(0 if jobs else 1.0):
                    place, source = connection.recv()
                    jobs.append((place, source, fetching.begin(source)))
                if jobs:
                    for part in _batches(parts_of(*jobs.popleft())):
                        connection.send_bytes(pickle.dumps(part, 5))
                    connection.send_bytes(_END)
                elif os.getppid() != parent:
                    return
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent has what it needs


class _Fetching(contextlib.ExitStack):
    """Fetches the beginnings of remote inputs in threads, which start with the first of them."""

    _pool: "ThreadPoolExecutor | None" = None

    def begin(self, source: Input) -> Callable[[], bytes] | None:
        """Begins to fetch; gives the way to what was fetched, None for a local input."""
        ahead: Callable[[], bytes] | None = getattr(source, "ahead", None)
        if ahead is None:
            return None
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = self.enter_context(ThreadPoolExecutor(_AHEAD))
        return self._pool.submit(ahead).result


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
