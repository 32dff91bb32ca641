"""`registrywatch test-alert`: a sample through every configured destination, and what each said."""

import argparse
import time

from registrywatch.alerts.sample import sample_alert
from registrywatch.alerts.text import visible
from registrywatch.cli import Commands
from registrywatch.cli.local import local_settings
from registrywatch.cli.output import console
from registrywatch.cli.samples import a_rule, add_rule_and_severity, severity_of, this_moment
from registrywatch.delivery import DESTINATIONS, SecretStore
from registrywatch.delivery.attempt import attempt
from registrywatch.variables import PREFIX


def add(commands: Commands) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "test-alert",
        help="send a sample alert through the configured destinations",
        description=(
            "Sends a sample, marked as such, to every destination that is set in the environment "
            "and prints the answer of each."
        ),
        examples=[
            ("test-alert", "sends a sample of ecr-images-deleted to every destination"),
            ("test-alert ecr-tag-overwrite-enabled --severity medium", "sends another one"),
        ],
        statuses={0: "every destination accepted it", 1: "a destination did not accept it"},
    )
    add_rule_and_severity(parser, optional=True)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends; returns the exit status."""
    from rich.text import Text

    to = local_settings().destinations
    if not to:
        names = [f"{PREFIX}{kind.stem}_{kind.options[0].suffix}" for kind in DESTINATIONS]
        arguments.parser.error(f"no destination is set; set one of {', '.join(names)}")
    alert = sample_alert(a_rule(arguments), severity_of(arguments), this_moment())
    secrets, screen, failures = SecretStore(), console(), 0
    for destination in to:
        if alert.severity < destination.min_severity:
            least = destination.min_severity.value
            said, style = f"not sent, it takes {least} alerts and worse", "dim"
        else:
            answer = attempt(alert, destination, secrets, time.time)
            delivered = answer.verdict == "delivered"
            failures += not delivered
            style = "green" if delivered else "bold red"
            said = visible(answer.reason)
        screen.print(Text.assemble(f"{destination.name:<11} ", (said, style)))
    return 1 if failures else 0
