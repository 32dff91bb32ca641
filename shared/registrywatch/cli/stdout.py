"""Standard output whose failures are its own: a full disk is never blamed on the input."""

import io
import os
import sys
from typing import Any

from registrywatch.errors import RegistrywatchError, reason_of


class OutputError(RegistrywatchError):
    """Standard output can't be written; the message says why."""


def open_stdout() -> None:
    """Make sys.stdout raise OutputError where it can't be written. Raises it if it is closed.

    No name may be too strange for a terminal: what its encoding lacks becomes an escape.
    """
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    stream = sys.stdout
    if not isinstance(stream, io.TextIOWrapper):
        return  # replaced, by a test or an embedding program
    try:
        number = stream.fileno()
    except OSError:
        stream.reconfigure(errors="backslashreplace")
        return
    unbuffered = isinstance(stream.buffer, io.RawIOBase)
    raw = _Raw(number, "w", closefd=False)
    sys.stdout = io.TextIOWrapper(
        raw if unbuffered else io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=unbuffered,
    )


def give_up_stdout() -> None:
    """Discard what is left to write, so that nothing fails again at exit."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Raw(io.FileIO):
    def write(self, data: Any, /) -> int:
        """All of the data, or an error: what is unbuffered may take a part only."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest:
                rest = rest[super().write(rest) or 0 :]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"standard output: {reason_of(error)}") from error
        return size
