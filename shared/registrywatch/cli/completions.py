"""`registrywatch completions`: completion scripts for shells, generated from the parsers."""

import argparse
import re

from registrywatch.cli import COMMANDS, Commands, parser
from registrywatch.cli.completion_scripts import SCRIPTS, Command, Option
from registrywatch.rules import CATALOGUE
from registrywatch.severity import Severity


def add(commands: Commands) -> None:
    """Declare the command."""
    made = commands.add_parser(
        "completions",
        help=COMMANDS["completions"],
        description="Prints a script that completes commands, options and rule names.",
        examples=[
            ("completions bash > ~/.local/share/bash-completion/completions/registrywatch", "bash"),
            ("completions zsh > ~/.zfunc/_registrywatch", "zsh, with ~/.zfunc in fpath"),
            ("completions fish > ~/.config/fish/completions/registrywatch.fish", "fish"),
        ],
    )
    made.add_argument("shell", choices=sorted(SCRIPTS), help="the shell")
    made.set_defaults(run=run, parser=made)


def run(arguments: argparse.Namespace) -> int:
    """Print the script; return the exit status."""
    print(SCRIPTS[arguments.shell](_commands()))
    return 0


def _commands() -> list[Command]:
    """All commands, as their parsers declare them."""
    (subparsers,) = (
        action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    meanings = {each.dest: each.help or "" for each in subparsers._choices_actions}
    of_help = _plain("show a command's options and examples")
    return [
        *(_command(name, meanings[name], subparsers.choices[name]) for name in COMMANDS),
        Command("help", of_help, (), tuple(COMMANDS), files=False),
    ]


def _command(name: str, meaning: str, made: argparse.ArgumentParser) -> Command:
    options, words, files = [], list[str](), False
    for action in made._actions:
        if action.option_strings:
            takes = None if action.nargs == 0 else _words(action)
            options.append(Option(tuple(action.option_strings), _plain(action.help or ""), takes))
        else:
            words += _words(action)
            files = files or action.metavar in ("PATH", "FILE")
    return Command(name, _plain(meaning), tuple(options), tuple(words), files)


def _words(action: argparse.Action) -> tuple[str, ...]:
    if action.choices is not None:
        return tuple(map(str, action.choices))
    if action.metavar == "RULE":
        return tuple(rule.name for rule in CATALOGUE)
    if action.metavar == "SEVERITY":
        return tuple(each.value for each in Severity)
    return ()


def _plain(text: str) -> str:
    """Without the characters that shells treat specially."""
    return re.sub(r"""['"`\[\]:\\$\s]+""", " ", text.replace("%%", "%"))
