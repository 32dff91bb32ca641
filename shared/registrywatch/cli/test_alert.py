"""`registrywatch test-alert`: a sample through every destination, and what became of it.

It is sent from here to the destinations that the environment sets, or put on the alert queue of a
deployment, whose functions then address and deliver it.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.sample import end_of_sample, sample_alert
from registrywatch.alerts.text import visible
from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.deployed.options import CLOUDS, add_where, module_of
from registrywatch.cli.local import local_settings
from registrywatch.cli.samples import (
    USUAL,
    a_rule,
    add_rule_and_severity,
    severity_of,
    this_moment,
)
from registrywatch.cli.screen import Badges, Screen, screen_of
from registrywatch.delivery import Destination, Message, SecretStore
from registrywatch.delivery.destinations import Answer
from registrywatch.delivery.sender import Sender
from registrywatch.errors import StateUnknown, StoreError
from registrywatch.settings.destinations import at_least_one

if TYPE_CHECKING:
    from registrywatch.cli.deployed.deployment import Deployment

_BADGES = Badges[bool | None](
    {True: ("ok", "#2e7d32"), False: ("FAILED", "#c62828"), None: ("-", "#f9a825")}, 7
)


def add(commands: Commands) -> None:
    """Declare the command."""
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
            0: "every destination that was asked accepted it",
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
    parser.add_argument(
        "--json", action="store_true", help="print an object a line for each destination"
    )
    add_where(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Send; return the exit status."""
    alert = sample_alert(a_rule(arguments), severity_of(arguments), this_moment())
    if arguments.deployed is None:
        return _from_here(alert, arguments)
    try:
        return _deployed(alert, module_of(arguments.deployed).deployment(arguments), arguments)
    except (StoreError, StateUnknown) as error:
        print(f"registrywatch: {visible(str(error))}", file=sys.stderr)
        return 1


def _deployed(alert: Alert, deployment: "Deployment", arguments: argparse.Namespace) -> int:
    """Put it on the alert queue, and say what became of it at each destination."""
    from registrywatch.cli.deployed import waiting

    to = _chosen(deployment.destinations, arguments)
    if arguments.to:
        to = tuple(Destination(kind=each.kind, name=each.name, options=each.options) for each in to)
        for each in to:
            deployment.send(Message(destination=each.name, alert=alert, since=time.time()))
    else:
        deployment.send(alert)
    failures, show = 0, _Shown(arguments)
    for item in waiting.waited(deployment, alert, to):
        failures += not item.ok
        show(item.name.removeprefix(waiting.ITEM), item.ok, item.found, item.fix)
    asked = any(each.wants(alert) for each in to)
    return 1 if failures or not asked else 0


def _from_here(alert: Alert, arguments: argparse.Namespace) -> int:
    """Send it to the destinations in the environment, and say what each answered."""
    to = _chosen(at_least_one(local_settings().destinations), arguments)
    sender, show = Sender(SecretStore()), _Shown(arguments)
    asked = failures = 0
    wanted = [each for each in to if arguments.to or each.min_severity <= alert.severity]
    for destination in to:
        if destination not in wanted:
            least = destination.min_severity.value
            show(destination.name, None, f"not sent, it takes {least} alerts and worse")
    with ThreadPoolExecutor(max_workers=max(len(wanted), 1)) as pool:
        futures = {pool.submit(_sent, alert, each, sender): each for each in wanted}
        for future in as_completed(futures):
            answer, resolved = future.result()
            delivered = answer.verdict == "delivered"
            asked += 1
            failures += not delivered
            result = answer.reason + (f"; incident {resolved}" if resolved else "")
            show(futures[future].name, delivered, result)
    if not asked:
        result = "nothing was sent: name a higher --severity, or a destination by --to"
        print(f"registrywatch: {result}", file=sys.stderr)
    return 1 if failures or not asked else 0


class _Shown:
    """Shows what became of the sample at each destination, as soon as it is known."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._json = arguments.json
        self._screen = Screen() if self._json else screen_of(sys.stdout)

    def __call__(self, name: str, ok: bool | None, result: str, fix: str | None = None) -> None:
        """`ok`: whether it was delivered; None: it was not sent."""
        if self._json:
            row = {"destination": name, "delivered": ok, "result": result, "fix": fix}
            print(json.dumps(row), flush=True)
            return
        text = f"{name}: {visible(result)}"
        print(*_BADGES.lines(self._screen, ok, text, fix and visible(fix)), sep="\n", flush=True)


def _chosen(to: tuple[Destination, ...], arguments: argparse.Namespace) -> tuple[Destination, ...]:
    if not arguments.to:
        return to
    names = {destination.name for destination in to}
    for name in arguments.to:
        if name not in names:
            known = ", ".join(sorted(names))
            arguments.parser.error(f"no destination {name!a} is set; set are: {known}")
    return tuple(destination for destination in to if destination.name in arguments.to)


def _sent(alert: Alert, to: Destination, sender: Sender) -> tuple[Answer, str | None]:
    """The answer, and what became of the incident that the sample opened."""

    def send(one: Alert) -> Answer:
        key = f"registrywatch/test/{alert.id}"
        message = Message(destination=to.name, alert=one, since=time.time(), incident=key)
        return sender.attempt(message, to)

    answer = send(alert)
    if answer.verdict != "delivered" or not to.kind.resolves:
        return answer, None
    end = send(end_of_sample(alert))
    return answer, "resolved" if end.verdict == "delivered" else f"not resolved, {end.reason}"
