"""`registrywatch test-alert`: a sample through every destination, and what became of it.

It is sent from here to the destinations that the environment sets, or put on the alert queue of a
deployment, whose functions then address and deliver it.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.sample import sample_alert
from registrywatch.alerts.text import visible
from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.deployed.options import CLOUDS, add_where, deployment_of
from registrywatch.cli.local import local_settings
from registrywatch.cli.output import console
from registrywatch.cli.samples import (
    USUAL,
    a_rule,
    add_rule_and_severity,
    severity_of,
    this_moment,
)
from registrywatch.delivery import Destination, Message, SecretStore
from registrywatch.delivery.attempt import attempt
from registrywatch.delivery.destinations import Answer
from registrywatch.errors import StateUnknown, StoreError
from registrywatch.settings.destinations import at_least_one

if TYPE_CHECKING:
    from registrywatch.cli.deployed.deployment import Deployment


def add(commands: Commands) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "test-alert",
        help=COMMANDS["test-alert"],
        description=(
            "Sends a sample, marked as such, to every destination that is set in the environment "
            "and prints the answer of each as it arrives. Where a destination opens an incident, "
            "as PagerDuty does, the incident is resolved at once; people on call may still be "
            f"notified. The rule is {USUAL} unless another is named. With --deployed it is put on "
            "the alert queue of a deployment instead, whose functions address and deliver it."
        ),
        examples=[
            ("test-alert", f"sends a sample of {USUAL} to every destination"),
            ("test-alert --to slack --to slack/payments", "to these two alone"),
            ("test-alert ecr-tag-overwrite-enabled --severity medium", "sends another one"),
            ("test-alert --deployed aws", "through the stack registrywatch in your region"),
            ("test-alert --deployed azure --resource-group registrywatch", "on Azure"),
        ],
        statuses={
            0: "every destination accepted it that was asked",
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
    parser.add_argument(
        "--deployed",
        choices=CLOUDS,
        help="through the deployed functions, with the deployment's destinations",
    )
    add_where(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Sends; returns the exit status."""
    alert = sample_alert(a_rule(arguments), severity_of(arguments), this_moment())
    if arguments.deployed is None:
        return _from_here(alert, arguments)
    try:
        return _deployed(alert, deployment_of(arguments.deployed, arguments), arguments)
    except (StoreError, StateUnknown) as error:
        print(f"registrywatch: {visible(str(error))}", file=sys.stderr)
        return 1


def _deployed(alert: Alert, deployment: "Deployment", arguments: argparse.Namespace) -> int:
    """Puts it on the alert queue, and says what became of it at each destination."""
    from registrywatch.cli.deployed import waiting

    to = _chosen(deployment.destinations, arguments)
    if arguments.to:
        to = tuple(Destination(kind=each.kind, name=each.name, options=each.options) for each in to)
        for each in to:
            deployment.send(Message(destination=each.name, alert=alert, since=time.time()))
    else:
        deployment.send(alert)
    failures = 0
    for item in waiting.waited(deployment, alert, to):
        failures += not item.ok
        print(f"{item.name.removeprefix(waiting.ITEM)}: {visible(item.found)}", flush=True)
        if item.mend:
            print(f"  {item.mend}")
    asked = any(each.wants(alert) for each in to)
    return 1 if failures or not asked else 0


def _from_here(alert: Alert, arguments: argparse.Namespace) -> int:
    """Sends it to the destinations in the environment, and says what each answered."""
    from rich.text import Text

    to = _chosen(at_least_one(local_settings().destinations), arguments)
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
