"""The app on Azure: made once a process, from the environment."""

import functools
import logging
import os
import time
from collections.abc import Callable, Mapping

import msgspec

from functions.azure.intake import Intake
from functions.azure.parts import Parts
from registrywatch.azure import names
from registrywatch.azure.dead_letters import DeadLetterWatch
from registrywatch.azure.log_lines import log
from registrywatch.azure.parked_queue import Parking
from registrywatch.azure.queue import Queue
from registrywatch.azure.stuck_queues import StuckWatch
from registrywatch.azure.table import Table
from registrywatch.azure.watcher import Watcher
from registrywatch.checks.self_check import SelfCheck
from registrywatch.delivery import Courier


class App(msgspec.Struct, frozen=True):
    """What the triggers use. `tables` are swept; `clock` gives seconds since the epoch."""

    intake: Intake
    watcher: Watcher
    courier: Courier
    self_check: SelfCheck
    dead_letters: tuple[Queue, ...]
    dead_letter_watch: DeadLetterWatch
    triggers_queues: tuple[Queue, ...]
    stuck_watch: StuckWatch
    tables: tuple[Table, ...]
    clock: Callable[[], float]


@functools.cache
def app() -> App:
    """This process's app. Raises SettingsError if a setting can't be used."""
    logging.getLogger("registrywatch").setLevel(logging.INFO)
    logging.getLogger("azure").setLevel(logging.WARNING)  # else a line for each call of a store
    made = build(os.environ)
    log("started", destinations=", ".join(to.name for to in made.courier.destinations))
    return made


def build(environ: Mapping[str, str], clock: Callable[[], float] = time.time) -> App:
    """The app with these settings. Raises SettingsError."""
    parts = Parts(environ, clock)
    queues = parts.queues
    return App(
        intake=Intake(
            parts.watcher.handle, Parking(queues[names.PARKED]), parts.arrivals, parts.clock
        ),
        watcher=parts.watcher,
        self_check=parts.self_check,
        courier=parts.courier,
        dead_letters=parts.dead_letters,
        dead_letter_watch=DeadLetterWatch(parts.rows("deadletters"), clock),
        triggers_queues=tuple(queues[name] for name in names.TRIGGERS_QUEUES),
        stuck_watch=StuckWatch(parts.rows("stuck"), clock),
        tables=tuple(parts.tables.values()),
        clock=clock,
    )
