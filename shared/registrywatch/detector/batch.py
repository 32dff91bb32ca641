"""A batch of events on its way through the detector, and what became of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from registrywatch.detector.counting import GroupTally
from registrywatch.detector.newness import TouchedPlaces
from registrywatch.errors import RegistrywatchError
from registrywatch.events import RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Finding, Tuning


class Outcome(msgspec.Struct):
    """What became of a batch: events, by their place in it, that were not dealt with.

    `failed` are to be handed in again, `too_old` to be parked: they lie further back than what is
    remembered of their group. Everything else was dealt with, its alerts handed over.
    """

    failed: dict[int, str] = {}
    too_old: list[int] = []


class Found(msgspec.Struct):
    """A finding whose severity depends on what is familiar, and the place of its event."""

    place: int
    rule: AnyRule
    tuning: Tuning
    finding: Finding


class Batch(msgspec.Struct):
    """Events that are counted together: those gathered so far, and what became of them."""

    events: list[RegistryEvent] = []
    tallies: dict[str, GroupTally] = {}
    touched: TouchedPlaces = {}
    found: list[Found] = []
    outcome: Outcome = msgspec.field(default_factory=Outcome)


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
