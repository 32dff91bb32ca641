"""`registrywatch redeliver`: what lies in the dead-letter queue is sent again."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.text import shown, visible
from registrywatch.cli import Commands
from registrywatch.cli.local import local_settings
from registrywatch.delivery.message import Message
from registrywatch.delivery.queue import AlertQueue, Queue
from registrywatch.delivery.redelivery import DeadLetter, Moved, redeliver
from registrywatch.errors import StoreError
from registrywatch.settings.deployment import ALERT_QUEUE, DEAD_LETTER_QUEUE
from registrywatch.variables import Variable

_LONGEST = 200  # characters of a summary or a reason on the screen


def add(commands: Commands) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "redeliver",
        help="send again what lies in the dead-letter queue",
        description=(
            "Takes the alerts out of the dead-letter queue and puts them on the alert queue again. "
            "What was delivered meanwhile is not delivered twice. What is no alert stays where it "
            "is. Uses your shell's credentials of AWS or Azure."
        ),
        examples=[
            ("redeliver --dry-run", "lists what the dead-letter queue holds"),
            ("redeliver --destination slack", "sends again what was meant for Slack"),
        ],
        statuses={0: "all was sent again", 1: "something stays there, or a queue did not answer"},
    )
    parser.add_argument(
        "--from",
        dest="dead_letters",
        metavar="URL",
        help="the dead-letter queue, of SQS or of Azure Storage "
        "(default: REGISTRYWATCH_DEAD_LETTER_QUEUE)",
    )
    parser.add_argument(
        "--to", dest="queue", metavar="URL", help="the alert queue (REGISTRYWATCH_ALERT_QUEUE)"
    )
    parser.add_argument(
        "--destination", metavar="NAME", help="only what was meant for it: slack, pagerduty, …"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what is there, move nothing")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Moves the messages; returns the exit status."""
    source = _url(arguments.parser, arguments.dead_letters, "--from", DEAD_LETTER_QUEUE)
    target = _url(arguments.parser, arguments.queue, "--to", ALERT_QUEUE)
    report = _Report(arguments.dry_run)
    try:
        letters, queue = _opened(source, target)
        redeliver(
            letters, queue, time.time, report, _wanted(arguments.destination), arguments.dry_run
        )
    except StoreError as error:
        print(f"registrywatch: {visible(str(error))}", file=sys.stderr)
        return 1
    print(f"{report.sent} {'would be sent' if arguments.dry_run else 'sent'} again.")
    return 1 if report.problems else 0


class _Report:
    """Says what became of each message."""

    def __init__(self, dry_run: bool) -> None:
        self._verb = "would be sent again" if dry_run else "sent again"
        self.sent = 0
        self.problems = 0

    def __call__(self, moved: Moved) -> None:
        if moved.message is None:
            self.problems += 1
            print(
                f"registrywatch: left where it is: {visible(moved.problem or '')}", file=sys.stderr
            )
            return
        self.sent += 1
        print(f"{self._verb}: {_described(moved.message)}")


def _described(message: Message | Alert) -> str:
    alert = message if isinstance(message, Alert) else message.alert
    told = f"{alert.severity.value} {shown(alert.rule, _LONGEST)}: {shown(alert.summary, _LONGEST)}"
    if isinstance(message, Alert):
        return told
    reason = f" ({shown(message.reason, _LONGEST)})" if message.reason else ""
    return f"{shown(message.destination, _LONGEST)}: {told}{reason}"


def _wanted(destination: str | None) -> Callable[[Message | Alert], bool]:
    """Whether a message is for the destination that was asked for."""
    if destination is None:
        return lambda _: True
    return lambda message: isinstance(message, Message) and message.destination == destination


def _url(
    parser: argparse.ArgumentParser, typed: str | None, option: str, variable: Variable[str | None]
) -> str:
    url = typed or local_settings().values[variable]
    if not url or not urlsplit(url).hostname:
        said = f"{url!a} is no URL" if url else "it is not known"
        parser.error(f"{said}: give the queue's URL by {option} or {variable.name}")
    return url


def _opened(source: str, target: str) -> tuple[Iterable[DeadLetter], Queue]:
    """The queues, told apart by their addresses."""
    now = time.time()
    if _is_azure(source) or _is_azure(target):
        from registrywatch.azure.clients import queue_at
        from registrywatch.azure.queue import MOST_CHARACTERS
        from registrywatch.azure.queue import Queue as StorageQueue

        poison = StorageQueue(queue_at(source))
        queue = AlertQueue(StorageQueue(queue_at(target)), poison, MOST_CHARACTERS)
        return poison.letters(now), queue
    from registrywatch.aws.queue import MOST_BYTES
    from registrywatch.aws.queue import Queue as SqsQueue

    dead_letters = SqsQueue(source)
    return dead_letters.letters(now), AlertQueue(SqsQueue(target), dead_letters, MOST_BYTES)


def _is_azure(url: str) -> bool:
    parts = urlsplit(url)
    return ".queue.core." in (parts.hostname or "") or parts.path.startswith("/devstoreaccount1/")
