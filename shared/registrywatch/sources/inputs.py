"""Where events are read from: files, folders and standard input. Remote inputs are in `remote`."""

import contextlib
import os
import stat
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Protocol

import msgspec

_ENDINGS = frozenset({"", ".json", ".jsonl", ".ndjson", ".log", ".txt", ".gz"})


class Input(Protocol):
    """One stream of events. It is sent to other processes, so it holds no open file."""

    @property
    def name(self) -> str:
        """Its name in messages."""

    @property
    def size(self) -> int:
        """Bytes as they are stored; 0 if that is not known."""

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:
        """The binary stream. Raises OSError or RegistrywatchError.

        A remote input also has `ahead() -> bytes`, which fetches what is then passed as `first`.
        """


class LocalFile(msgspec.Struct, frozen=True):
    """A file on this machine."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    @property
    def size(self) -> int:
        try:
            found = self.path.stat()
        except OSError:  # opening it says why
            return 0
        return found.st_size if stat.S_ISREG(found.st_mode) else 0

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:  # noqa: ARG002
        return self.path.open("rb")


class StandardInput(msgspec.Struct, frozen=True):
    """Standard input."""

    name: str = "standard input"
    size: int = 0

    def open(self, first: bytes = b"", /) -> contextlib.AbstractContextManager[Any]:  # noqa: ARG002
        return contextlib.nullcontext(sys.stdin.buffer)


class Found(msgspec.Struct):
    """What a path holds: its inputs in order, and a sentence for each part that can't be read."""

    inputs: list[Input] = []
    problems: list[str] = []


def found_in(path: Path) -> Found:
    """The file itself, or all files of a folder that may hold events, sorted by name.

    Hidden files and files with other endings are left out. A folder that can't be listed is a
    problem, and so is one without any file that may hold events.
    """
    if not path.is_dir():
        return Found([LocalFile(path)])
    found, files = Found(), list[Path]()
    others: Counter[str] = Counter()

    def unlisted(error: OSError) -> None:
        found.problems.append(f"{error.filename}: {error.strerror or error}")

    for folder, folders, names in os.walk(path, onerror=unlisted):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(folder, name)
            if name.startswith("."):
                continue
            if file.suffix.lower() in _ENDINGS:
                files.append(file)
            else:
                others[file.suffix.lower()] += 1
    found.inputs += [LocalFile(file) for file in sorted(files) if file.is_file()]
    if not found.inputs and not found.problems:
        left = ", ".join(f"{number} {ending}" for ending, number in sorted(others.items())[:5])
        found.problems.append(
            f"{path}: the folder holds no file of events" + (f", only {left}" if left else "")
        )
    return found
