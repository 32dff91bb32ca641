"""`registrywatch show-alert`: the exact body that a destination gets."""

import argparse
import sys
from pathlib import Path

import msgspec

from registrywatch.alerts.alert import decode, safe_to_show
from registrywatch.alerts.sample import sample_alert
from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.samples import a_rule, add_rule_and_severity, severity_of, this_moment
from registrywatch.delivery.destinations import every_kind
from registrywatch.errors import reason_of

FORMS = {name: body for kind in every_kind() for name, body in kind.forms.items()}


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "show-alert",
        help=COMMANDS["show-alert"],
        description=(
            "Prints a sample alert of a rule, or alerts that `replay --json` printed, byte by byte "
            "as a destination would get them; on a terminal with line breaks. "
            "PagerDuty's routing key is shown as zeros."
        ),
        examples=[
            ("show-alert ecr-images-deleted --as slack", "the message to Slack, as JSON"),
            ("show-alert acr-images-deleted --as webhook --severity low", "the plain alert"),
            ("show-alert --from alerts.json --as teams", "each alert of a file, one a line"),
        ],
        statuses={
            0: "everything was shown",
            1: "a line of the file is not an alert, or it has none",
        },
    )
    add_rule_and_severity(parser, optional=True)
    parser.add_argument(
        "--from",
        dest="file",
        metavar="FILE",
        help="show the alerts of this file, as `replay --json` prints them, instead of a sample; "
        "- is standard input",
    )
    parser.add_argument(
        "--as",
        dest="form",
        metavar="FORM",
        choices=sorted(FORMS),
        required=True,
        help=f"the form to show it in: {', '.join(FORMS)}",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Print; return the exit status."""
    form = FORMS[arguments.form]
    if arguments.file is None:
        alert = sample_alert(a_rule(arguments), severity_of(arguments), this_moment())
        _show(form(alert))
        return 0
    problems = 0
    lines = _lines(arguments)
    for number, line in enumerate(lines, 1):
        try:
            _show(form(decode(line)))
        except msgspec.DecodeError as error:
            problems += 1
            print(f"registrywatch: line {number} is not an alert: {error}", file=sys.stderr)
    if not lines:
        print(f"registrywatch: {arguments.file!a} holds no alert", file=sys.stderr)
    return 1 if problems or not lines else 0


def _show(body: bytes) -> None:
    """On a terminal with line breaks; elsewhere the body itself, on one line."""
    if sys.stdout.isatty():
        body = safe_to_show(msgspec.json.format(body, indent=2))
    sys.stdout.buffer.write(body + b"\n")


def _lines(arguments: argparse.Namespace) -> list[bytes]:
    """The lines of the file that are not empty; ends with a hint where it can't be read."""
    try:
        if arguments.file == "-":
            whole = sys.stdin.buffer.read()
        else:
            whole = Path(arguments.file).read_bytes()
    except OSError as error:
        arguments.parser.error(f"{arguments.file}: {reason_of(error)}")
    return [line for line in whole.splitlines() if line.strip()]
