"""`registrywatch check`: what is right in a deployment, and how to fix the rest."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from registrywatch.alerts.text import visible
from registrywatch.checks import Item
from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.deployed.options import add_where
from registrywatch.cli.screen import Screen, screen_of, wrapped
from registrywatch.errors import SettingsError, StateUnknown, StoreError
from registrywatch.rules.wording import number_of

if TYPE_CHECKING:
    from registrywatch.cli.deployed.deployment import Deployment as Through

_BADGES = {"right": ("ok", "#2e7d32"), "wrong": ("WRONG", "#c62828"), "unknown": ("?", "#f9a825")}
_LABEL = 6


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "check",
        help=COMMANDS["check"],
        description=(
            "Checks every part of a deployment with read-only calls, says what is right, and "
            "what to type to fix the rest. The same check runs in the deployment every 15 "
            "minutes. Uses your shell's credentials of AWS or Azure. On Azure the function app's "
            "settings say what was deployed: name its resource group."
        ),
        examples=[
            ("check aws", "checks the stack registrywatch in your region"),
            ("check aws --stack rw --region us-east-1 --json", "another one, for programs"),
            ("check aws --send-test", "also sends a marked event to every destination"),
            ("check azure --resource-group registrywatch", "checks a deployment on Azure"),
        ],
        statuses={0: "everything is right", 1: "something is wrong or could not be read"},
    )
    parser.add_argument("cloud", choices=sorted(_CLOUDS), help="which cloud it runs in")
    parser.add_argument("--json", action="store_true", help="print a JSON object for each part")
    add_where(parser)
    parser.add_argument(
        "--send-test",
        action="store_true",
        help="also send a marked event through the deployed functions, and wait for its delivery",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Check, and print what it found; return the exit status."""
    try:
        items = _CLOUDS[arguments.cloud](arguments)
    except (StoreError, StateUnknown) as error:
        print(f"registrywatch: {visible(str(error))}", file=sys.stderr)
        return 1
    if arguments.json:
        for item in items:
            print(msgspec.json.encode(item).decode())
    else:
        print(*_lines(items, screen_of(sys.stdout)), sep="\n")
    return 0 if all(item.ok for item in items) else 1


def _lines(items: tuple[Item, ...], screen: Screen) -> Iterator[str]:
    for item in items:
        word, colour = _BADGES[item.standing]
        label = screen.badge(f" {word:^{_LABEL}}", colour)
        first, *more = wrapped(
            f"{visible(item.name)}: {visible(item.found)}", screen.width, _LABEL + 2
        )
        yield f"{label} {first.strip()}"
        yield from more
        if item.fix:
            yield f"{'':<{_LABEL + 2}}fix: {visible(item.fix)}"  # one line, to be copied
    bad = sum(not item.ok for item in items)
    yield ""
    yield f"{number_of(len(items), 'part')}, {f'{bad} not right' if bad else 'all right'}."


def _aws(arguments: argparse.Namespace) -> tuple[Item, ...]:
    from registrywatch.aws.check import check

    if arguments.region:
        os.environ["AWS_DEFAULT_REGION"] = arguments.region
    items = check(arguments.stack)
    if len(items) == 1:  # there is no such stack
        return items
    from registrywatch.cli.deployed import aws

    items += aws.arrivals(arguments.stack)
    return items + _sent(partial(aws.deployed, arguments.stack), arguments)


def _azure(arguments: argparse.Namespace) -> tuple[Item, ...]:
    from registrywatch.azure.check import Deployment, check
    from registrywatch.azure.clients import storage
    from registrywatch.azure.names import DEAD_LETTERS
    from registrywatch.azure.queue import Queue
    from registrywatch.extras import needs
    from registrywatch.settings import parse

    with needs("azure"):
        from registrywatch.cli.deployed import azure as deployed
    environ = deployed.environment(arguments.resource_group, arguments.subscription)
    azure = parse(environ).azure
    if not azure.registries:
        raise SettingsError(
            "REGISTRYWATCH_AZURE_REGISTRIES is not set: name the deployment's --resource-group"
        )
    deployment = Deployment(
        azure.registries, azure.feeds, azure.log_destination, azure.app, azure.principal
    )
    arm = deployed.arm_of(azure.resource_manager)
    try:
        store = storage(environ)
    except SettingsError:  # what it holds is looked at where the environment names it
        return check(deployment, arm, (), time.time)
    queues = tuple(Queue(store.queue(name)) for name in DEAD_LETTERS)
    items = check(deployment, arm, queues, time.time)
    items += deployed.arrivals(environ)
    return items + _sent(partial(deployed.deployed, environ), arguments)


def _sent(deployment: "Callable[[], Through]", arguments: argparse.Namespace) -> tuple[Item, ...]:
    """What became of a marked event, if one was asked for."""
    if not arguments.send_test:
        return ()
    from registrywatch.cli.send_test import send_test

    return send_test(deployment())


_CLOUDS: dict[str, Callable[[argparse.Namespace], tuple[Item, ...]]] = {
    "aws": _aws,
    "azure": _azure,
}
