"""`registrywatch replay`: the detector over recorded events."""

import argparse
import sys
import time

from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.command_parser import argument
from registrywatch.cli.detection import Detection
from registrywatch.cli.in_order import InOrder
from registrywatch.cli.inputs import add_earlier, add_inputs, earlier, inputs_of, planned
from registrywatch.cli.output import Filtered, JsonLines, Output, ReadableList
from registrywatch.cli.repeats import without_repeats
from registrywatch.cli.selection import Selection, add_filters, selection_of
from registrywatch.readers import severity
from registrywatch.severity import Severity
from registrywatch.sources.inputs import StandardInput


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "replay",
        help=COMMANDS["replay"],
        description=(
            "Runs the rules over recorded events and prints the alerts. It recognises "
            "what a file holds: docs/inputs.md lists everything that it reads.\n\n"
            "Alerts are shown in order of time once all is read. If standard input is the only "
            "input, they are shown as they are raised. Events before --since still count: they "
            "show what is usual."
        ),
        examples=[
            ("replay ~/Downloads/AWSLogs", "reads a folder of CloudTrail files"),
            (
                "replay --since 30d --min-severity high --fail-on critical AWSLogs",
                "shows what is high or worse; exits with 3 if something is critical",
            ),
            ("replay --json --rule 'ecr-*-deleted' events.jsonl | jq .summary", "for programs"),
            ("replay --html report.html AWSLogs", "writes one HTML page"),
            (
                "replay --since 7d --account 111122223333 s3://BUCKET/",
                "reads CloudTrail's bucket; what can't matter is not fetched",
            ),
            (
                "replay --dry-run --since 30d athena://DATABASE/TABLE",
                "shows the query, and how much it would scan",
            ),
            ("replay --learn AWSLogs/2026/07 AWSLogs/2026/08", "July teaches what is usual"),
            ("replay -", "reads standard input, such as `aws cloudtrail lookup-events` prints"),
        ],
        statuses={
            0: "everything was read",
            1: "something could not be read or was not understood, or the output not written",
            3: "an alert reaches the severity of --fail-on",
            130: "interrupted; what was read until then is shown",
        },
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print alerts as JSON, one a line")
    form.add_argument("--html", metavar="FILE", help="write the alerts as an HTML page")
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        type=argument(severity),
        help="exit with status 3 if an alert that is shown is this severe or worse",
    )
    add_filters(parser)
    add_earlier(parser)
    add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Replay; return the exit status."""
    selection = selection_of(arguments)
    if arguments.dry_run:
        return planned(arguments, selection)
    found = inputs_of(arguments, selection)
    output: Output = ReadableList()
    if arguments.html is not None:
        from registrywatch.cli.html import HtmlPage, page_path

        output = HtmlPage(page_path(arguments.html, arguments.parser), time.time)
    elif arguments.json:
        output = JsonLines()
    raised = InOrder()
    detection = Detection(raised.add, output.events)
    shown = _Shown(output, selection)
    live = output.live and found.inputs == [StandardInput()]
    if arguments.learn:
        detection.learn(earlier(arguments), arguments.processes)
    for _ in detection.batches(found, arguments.processes):
        if live:
            shown.add(raised)
    shown.add(raised)
    problems = detection.reader.problems
    if forgotten := detection.acquaintances.forgotten:
        print(
            f"registrywatch: too many actors: the usual use of {forgotten:,} was forgotten; "
            "it counts as new again",
            file=sys.stderr,
        )
    filtered = Filtered(shown.left_out, selection.in_words())
    problems.count += output.summary(detection.reader.records, problems.count, filtered)
    output.flush()
    interrupted = detection.reader.interrupted
    if arguments.fail_on and shown.worst and arguments.fail_on <= shown.worst and not interrupted:
        return 3
    return detection.reader.status()


class _Shown:
    """Shows the alerts that were asked for; knows the worst of them, and how many it left out."""

    def __init__(self, output: Output, selection: Selection) -> None:
        self._output = output
        self._selection = selection
        self.worst: Severity | None = None
        self.left_out = 0

    def add(self, raised: InOrder) -> None:
        """Show all that were raised since, in order of time."""
        for alert in without_repeats(raised.drain()):
            if not self._selection.holds(alert):
                self.left_out += 1
                continue
            self._output.alert(alert)
            self.worst = max(self.worst or alert.severity, alert.severity)
        self._output.flush()
