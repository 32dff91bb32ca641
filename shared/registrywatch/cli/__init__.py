"""The command line. To add a command: a module beside these, and its line in `COMMANDS`."""

# Little is imported here: an interrupt during an import must not show a traceback.
import gc
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from registrywatch.cli.command_parser import CommandParser

type Commands = "argparse._SubParsersAction[CommandParser]"

COMMANDS = {
    "replay": "run the rules over recorded events",
    "tune": "find the thresholds that suit your own logs",
    "learn": "teach a deployment what is usual, from logs of earlier days",
    "rules": "list the rules, or show one with its settings",
    "show-alert": "print the body that a destination gets",
    "test-alert": "send a sample alert through the configured destinations",
    "redeliver": "send dead letters again",
    "check-settings": "check settings before you deploy them",
    "check": "check every part of a deployment",
    "completions": "print a completion script for a shell",
}
"""Each command, and what it does in a line."""
_WITHOUT_COMMAND = ("-h", "--help", "--version")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status."""
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return 130


def _run(given: list[str]) -> int:
    from registrywatch.cli.stdout import OutputError, give_up_stdout, open_stdout
    from registrywatch.errors import SettingsError
    from registrywatch.extras import missing

    if not given or given[0] == "help":
        given = [*given[1:2], "--help"]
    command = given[0]
    if not command.startswith("-") and command not in COMMANDS:
        return _unknown(command)
    # Neither imports nor events leave cycles: looking for some all the time would cost a tenth.
    gc.set_threshold(100_000)
    try:
        open_stdout()
        try:
            return _run_command(command, given)
        finally:
            sys.stdout.flush()
    except SettingsError as error:
        for problem in error.problems:
            print(f"registrywatch: {problem}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if (hint := missing(error)) is None:
            raise
        print(f"registrywatch {command}: {hint}", file=sys.stderr)
        return 2
    except OutputError as error:
        print(f"registrywatch: {error}", file=sys.stderr)
        give_up_stdout()
        return 1
    except BrokenPipeError:  # the reader of the output has stopped, such as `head`
        give_up_stdout()
        return 1


def _run_command(command: str, given: list[str]) -> int:
    # Only the command at hand is imported: replay has no use for what delivery needs.
    needed = () if command in _WITHOUT_COMMAND else [command] if command in COMMANDS else COMMANDS
    arguments, rest = parser(needed).parse_known_args(given)
    if rest:
        arguments.parser.error(f"there is no option or argument {rest[0]!a}")
    status: int = arguments.run(arguments)
    return status


def parser(commands: Iterable[str] = COMMANDS) -> "CommandParser":
    """The parser of the command line. Of commands not among `commands` it knows the name alone."""
    import importlib

    from registrywatch import __version__
    from registrywatch.cli.command_parser import CommandParser

    wanted = frozenset(commands)
    made = CommandParser(
        prog="registrywatch",
        description="Detects abuse of Amazon ECR and Azure Container Registry.",
        epilog=(
            "`registrywatch help COMMAND` shows a command's options, examples and exit statuses. "
            "Settings are environment variables that begin with REGISTRYWATCH_."
        ),
    )
    made.add_argument("--version", action="version", version=f"registrywatch {__version__}")
    subparsers = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command, does in COMMANDS.items():
        if command in wanted:
            module = importlib.import_module(f"registrywatch.cli.{command.replace('-', '_')}")
            module.add(subparsers)
        else:
            subparsers.add_parser(command, help=does, add_help=False)
    return made


def _unknown(command: str) -> int:
    from registrywatch.errors import did_you_mean

    hint = did_you_mean(command, COMMANDS)
    print(f"registrywatch: there is no command {command!a}{hint}", file=sys.stderr)
    print("`registrywatch help` lists the commands", file=sys.stderr)
    return 2
