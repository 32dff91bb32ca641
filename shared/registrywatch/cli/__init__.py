"""The command line. Every command's help lists its exit statuses."""

# Little is imported here: an interrupt during an import must not show a traceback.
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

type Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"

COMMANDS = ("replay", "rules", "show-alert", "test-alert", "redeliver")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit status."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return 130


def _run(given: Sequence[str]) -> int:
    from registrywatch.cli.stdout import OutputError, give_up_stdout, open_stdout
    from registrywatch.errors import SettingsError

    parser = _parser(given)
    if not given:
        parser.print_help()
        return 0
    arguments = parser.parse_args(given)
    try:
        open_stdout()
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except SettingsError as error:
        for problem in error.problems:
            print(f"registrywatch: {problem}", file=sys.stderr)
        return 2
    except OutputError as error:
        print(f"registrywatch: {error}", file=sys.stderr)
        give_up_stdout()
        return 1
    except BrokenPipeError:  # the reader of the output has stopped, such as `head`
        give_up_stdout()
        return 1
    return status


def _parser(given: Sequence[str]) -> "argparse.ArgumentParser":
    import argparse
    import importlib

    from registrywatch import __version__

    parser = argparse.ArgumentParser(
        prog="registrywatch",
        description="Watches Amazon ECR and Azure Container Registry for abuse.",
        epilog=(
            "`registrywatch COMMAND --help` shows a command's options, examples and exit statuses. "
            "Settings are environment variables that begin with REGISTRYWATCH_."
        ),
    )
    parser.add_argument("--version", action="version", version=f"registrywatch {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    # Only the command at hand is imported: replay has no use for what delivery needs.
    for command in given[:1] if given and given[0] in COMMANDS else COMMANDS:
        module = importlib.import_module(f"registrywatch.cli.{command.replace('-', '_')}")
        module.add(commands)
    return parser
