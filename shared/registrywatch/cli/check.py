"""`registrywatch check`: what is right in a deployment, and how to fix the rest."""

import argparse
import sys
from collections.abc import Iterator

import msgspec

from registrywatch.alerts.text import visible
from registrywatch.checks import Item
from registrywatch.checks.item import Standing
from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.deployed.options import CLOUDS, CloudModule, add_where, module_of
from registrywatch.cli.screen import Badges, Screen, screen_of
from registrywatch.errors import StateUnknown, StoreError
from registrywatch.rules.wording import number_of

_BADGES = Badges[Standing](
    {"right": ("ok", "#2e7d32"), "wrong": ("WRONG", "#c62828"), "unknown": ("?", "#f9a825")}, 6
)


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
    parser.add_argument("cloud", choices=CLOUDS, help="which cloud it runs in")
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
        module = module_of(arguments.cloud)
        items = module.items(arguments)
        if len(items) > 1:  # there is a deployment
            items += _sent(module, arguments)
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
        text = f"{visible(item.name)}: {visible(item.found)}"
        yield from _BADGES.lines(screen, item.standing, text, visible(item.fix))
    bad = sum(not item.ok for item in items)
    yield ""
    yield f"{number_of(len(items), 'part')}, {f'{bad} not right' if bad else 'all right'}."


def _sent(module: CloudModule, arguments: argparse.Namespace) -> tuple[Item, ...]:
    """What became of a marked event, if one was asked for."""
    if not arguments.send_test:
        return ()
    from registrywatch.cli.send_test import send_test

    return send_test(module.deployment(arguments))
