"""Parses command lines by the SAM CLI's own parser, without running them: a JSON list of lists.

Prints those that it refuses, each with its complaint.
"""

import json
import sys

import click
from samcli.cli.main import cli

refused = []
for words in json.loads(sys.argv[1]):
    command, rest = cli, list(words)
    context = click.Context(cli, info_name="sam", obj=object())  # without one it loads no command
    try:
        while isinstance(command, click.Group):
            name, command, rest = command.resolve_command(context, rest)
            assert command is not None
            context = click.Context(command, info_name=name, parent=context)
        command.make_parser(context).parse_args(list(rest))
    except click.ClickException as problem:
        refused.append(f"{' '.join(words)}: {problem.format_message()}")
print(json.dumps(refused))
