"""`registrywatch replay`: the detector over recorded events."""

import argparse
import contextlib
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from registrywatch.alerts.text import visible
from registrywatch.cli import Commands
from registrywatch.cli.local import local_detector, local_settings
from registrywatch.cli.output import JsonLines, Output, People
from registrywatch.detector import Batch
from registrywatch.sources.files import Piece, files_in, pieces


def add(commands: Commands) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "replay",
        help="run the rules over recorded events",
        description=(
            "Runs the rules over recorded events and prints the alerts. Reads CloudTrail log "
            "files, the output of `aws cloudtrail lookup-events`, EventBridge events, Event Grid "
            "events, and Azure Monitor records from an Event Hub; JSON or JSON lines, gzip or not."
        ),
    )
    parser.add_argument("--json", action="store_true", help="print alerts as JSON, one a line")
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files or folders; - or nothing for standard input",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Replays; returns the exit status."""
    paths = arguments.paths or ["-"]
    if "-" in paths and (sys.stdin is None or (sys.stdin.isatty() and not arguments.paths)):
        arguments.parser.error("name a file or a folder, or pipe events in")
    for path in paths:
        if path != "-" and not Path(path).exists():
            arguments.parser.error(f"{path!a}: there is no such file or folder")
    files = [each for path in paths for each in _files(path)]
    # Events hold no cycles. Looking for some among them all the time would cost a tenth.
    gc.freeze()
    gc.set_threshold(100_000)
    replay = Replay(JsonLines() if arguments.json else People())
    with replay.output.progress(sum(map(_size, files))) as read:
        for file in files:
            replay.file(file, read)
    replay.output.summary(replay.records, replay.problems)
    return 1 if replay.problems else 0


class Replay:
    """One run: counts the records and bytes read, and tells of problems as they come."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._detector = local_detector(local_settings(), output.alert)
        self._batch = Batch()
        self._bytes = 0
        self.records = 0
        self.problems = 0

    def file(self, path: Path | None, read: Callable[[int], None]) -> None:
        """Runs one file, or standard input, through the detector; `read` gets the bytes so far."""
        name = "standard input" if path is None else str(path)
        known = unknown = 0
        try:
            with _opened(path) as stream:
                for piece in pieces(stream):
                    known += piece.reading.records
                    unknown += piece.reading.unknown
                    self._detect(name, piece)
                    if path is not None:
                        read(self._bytes + stream.tell())
        except BrokenPipeError:  # of the output, not of the file
            raise
        except OSError as error:
            self._problem(f"{name}: {error.strerror or error}")
            self._finish(name)
        self._bytes += _size(path)
        self.records += known
        if unknown and not known:
            _tell(f"{name}: holds no event of a known kind")

    def _detect(self, name: str, piece: Piece) -> None:
        for line, problem in piece.problems:
            self._problem(f"{name}:{line}: {problem}")
        # Gathered piece by piece, while they are in the core's cache; counted a batch at a time.
        self._detector.gather(piece.reading.events, self._batch)
        if piece.ends_batch:
            self._finish(name)

    def _finish(self, name: str) -> None:
        """Counts what was gathered, and shows what was found."""
        batch, self._batch = self._batch, Batch()
        for index, reason in self._detector.finish(batch).failed.items():
            self._problem(f"{name}: event {batch.events[index].id}: {reason}")
        self.output.flush()

    def _problem(self, text: str) -> None:
        self.problems += 1
        _tell(text)


def _tell(text: str) -> None:
    print(f"registrywatch: {visible(text)}", file=sys.stderr)


def _files(path: str) -> list[Path | None]:
    """The files to read; None is standard input."""
    return [None] if path == "-" else [*files_in(Path(path))]


def _opened(path: Path | None) -> contextlib.AbstractContextManager[Any]:
    return contextlib.nullcontext(sys.stdin.buffer) if path is None else path.open("rb")


def _size(path: Path | None) -> int:
    return path.stat().st_size if path is not None and path.is_file() else 0
