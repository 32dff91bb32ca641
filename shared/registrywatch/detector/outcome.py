"""What became of a batch of events, and how a failure becomes that of the events concerned."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec

from registrywatch.errors import RegistrywatchError


class Outcome(msgspec.Struct):
    """The result of a batch: events, by their place in it, that were not handled.

    `failed` must be tried again, `too_old` be parked: they are older than what is remembered of
    their group. Everything else was handled, and its alerts were handed over.
    """

    failed: dict[int, str] = {}
    too_old: list[int] = []


class OfEvents(Protocol):
    """Something that events of a batch are part of."""

    @property
    def places(self) -> Sequence[int]:
        """Where in the batch they are."""


@contextmanager
def failing(outcome: Outcome, what: OfEvents) -> Iterator[None]:
    """Makes whatever is raised the failure of the events that are part of this."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the caller hands them in again
        outcome.failed |= dict.fromkeys(what.places, reason_of(error))


def reason_of(error: Exception) -> str:
    return (
        str(error) if isinstance(error, RegistrywatchError) else f"{type(error).__name__}: {error}"
    )
