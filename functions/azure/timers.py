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
    """Forgets what is old: Table Storage does not by itself. One table's trouble is its own."""
    failed = []
    for kind, forget in app().sweepers.items():
        try:
            log("swept", kind=kind, rows=forget())
        except StoreError as error:
            failed.append(str(error))
    if failed:
        raise StoreError("; ".join(failed))
