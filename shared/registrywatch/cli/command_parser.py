"""The parser of one command: its help has examples and the exit statuses."""

import argparse
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

_USAGE = {2: "wrong usage, or a setting that can't be used"}


class CommandParser(argparse.ArgumentParser):
    """An argparse parser that shows `examples` and exit `statuses` below the arguments.

    `examples` are command lines without `registrywatch`, each with what it does. `statuses` say
    what an exit status means; 2 means the same for all commands.
    """

    def __init__(
        self,
        *arguments: Any,
        examples: Sequence[tuple[str, str]] = (),
        statuses: Mapping[int, str] | None = None,
        **more: Any,
    ) -> None:
        if examples:
            more["epilog"] = _epilog(examples, {**(statuses or {0: "success"}), **_USAGE})
        super().__init__(*arguments, **{"formatter_class": _HelpFormatter, **more})

    def error(self, message: str) -> NoReturn:
        """End with status 2: a line that says what is wrong, and one that says where help is."""
        from registrywatch.alerts.text import visible  # help alone does not need it

        program, _, command = self.prog.partition(" ")
        print(f"{self.prog}: {visible(message)}", file=sys.stderr)
        print(f"`{program} help {command}".rstrip() + "` shows what can be typed", file=sys.stderr)
        sys.exit(2)

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        """An empty value is an error: `--show "$ID"` without an ID must not act on everything.

        Paths say so themselves, as do arguments with a reader of their own.
        """
        plain = action.type is None and action.metavar not in ("PATH", "COMMAND")
        if plain and not arg_string.strip():
            raise argparse.ArgumentError(action, "it is empty")
        return super()._get_value(action, arg_string)


def argument[T](read: Callable[[str], T]) -> Callable[[str], T]:
    """A reader of settings as the type of an argument: its error says what is accepted."""

    def typed(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!a} must be {error}") from None

    return typed


class _HelpFormatter(argparse.HelpFormatter):
    """Wraps paragraphs; leaves blocks with indented lines as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.split("\n\n")
        return "\n\n".join(
            textwrap.indent(each, indent)
            if "\n  " in each
            else textwrap.fill(each, width, initial_indent=indent, subsequent_indent=indent)
            for each in paragraphs
        )


def _epilog(examples: Sequence[tuple[str, str]], statuses: Mapping[int, str]) -> str:
    lines = ["examples:"]
    for typed, effect in examples:
        lines += [f"  registrywatch {typed}".rstrip(), f"      {effect}"]
    means = [f"  {status}  {meaning}" for status, meaning in sorted(statuses.items())]
    return "\n\n".join(["\n".join(lines), "\n".join(["exit status:", *means])])
