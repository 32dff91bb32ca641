"""The command line. Exit status: 0 all was read, 1 something could not be, 2 wrong usage."""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from registrywatch import __version__
from registrywatch.errors import SettingsError

type Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"

COMMANDS = ("replay", "rules", "show-alert", "test-alert", "redeliver")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="registrywatch",
        description="Watches Amazon ECR and Azure Container Registry for abuse.",
        epilog="Settings are environment variables that begin with REGISTRYWATCH_.",
    )
    parser.add_argument("--version", action="version", version=f"registrywatch {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    given = sys.argv[1:] if argv is None else argv
    # Only the command at hand is imported: replay has no use for what delivery needs.
    for command in given[:1] if given and given[0] in COMMANDS else COMMANDS:
        module = importlib.import_module(f"registrywatch.cli.{command.replace('-', '_')}")
        module.add(commands)
    arguments = parser.parse_args(given)
    if isinstance(sys.stdout, io.TextIOWrapper):  # no name may be too strange for a terminal
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except SettingsError as error:
        for problem in error.problems:
            print(f"registrywatch: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads the output has had enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return status
