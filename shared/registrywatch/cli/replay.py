"""`registrywatch replay`: the detector over recorded events."""

import argparse
import gc
import time
from collections.abc import Sequence

from registrywatch.cli import Commands
from registrywatch.cli.html import HtmlPage, page_path
from registrywatch.cli.in_order import InOrder
from registrywatch.cli.inputs import add_inputs, inputs_of
from registrywatch.cli.local import local_detector, local_settings
from registrywatch.cli.output import JsonLines, Output, People
from registrywatch.cli.problems import Problems
from registrywatch.cli.progress import Progress
from registrywatch.cli.repeats import without_repeats
from registrywatch.cli.selection import Selection, add_filters, selection_of, severity_named
from registrywatch.detector import Batch
from registrywatch.severity import Severity
from registrywatch.sources.inputs import Input, StandardInput
from registrywatch.sources.many import Part
from registrywatch.sources.parallel import parts_by


def add(commands: Commands) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "replay",
        help="run the rules over recorded events",
        description=(
            "Runs the rules over recorded events and prints the alerts. It recognises by itself "
            "what a file holds: docs/inputs.md lists everything that it reads.\n\n"
            "Alerts are shown in order of time once all is read; those of standard input alone, as "
            "they are raised. Events before --since still count: they show what is usual."
        ),
        examples=[
            ("replay ~/Downloads/AWSLogs", "reads a folder of CloudTrail files"),
            (
                "replay --since 30d --min-severity high --fail-on critical AWSLogs",
                "shows what is high or worse; exits with 3 if something is critical",
            ),
            ("replay --json --rule 'ecr-*-deleted' events.jsonl | jq .summary", "for programs"),
            ("replay --html report.html AWSLogs", "writes one page to look at"),
            (
                "replay --since 7d --account 111122223333 s3://BUCKET/",
                "reads CloudTrail's bucket; what can't matter is not fetched",
            ),
            ("replay -", "reads standard input, such as `aws cloudtrail lookup-events` prints"),
        ],
        statuses={
            0: "everything was read",
            1: "something could not be read or was not understood, or the output not written",
            3: "an alert reaches the severity of --fail-on",
        },
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print alerts as JSON, one a line")
    form.add_argument("--html", metavar="FILE", help="write the alerts as a page to look at")
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        type=severity_named,
        help="exit with status 3 if an alert that is shown is this severe or worse",
    )
    add_filters(parser)
    add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Replays; returns the exit status."""
    selection = selection_of(arguments)
    found = inputs_of(arguments, selection)
    # Events hold no cycles. Looking for some among them all the time would cost a tenth.
    gc.freeze()
    gc.set_threshold(100_000)
    output: Output = People()
    if arguments.html is not None:
        output = HtmlPage(page_path(arguments.html, arguments.parser), time.time)
    elif arguments.json:
        output = JsonLines()
    replay = Replay(output, selection, live=output.live and found.inputs == [StandardInput()])
    for problem in found.problems:
        replay.unread.one(problem)
    replay.read(found.inputs, arguments.processes)
    replay.end()
    if arguments.fail_on and replay.worst and arguments.fail_on <= replay.worst:
        return 3
    return 1 if replay.problems else 0


class Replay:
    """One run: reads, counts, and shows the alerts that were asked for.

    `live`: alerts are shown batch by batch; else in order of time when all is read.
    """

    def __init__(self, output: Output, selection: Selection, live: bool = False) -> None:
        self._output = output
        self._selection = selection
        self._live = live
        self._raised = InOrder()
        self._detector = local_detector(local_settings(), self._raised.add)
        self._batch = Batch()
        self._progress = Progress(0)
        self.unread = Problems(lambda: self._progress.clear())
        self.records = 0
        self.worst: Severity | None = None

    @property
    def problems(self) -> int:
        """How many things could not be read."""
        return self.unread.count

    def read(self, inputs: Sequence[Input], processes: int = 1) -> None:
        """Runs all inputs through the detector; `processes` read them."""
        sizes = [each.size for each in inputs]
        self._progress = Progress(sum(sizes))
        before, place, empty = 0, 0, True
        for part in parts_by(processes, inputs):
            before, place = before + sum(sizes[place : part.place]), part.place
            self.unread.begin(inputs[place].name)
            self._part(inputs[place].name, part)
            self._progress.at(before + part.at)
            empty = empty and not part.piece.size
        self.unread.end()
        self._progress.clear()
        self.unread.summary()
        if inputs and empty and not self.problems:
            self.unread.one("the input is empty: there was nothing to read")

    def end(self) -> None:
        """Shows what is left, and the summary."""
        self._show()
        self.unread.count += self._output.summary(self.records, self.problems)
        self._output.flush()

    def _part(self, name: str, part: Part) -> None:
        self.records += part.piece.reading.records
        self.unread.add(part.piece)
        if part.failure is not None:
            self.unread.one(f"{name}: {part.failure}")
        # Gathered piece by piece, while they are in the core's cache; counted a batch at a time.
        self._detector.gather(part.piece.reading.events, self._batch)
        self._output.events(part.piece.reading.events)
        if part.piece.ends_batch:
            self._count(name)

    def _count(self, name: str) -> None:
        """Counts what was gathered, and shows what was found if it is to be seen at once."""
        batch, self._batch = self._batch, Batch()
        for index, reason in self._detector.finish(batch).failed.items():
            self.unread.about(f"{name}: event {batch.events[index].id}: {reason}")
        if self._live:
            self._show()

    def _show(self) -> None:
        for alert in filter(self._selection.holds, without_repeats(self._raised.drain())):
            self._output.alert(alert)
            self.worst = max(self.worst or alert.severity, alert.severity)
        self._output.flush()
