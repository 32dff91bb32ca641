"""What `replay` and `tune` read: paths on this machine, standard input, remote addresses."""

import argparse
import sys
from pathlib import Path

from registrywatch.alerts.text import visible
from registrywatch.cli.command_parser import argument
from registrywatch.cli.progress import waiting
from registrywatch.cli.selection import Selection
from registrywatch.errors import UnreadableInput, reason_of
from registrywatch.readers import whole_number
from registrywatch.rules.wording import number_of
from registrywatch.sources.inputs import Found, StandardInput, found_in
from registrywatch.sources.parallel import available
from registrywatch.sources.remote import KINDS, Wanted, kind_of


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Declare what is read, and how."""
    group = parser.add_argument_group("reading")
    group.add_argument(
        "--processes",
        metavar="N",
        type=argument(whole_number(1, 64)),
        default=available(),
        help="how many processes read files (default: one for each core)",
    )
    group.add_argument(
        "--keep",
        metavar="FOLDER",
        type=Path,
        help="keep a copy of each remote object there and read the copy the next time, so that an "
        "interrupted run goes on where it stopped",
    )
    group.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be read, and what an engine would be asked; read nothing",
    )
    forms = ", ".join(kind.form for kind in KINDS)
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help=f"files or folders; - or nothing for standard input; or {forms}",
    )


def add_earlier(parser: argparse.ArgumentParser) -> None:
    """Declare --learn."""
    parser.add_argument(
        "--learn",
        metavar="PATH",
        action="append",
        default=[],
        help="learn from these earlier events what is usual; they raise no alert (default: learn "
        "from the first days of what is read)",
    )


def inputs_of(arguments: argparse.Namespace, selection: Selection) -> Found:
    """What the paths hold. Ends with a usage error where one can't be meant."""
    return _found_in(arguments.paths or ["-"], arguments, selection)


def earlier(arguments: argparse.Namespace) -> Found:
    """What the paths of --learn hold, whatever the time."""
    return _found_in(arguments.learn, arguments, Selection())


def _found_in(paths: list[str], arguments: argparse.Namespace, selection: Selection) -> Found:
    if "-" in paths and (sys.stdin is None or (sys.stdin.isatty() and not arguments.paths)):
        arguments.parser.error("name a file or a folder, or pipe events in")
    _check_paths(paths, arguments.parser)
    if arguments.keep is not None and any(map(kind_of, paths)):
        _check_keep(arguments)
    wanted = Wanted(selection.since, selection.until, selection.accounts, arguments.keep)
    found = Found()
    for path in paths:
        in_path = _found(path, wanted, arguments.parser)
        found.inputs += in_path.inputs
        found.problems += in_path.problems
    return found


def _check_paths(paths: list[str], parser: argparse.ArgumentParser) -> None:
    """End with a usage error where a path can't be meant."""
    for path in paths:
        if not path:
            parser.error("a path is empty; the current folder is .")
        if path != "-" and kind_of(path) is None and not Path(path).exists():
            parser.error(f"{path!a}: there is no such file or folder")


def planned(arguments: argparse.Namespace, selection: Selection) -> int:
    """Print what would be read of each path; return the exit status."""
    wanted = Wanted(selection.since, selection.until, selection.accounts, arguments.keep)
    problems = 0
    _check_paths(arguments.paths, arguments.parser)
    for path in arguments.paths or ["-"]:
        kind = kind_of(path)
        try:
            if kind is not None and kind.plan is not None:
                print(*kind.plan(path, wanted), sep="\n")
                continue
            found = _found(path, wanted, arguments.parser)
        except (UnreadableInput, OSError) as error:
            print(f"registrywatch: {visible(f'{path}: {reason_of(error)}')}", file=sys.stderr)
            problems += 1
            continue
        for problem in found.problems:
            print(f"registrywatch: {visible(problem)}", file=sys.stderr)
        problems += len(found.problems)
        size = sum(each.size for each in found.inputs)
        print(f"{visible(path)}: {number_of(len(found.inputs), 'input')}, {size / 1e6:,.1f} MB")
    return 1 if problems else 0


def _found(path: str, wanted: Wanted, parser: argparse.ArgumentParser) -> Found:
    if path == "-":
        return Found([StandardInput()])
    kind = kind_of(path)
    if kind is None:
        return found_in(Path(path))
    try:
        with waiting(f"looking at {path} …"):
            return kind.find(path, wanted)
    except UnreadableInput as error:
        parser.error(str(error))


def _check_keep(arguments: argparse.Namespace) -> None:
    """End with a usage error if no copies can be written; else each object would report it."""
    import tempfile

    try:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=arguments.keep).close()
    except OSError as error:
        arguments.parser.error(f"--keep {str(arguments.keep)!a}: {reason_of(error)}")
