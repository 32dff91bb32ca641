"""`registrywatch show-alert`: the exact body that a destination gets."""

import argparse
import sys

from registrywatch.alerts.sample import sample_alert
from registrywatch.cli import Commands
from registrywatch.cli.samples import a_rule, add_rule_and_severity, severity_of, this_moment
from registrywatch.delivery.destinations import DESTINATIONS

FORMS = {name: body for kind in DESTINATIONS for name, body in kind.forms.items()}


def add(commands: Commands) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "show-alert",
        help="print the body that a destination gets",
        description=(
            "Prints a sample alert of a rule, byte by byte as a destination would get it. "
            "PagerDuty's routing key is shown as zeros."
        ),
        examples=[
            ("show-alert ecr-images-deleted --as slack", "the message to Slack, as JSON"),
            ("show-alert acr-images-deleted --as webhook --severity low", "the plain alert"),
        ],
    )
    add_rule_and_severity(parser, optional=False)
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
    """Prints; returns the exit status."""
    alert = sample_alert(a_rule(arguments), severity_of(arguments), this_moment())
    sys.stdout.buffer.write(FORMS[arguments.form](alert) + b"\n")
    return 0
