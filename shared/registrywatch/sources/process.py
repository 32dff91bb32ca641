"""Another process of this program, and the messages that go to it and come back.

Where that is safe it is forked, which takes a millisecond; loading multiprocessing takes ten, while
every core waits. Elsewhere multiprocessing spawns it.
"""

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

_SIZE = 8  # bytes before each message
_PIPE = 1 << 20  # bytes; what a system gives to anybody


class Connection(Protocol):
    """What multiprocessing's connections do."""

    def send_bytes(self, message: bytes, /) -> None: ...
    def recv_bytes(self) -> bytes: ...
    def poll(self, seconds: float, /) -> bool: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class Pipes:
    """A connection over two pipes, by their file descriptors."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming, self._outgoing = incoming, outgoing

    def send_bytes(self, message: bytes, /) -> None:
        """Wait until all is in the pipe. Raises BrokenPipeError if nobody reads any more."""
        rest = memoryview(len(message).to_bytes(_SIZE) + message)
        while rest:
            rest = rest[os.write(self._outgoing, rest) :]

    def recv_bytes(self) -> bytes:
        """The next message. Raises EOFError if there will be none."""
        return self._read(int.from_bytes(self._read(_SIZE)))

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            part = os.read(self._incoming, size)
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def poll(self, seconds: float, /) -> bool:
        """Whether a message, or the end, is there in time."""
        return bool(select.select([self._incoming], [], [], seconds)[0])

    def fileno(self) -> int:
        return self._incoming

    def close(self) -> None:
        os.close(self._incoming)
        os.close(self._outgoing)


def received_from(connections: Sequence[Connection]) -> list[Connection]:
    """Those that have a message, or have ended. Waits until one has."""
    if sys.platform == "win32":
        from multiprocessing.connection import wait

        return cast(list[Connection], wait(cast(Any, connections)))
    waiting = select.poll()
    for each in connections:
        waiting.register(each.fileno(), select.POLLIN)
    ready = {number for number, _ in waiting.poll()}
    return [each for each in connections if each.fileno() in ready]


def _widen(pipe: int) -> None:
    """Have a pipe take more than 64 KB before a writer waits, unless the system refuses."""
    import fcntl

    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


class Process:
    """A process that runs `work` with its end of the connection, and ends with it.

    `work` is given the id of this process too.
    """

    def __init__(self, work: Callable[[Connection, int], None]) -> None:
        self._spawned: Any = None
        self._id = 0
        self._status = 0
        if sys.platform == "linux" and threading.active_count() == 1:
            self.connection: Connection = self._fork(work)
        else:
            self.connection = self._spawn(work)

    def _fork(self, work: Callable[[Connection, int], None]) -> Connection:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        _widen(theirs_out)
        parent = os.getpid()
        self._id = os.fork()
        if not self._id:
            status = 1
            try:
                os.close(ours_in)
                os.close(ours_out)
                work(Pipes(theirs_in, theirs_out), parent)
                status = 0
            finally:  # nothing above this may run twice
                if status:
                    sys.excepthook(*sys.exc_info())
                os._exit(status)
        os.close(theirs_in)
        os.close(theirs_out)
        return Pipes(ours_in, ours_out)

    def _spawn(self, work: Callable[[Connection, int], None]) -> Connection:
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._spawned = context.Process(target=work, args=(theirs, os.getpid()), daemon=True)
        self._spawned.start()
        theirs.close()
        return cast(Connection, ours)

    def stop(self) -> None:
        """Have it end, whatever it does."""
        self.connection.close()
        if self._spawned is not None:
            self._spawned.terminate()
        else:
            os.kill(self._id, signal.SIGTERM)

    def join(self) -> int:
        """Wait for its end; return its exit status, or minus the signal that ended it."""
        if self._spawned is not None:
            self._spawned.join()
            return self._spawned.exitcode or 0
        with contextlib.suppress(ChildProcessError):  # waited for already
            self._status = os.waitstatus_to_exitcode(os.waitpid(self._id, 0)[1])
        return self._status
