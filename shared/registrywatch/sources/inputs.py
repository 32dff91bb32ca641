"""Where events are read from: files, folders and standard input. Remote inputs are in `remote`."""

import contextlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol

import msgspec

from registrywatch.errors import reason_of

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
    found, others = Found(), Counter[str]()
    for entry in _entries(path, found.problems):
        if (ending := _ending(entry.name)) not in _ENDINGS:
            others[ending] += 1
        elif _is_file(entry):
            found.inputs.append(LocalFile(Path(entry.path)))
    if not found.inputs and not found.problems:
        left = ", ".join(f"{number} {ending}" for ending, number in sorted(others.items())[:5])
        found.problems.append(
            f"{path}: the folder holds no file of events" + (f", only {left}" if left else "")
        )
    return found


def _entries(path: Path, problems: list[str]) -> Iterator[os.DirEntry[str]]:
    """What a folder and its folders hold, in order, without folders and what is hidden.

    Links to folders are not followed. A trail writes thousands of files a day: to sort and check
    them as `Path`s would take longer than to read some of them.
    """
    listed = [_listed(str(path), problems)]
    while listed:
        if not listed[-1]:
            listed.pop()
        elif not _is_folder(entry := listed[-1].pop()):
            yield entry
        elif not entry.is_symlink() and not entry.is_junction():
            listed.append(_listed(entry.path, problems))


def _listed(folder: str, problems: list[str]) -> list[os.DirEntry[str]]:
    """What is not hidden in a folder, the first last."""
    try:
        with os.scandir(folder) as found:
            shown = [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        problems.append(f"{error.filename}: {reason_of(error)}")
        return []
    return sorted(shown, key=attrgetter("name"), reverse=True)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether it can be read as a file. If that can't be found out, reading it says why."""
    try:
        return entry.is_file()
    except OSError:
        return True


def _ending(name: str) -> str:
    """What a file's name ends with, such as ".json", in lower case."""
    _, dot, ending = name.rpartition(".")
    return dot + ending.lower() if dot and ending else ""
