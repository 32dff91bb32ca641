"""The queue of what is to be looked at once more."""

from functions.azure.wiring import app
from registrywatch.azure.rechecks import decode


def take(body: str) -> None:
    """Looks again. What raises is put back by the host, and ends in the poison queue."""
    app().watcher.recheck(decode(body))
