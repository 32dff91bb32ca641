"""What became of a batch of events, and which events a failure concerns."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec

from registrywatch.errors import RegistrywatchError


class Outcome(msgspec.Struct):
    """The result of a batch: the events, by their place in it, that were not handled.

    `failed` must be tried again; `too_old` must be parked, because they are older than the state
    that is kept of their group. Everything else was handled, and its alerts were handed over.
    """

    failed: dict[int, str] = {}
    too_old: list[int] = []


class OfEvents(Protocol):
    """Something to which events of a batch belong."""

    @property
    def places(self) -> Sequence[int]:
        """The places of these events in the batch."""


@contextmanager
def failing(outcome: Outcome, what: OfEvents) -> Iterator[None]:
    """Turn any exception into the failure of the events that belong to `what`."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the caller hands them in again
        outcome.failed |= dict.fromkeys(what.places, reason_of(error))


def reason_of(error: Exception) -> str:
    return (
        str(error) if isinstance(error, RegistrywatchError) else f"{type(error).__name__}: {error}"
    )
