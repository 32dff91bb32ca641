"""`registrywatch learn`: a deployment starts knowing what earlier days have shown."""

import argparse
import os
import sys
import time

from registrywatch.alerts.text import visible
from registrywatch.cli import COMMANDS, Commands
from registrywatch.cli.command_parser import argument
from registrywatch.cli.inputs import add_inputs, inputs_of, planned
from registrywatch.cli.local import local_settings
from registrywatch.cli.reading import Reader
from registrywatch.cli.selection import Selection, since
from registrywatch.detector.learning import Lessons
from registrywatch.errors import SettingsError, StoreError
from registrywatch.rules import CATALOGUE
from registrywatch.rules.wording import number_of
from registrywatch.settings import Settings
from registrywatch.settings.deployment import TABLE
from registrywatch.windows.acquaintance_stores import KIND, RowAcquaintances

NO_GROUP = "none"
_AT_ONCE = 10  # calls to the store; the clients of both clouds hold as many connections


def add(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "learn",
        help=COMMANDS["learn"],
        description=(
            "Reads logs of earlier days and writes into the deployment's table (AWS) or storage "
            "(Azure) who used which repositories, so that the rules on what is new know it from "
            "the first hour. It raises nothing. Repeating it changes nothing. Interrupted, it "
            "writes what it has read so far; run it again. Uses your shell's credentials of AWS or "
            "Azure."
        ),
        examples=[
            ("learn --table registrywatch-Table-1A2B3C s3://BUCKET/ --since 30d", "on AWS"),
            (
                "learn --azure az://ACCOUNT/insights-logs-containerregistryrepositoryevents",
                "on Azure, where AzureWebJobsStorage is set as the functions have it",
            ),
            ("learn --no-write ~/Downloads/AWSLogs", "says what there is to learn, writes nothing"),
        ],
        statuses={
            0: "everything was learned",
            1: "something could not be read or was not understood, or the store did not answer",
            130: "interrupted; what was read until then was learned",
        },
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--table", metavar="NAME", help="the deployment's table on AWS (REGISTRYWATCH_TABLE)"
    )
    where.add_argument(
        "--azure",
        action="store_true",
        help="the deployment's storage on Azure, by AzureWebJobsStorage",
    )
    parser.add_argument("--no-write", action="store_true", help="read and count, write nothing")
    parser.add_argument(
        "--since",
        metavar="TIME",
        type=argument(since),
        help="from then on: a time, a date, or how long ago (30d); times are UTC",
    )
    add_inputs(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Learn; return the exit status."""
    settings = local_settings()
    selection = Selection(arguments.since)
    if arguments.dry_run:
        return planned(arguments, selection)
    store = None if arguments.no_write else _store(arguments, settings)
    lessons = Lessons(CATALOGUE, settings.tunings, settings.trust)
    reader = Reader()
    first = arguments.since or 0.0
    try:
        if store is not None:
            store.read(NO_GROUP)  # a store that can't be used shows before the logs are read
        found = inputs_of(arguments, selection)
        try:
            for _, piece in reader.pieces(found, arguments.processes):
                lessons.learn([event for event in piece.reading.events if event.time >= first])
        except KeyboardInterrupt:
            reader.interrupt()
        if store is not None:
            _write(lessons, store)
    except StoreError as error:
        print(f"registrywatch: {visible(str(error))}", file=sys.stderr)
        return 1
    print(
        f"{'Would learn' if store is None else 'Learnt'} from "
        f"{number_of(lessons.events, 'event')}: {number_of(lessons.repositories, 'use')} of "
        "repositories."
    )
    return reader.status()


def _write(lessons: Lessons, store: RowAcquaintances) -> None:
    """Write many groups at a time: each takes two calls, one after the other."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        lessons.write(store, pool.map)
    finally:
        pool.shutdown(cancel_futures=True)


def _store(arguments: argparse.Namespace, settings: Settings) -> RowAcquaintances:
    if arguments.azure:
        from registrywatch.azure import names
        from registrywatch.azure.clients import storage
        from registrywatch.azure.table import Table, TableRows

        table = Table(storage(os.environ).table(names.WINDOWS))
        return RowAcquaintances(TableRows(table, KIND), time.time, settings.memory_days)
    from registrywatch.aws import table as aws

    name = arguments.table or settings.aws.table
    if name is None:
        raise SettingsError(
            f"{TABLE.name} is not set; name the deployment's table by --table, or give --azure"
        )
    return RowAcquaintances(aws.TableRows(aws.Table(name), KIND), time.time, settings.memory_days)
