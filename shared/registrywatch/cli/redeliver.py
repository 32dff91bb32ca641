"""`registrywatch redeliver`: sends dead letters again."""

import argparse
import json
import re
import sys
import time
from typing import Any

from registrywatch.alerts.text import shown, visible
from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.local import local_settings
from registrywatch.delivery.redelivery import Choice, Letter, Moved, move, redeliver
from registrywatch.errors import StoreError
from registrywatch.settings.deployment import ALERT_QUEUE, DEAD_LETTER_QUEUE
from registrywatch.times import rfc3339, span
from registrywatch.variables import Variable

_SQS = re.compile(r"https?://[^/?#]+/(?:queue/|[0-9]{12}/)[\w.-]+")
_AZURE = re.compile(
    r"https?://[^/?#]+\.queue\.(?:core|storage)\.[^/?#]+/[a-z0-9-]+"
    r"|https?://[^/?#]+/devstoreaccount1/[a-z0-9-]+"
)
_EXAMPLES = (
    "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME or https://ACCOUNT.queue.core.windows.net/NAME"
)
_LONGEST = 200  # characters of a summary or a reason on the screen


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "redeliver",
        help=COMMANDS["redeliver"],
        description=(
            "Takes the alerts out of the dead-letter queue and puts them on the alert queue again. "
            "An alert delivered since then is not delivered twice. What is not an alert stays "
            "where it is until it is dropped. Uses your shell's credentials of AWS or Azure."
        ),
        examples=[
            ("redeliver --dry-run", "lists what the dead-letter queue holds"),
            ("redeliver --destination slack", "sends again what was meant for Slack"),
            (
                "redeliver --drop 5fea7756-0ea4-451d-a703-a558b933e274",
                "deletes the letter with that id, which --dry-run shows",
            ),
        ],
        statuses={
            0: "everything was sent again",
            1: "something stays there, or a queue did not answer",
        },
    )
    parser.add_argument(
        "--from",
        dest="dead_letters",
        metavar="URL",
        help="the dead-letter queue, of SQS or of Azure Storage "
        "(default: REGISTRYWATCH_DEAD_LETTER_QUEUE)",
    )
    parser.add_argument(
        "--to",
        dest="queue",
        metavar="URL",
        help="the alert queue (default: REGISTRYWATCH_ALERT_QUEUE); not needed where nothing is "
        "sent",
    )
    parser.add_argument(
        "--destination", metavar="NAME", help="only what was meant for it: slack, pagerduty, …"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="list what is there, move nothing")
    what.add_argument("--show", metavar="ID", help="print one letter whole, move nothing")
    parser.add_argument(
        "--records",
        action="store_true",
        help="move events and records, not alerts, as they are: from the dead letters of changes "
        "or traffic, or from `parked`, to a queue whose function handles them again",
    )
    what.add_argument("--drop", metavar="ID", help="delete one letter for good, send nothing")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Move the messages; return the exit status."""
    parser = arguments.parser
    source = _url(parser, arguments.dead_letters, "dead-letter queue", "--from", DEAD_LETTER_QUEUE)
    sends = not (arguments.dry_run or arguments.show or arguments.drop)
    target = _url(parser, arguments.queue, "alert queue", "--to", ALERT_QUEUE) if sends else source
    if _is_azure(source) != _is_azure(target):
        parser.error("one of the two queues is of SQS, the other of Azure Storage")
    if sends and source == target:
        parser.error("--from and --to name the same queue")
    if arguments.records and (arguments.show or arguments.drop or arguments.destination):
        parser.error("--records goes with --dry-run alone: records are for no destination")
    report = _Report(arguments)
    try:
        if arguments.records:
            return _move_records(source, target, dry_run=arguments.dry_run)
        redeliver(_opened(source), _opened(target), time.time, report, report.choose)
    except StoreError as error:
        print(f"registrywatch: {visible(str(error).strip().partition('\n')[0])}", file=sys.stderr)
        report.interrupted()
        return 1
    return report.finish()


def _move_records(source: str, target: str, *, dry_run: bool) -> int:
    """Move records; return the exit status."""
    verb = "would be sent again" if dry_run else "sent again"
    moved = stay = 0
    for body, why in move(_opened(source), _opened(target), time.time, dry_run=dry_run):
        if why is None:
            moved += 1
            print(f"{verb}: {shown(body, _LONGEST)}")
        else:
            stay += 1
            print(f"registrywatch: stays: {shown(body, _LONGEST)}: {visible(why)}", file=sys.stderr)
    print(f"{moved} {verb}{f', {stay} stay' if stay else ''}.")
    return 1 if stay else 0


class _Report:
    """Chooses what becomes of each letter, and says what did."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._destination: str | None = arguments.destination
        self._only: str | None = arguments.show or arguments.drop
        self._show = arguments.show is not None
        self._drop = arguments.drop is not None
        self._dry = arguments.dry_run
        self._sent = self._stay = self._found = self._seen = 0
        self._destinations: set[str] = set()

    def choose(self, letter: Letter) -> Choice:
        if letter.destination:
            self._destinations.add(letter.destination)
        if self._only is not None:
            return "drop" if self._drop and letter.id == self._only else "pass"
        if self._dry or not self._wanted(letter):
            return "pass"
        return "send"

    def __call__(self, moved: Moved) -> None:
        letter = moved.letter
        self._seen += 1
        if self._only is not None:
            if letter.id == self._only:
                self._found += 1
                print(_whole(letter) if self._show else f"dropped: {_described(letter)}")
            return
        if moved.how == "stays":
            self._stay += 1
            why = visible(moved.reason or "")
            print(f"registrywatch: stays: {_described(letter)}: {why}", file=sys.stderr)
        elif moved.how == "sent":
            self._sent += 1
            print(f"sent again: {_described(letter)}")
        elif self._dry and self._wanted(letter):
            self._sent += letter.message is not None
            self._stay += letter.message is None
            print(f"{'would be sent' if letter.message else 'would stay'}: {_described(letter)}")

    def interrupted(self) -> None:
        """Print what was done before a queue failed; after nothing there is nothing to say."""
        if self._sent and not self._dry:
            print(f"{self._sent} sent again before that; the rest is still there.")

    def finish(self) -> int:
        """Print the counts; return the exit status."""
        if self._only is not None:
            if not self._found:
                problem = f"there is no letter with the id {self._only!a}; --dry-run shows the ids"
                print(f"registrywatch: {problem}", file=sys.stderr)
            return 0 if self._found else 1
        if self._destination and self._destination not in self._destinations:
            known = ", ".join(sorted(map(visible, self._destinations))) or "none"
            problem = f"no letter is for {self._destination!a}; letters are for: {known}"
            print(f"registrywatch: {problem}", file=sys.stderr)
            return 1
        if not self._seen:
            print("No letter was there. One that another command took shows again in two minutes.")
        stay = f", {self._stay} {'would stay' if self._dry else 'stay'}" if self._stay else ""
        print(f"{self._sent} {'would be sent' if self._dry else 'sent'} again{stay}.")
        return 1 if self._stay else 0

    def _wanted(self, letter: Letter) -> bool:
        return self._destination is None or letter.destination == self._destination


def _whole(letter: Letter) -> str:
    """The body; JSON is indented."""
    try:
        return json.dumps(json.loads(letter.body), indent=2)
    except ValueError:
        return visible(letter.body)


def _described(letter: Letter) -> str:
    """Id, time and age, then what it is and why it is there."""
    age = span(max(int(time.time() - letter.sent), 1) // 60 * 60 or 60)
    head = f"{letter.id} of {rfc3339(int(letter.sent))}, {age} old"
    alert = letter.alert
    if alert is None:
        return f"{head}: no alert ({shown(letter.problem or '', _LONGEST)})"
    text = f"{alert.severity.value} {shown(alert.rule, _LONGEST)}: {shown(alert.summary, _LONGEST)}"
    to = f"{shown(letter.destination, _LONGEST)}: " if letter.destination else ""
    reason = getattr(letter.message, "reason", None)
    return f"{head}: {to}{text}" + (f" ({shown(reason, _LONGEST)})" if reason else "")


def _url(
    parser: argparse.ArgumentParser,
    typed: str | None,
    what: str,
    option: str,
    variable: Variable[str | None],
) -> str:
    url = typed or local_settings().values[variable]
    if not url:
        parser.error(f"the {what} is not known: give its URL by {option} or {variable.name}")
    if not _is_azure(url) and not _SQS.fullmatch(url):
        parser.error(f"{option}: {url!a} is not the URL of a queue, such as {_EXAMPLES}")
    return url


def _opened(url: str) -> Any:
    """The queue at an address, of whichever cloud."""
    if _is_azure(url):
        from registrywatch.azure.clients import queue_at
        from registrywatch.azure.queue import Queue as StorageQueue

        return StorageQueue(queue_at(url))
    from registrywatch.aws.queue import queue_at as sqs_queue_at

    return sqs_queue_at(url)


def _is_azure(url: str) -> bool:
    return _AZURE.fullmatch(url) is not None
