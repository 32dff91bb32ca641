"""`registrywatch show-alert`: the exact body that a destination gets."""

import argparse
import sys
from collections.abc import Callable

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.sample import sample_alert
from registrywatch.cli import Commands
from registrywatch.cli.samples import a_rule, add_rule_and_severity, severity_of, this_moment

NO_KEY = "0" * 32  # where PagerDuty's routing key stands


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
        "--as", dest="form", choices=sorted(FORMS), required=True, help="the form to show it in"
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints; returns the exit status."""
    alert = sample_alert(a_rule(arguments), severity_of(arguments), this_moment())
    sys.stdout.buffer.write(FORMS[arguments.form](alert) + b"\n")
    return 0


def _slack(alert: Alert) -> bytes:
    from registrywatch.alerts.slack import slack_body

    return slack_body(alert)


def _pagerduty(alert: Alert) -> bytes:
    from registrywatch.alerts.pagerduty import pagerduty_body

    return pagerduty_body(alert, NO_KEY)


def _teams(alert: Alert) -> bytes:
    from registrywatch.alerts.teams import teams_body

    return teams_body(alert)


def _ocsf(alert: Alert) -> bytes:
    from registrywatch.alerts.ocsf import ocsf_body

    return ocsf_body(alert)


def _webhook(alert: Alert) -> bytes:
    from registrywatch.alerts.webhook import webhook_body

    return webhook_body(alert)


FORMS: dict[str, Callable[[Alert], bytes]] = {
    "slack": _slack,
    "pagerduty": _pagerduty,
    "teams": _teams,
    "ocsf": _ocsf,
    "webhook": _webhook,
}
