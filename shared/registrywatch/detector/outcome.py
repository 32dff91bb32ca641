"""What became of a batch of events, and how a failure becomes that of the events concerned."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from registrywatch.errors import RegistrywatchError


class Outcome(msgspec.Struct):
    """What became of a batch: events, by their place in it, that were not dealt with.

    `failed` are to be handed in again, `too_old` to be parked: they lie further back than what is
    remembered of their group. Everything else was dealt with, its alerts handed over.
    """

    failed: dict[int, str] = {}
    too_old: list[int] = []


@contextmanager
def failing(outcome: Outcome, places: Iterable[int]) -> Iterator[None]:
    """Makes whatever is raised the failure of the events in these places."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the caller hands them in again
        outcome.failed |= dict.fromkeys(places, reason_of(error))


def reason_of(error: Exception) -> str:
    return (
        str(error) if isinstance(error, RegistrywatchError) else f"{type(error).__name__}: {error}"
    )
