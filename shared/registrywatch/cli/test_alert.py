"""`registrywatch test-alert`: a sample through every configured destination, and what each said."""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.sample import sample_alert
from registrywatch.alerts.text import visible
from registrywatch.cli import Commands
from registrywatch.cli.local import local_settings
from registrywatch.cli.output import console
from registrywatch.cli.samples import (
    USUAL,
    a_rule,
    add_rule_and_severity,
    severity_of,
    this_moment,
)
from registrywatch.delivery import Destination, SecretStore
from registrywatch.delivery.attempt import attempt
from registrywatch.delivery.destinations import Answer
from registrywatch.settings.destinations import at_least_one


def add(commands: Commands) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "test-alert",
        help="send a sample alert through the configured destinations",
        description=(
            "Sends a sample, marked as such, to every destination that is set in the environment "
            "and prints the answer of each as it arrives. Where a destination opens an incident, "
            "as PagerDuty does, the incident is resolved at once; people on call may still be "
            f"notified. The rule is {USUAL} unless another is named."
        ),
        examples=[
            ("test-alert", f"sends a sample of {USUAL} to every destination"),
            ("test-alert --to slack --to slack/payments", "to these two alone"),
            ("test-alert ecr-tag-overwrite-enabled --severity medium", "sends another one"),
        ],
        statuses={
            0: "every destination accepted it",
            1: "a destination did not accept it, or none was asked",
        },
    )
    add_rule_and_severity(parser, optional=True)
    parser.add_argument(
        "--to",
        action="append",
        metavar="NAME",
        help="only this destination, whatever its lowest severity; may be repeated",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends; returns the exit status."""
    from rich.text import Text

    to = _chosen(at_least_one(local_settings().destinations), arguments)
    alert = sample_alert(a_rule(arguments), severity_of(arguments), this_moment())
    secrets, screen = SecretStore(), console()
    width = max(len(destination.name) for destination in to) + 1
    asked = failures = 0
    wanted = [each for each in to if arguments.to or each.min_severity <= alert.severity]
    for destination in to:
        if destination not in wanted:
            least = destination.min_severity.value
            said = f"not sent, it takes {least} alerts and worse"
            screen.print(Text.assemble(f"{destination.name:<{width}} ", (said, "dim")))
    with ThreadPoolExecutor(max_workers=max(len(wanted), 1)) as pool:
        futures = {pool.submit(_sent, alert, each, secrets): each for each in wanted}
        for future in as_completed(futures):
            answer, resolved = future.result()
            delivered = answer.verdict == "delivered"
            asked += 1
            failures += not delivered
            said = visible(answer.reason) + (f"; incident {resolved}" if resolved else "")
            style = "green" if delivered else "bold red"
            screen.print(Text.assemble(f"{futures[future].name:<{width}} ", (said, style)))
    if not asked:
        screen.print(Text("Nothing was sent: name a higher --severity, or a destination by --to."))
    return 1 if failures or not asked else 0


def _chosen(to: tuple[Destination, ...], arguments: argparse.Namespace) -> tuple[Destination, ...]:
    if not arguments.to:
        return to
    names = {destination.name for destination in to}
    for name in arguments.to:
        if name not in names:
            known = ", ".join(sorted(names))
            arguments.parser.error(f"no destination {name!a} is set; set are: {known}")
    return tuple(destination for destination in to if destination.name in arguments.to)


def _sent(alert: Alert, to: Destination, secrets: SecretStore) -> tuple[Answer, str | None]:
    """The answer, and what became of the incident that the sample opened."""
    incident = f"registrywatch/test/{alert.id}"
    answer = attempt(alert, to, secrets, time.time, incident=incident)
    if answer.verdict != "delivered" or not to.kind.resolves:
        return answer, None
    end = attempt(alert, to, secrets, time.time, incident=incident, resolved=True)
    return answer, "resolved" if end.verdict == "delivered" else f"not resolved, {end.reason}"
