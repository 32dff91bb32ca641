"""`registrywatch tune`: what would have fired at which threshold, and the setting to copy."""

import argparse
import sys
import time

import msgspec

from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.command_parser import argument
from registrywatch.cli.detection import Detection
from registrywatch.cli.html import page_path, written
from registrywatch.cli.in_order import InOrder
from registrywatch.cli.inputs import add_earlier, add_inputs, earlier, inputs_of, planned
from registrywatch.cli.repeats import without_repeats
from registrywatch.cli.screen import screen_of
from registrywatch.cli.selection import add_period, period_of, rule_glob
from registrywatch.cli.tune_lines import report_lines
from registrywatch.globs import Globs
from registrywatch.readers import whole_number
from registrywatch.report.tune_page import tune_page
from registrywatch.tuning.fired import Firings
from registrywatch.tuning.observed import Observed
from registrywatch.tuning.report import Tune


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "tune",
        help=COMMANDS["tune"],
        description=(
            "Reads recorded events as replay does. Of each counted rule it says how often it would "
            "have fired at other thresholds, and which one to set; of the other rules how often "
            "they would have fired, for whom and where, and what an ignore setting would have "
            "silenced. It is exact: with the setting that it proposes, replay raises as many "
            "alerts over the same logs as it says. Present settings hold for everything else."
        ),
        examples=[
            ("tune ~/Downloads/AWSLogs", "says what to set for at most one alert a week"),
            ("tune --rule '*-pull' --alerts-per-week 5 AWSLogs", "for some rules, less quiet"),
            ("tune --since 30d --account 111122223333 s3://BUCKET/", "over a bucket's last month"),
            ("tune --html tune.html AWSLogs", "writes a page with a slider for each threshold"),
        ],
        statuses={
            0: "everything was read",
            1: "something could not be read or was not understood, or the output not written",
            130: "interrupted; the report is about what was read until then",
        },
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print all of it as one JSON object")
    form.add_argument("--html", metavar="FILE", help="write a page to look at and to try out")
    parser.add_argument(
        "--rule", metavar="RULE", type=rule_glob, action="append", help="only this rule; globs work"
    )
    parser.add_argument(
        "--alerts-per-week",
        metavar="N",
        type=argument(whole_number(0, 1_000_000)),
        default=1,
        help="how many alerts of a rule are quiet enough, in any seven days (default: 1)",
    )
    add_period(parser)
    add_earlier(parser)
    add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Read and report; return the exit status."""
    period = period_of(arguments)
    page = None if arguments.html is None else page_path(arguments.html, arguments.parser)
    if arguments.dry_run:
        return planned(arguments, period)
    found = inputs_of(arguments, period)
    raised, tune = InOrder(), Tune(Observed(), Firings())
    detection = Detection(raised.add, counted=tune.observed.note, period=period)
    if arguments.learn:
        detection.learn(earlier(arguments), arguments.processes)
    for _ in detection.batches(found, arguments.processes):
        pass
    for alert in without_repeats(raised.drain()):
        tune.firings.add(alert)
    rules, problems = Globs(tuple(arguments.rule or ())), detection.reader.problems

    def wanted(rule: str) -> bool:
        return not rules or rule in rules

    thresholds = tune.thresholds(wanted)
    report = tune.report(
        thresholds, arguments.alerts_per_week, detection.reader.records, problems.count, wanted
    )
    if arguments.json:
        sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
        return detection.reader.status()
    if page is not None and not written(page, tune_page(report, thresholds, time.time())):
        problems.count += 1
    print(*report_lines(report, screen_of(sys.stdout)), sep="\n")
    return detection.reader.status()
