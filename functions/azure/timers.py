"""What is done by the clock."""

import logging

from functions.azure.wiring import app
from registrywatch.azure.log_lines import log
from registrywatch.errors import StoreError


def housekeeping() -> None:
    """Tells of what waits in dead-letter queues; that it ran at all is what one alarm looks for."""
    for queue in app().dead_letters:
        depth = queue.depth()
        if depth:
            log("dead_letters", level=logging.ERROR, queue=queue.name, messages=depth)


def ask_state() -> None:
    """Asks for the scanning state of every registry: a safety net under Event Grid."""
    looked = app().watcher.look_at_all()
    log("asked", on=len(looked.on), off=len(looked.off), unknown=len(looked.unknown))


def sweep() -> None:
    """Deletes old rows: Table Storage does not by itself. A table that fails harms no other."""
    failed = []
    for table in app().tables:
        try:
            log("swept", table=table.name, rows=table.sweep(app().clock()))
        except StoreError as error:
            failed.append(str(error))
    if failed:
        raise StoreError("; ".join(failed))
