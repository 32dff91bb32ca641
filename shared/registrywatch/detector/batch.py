"""A batch of events on its way through the detector, and what became of it."""

import msgspec

from registrywatch.detector.counting import GroupTally
from registrywatch.detector.outcome import Outcome
from registrywatch.detector.views import Heres
from registrywatch.events import RegistryEvent
from registrywatch.rules import AnyRule
from registrywatch.rules.rule import Finding, Tuning


class Found(msgspec.Struct):
    """A finding whose severity depends on what is familiar, and the place of its event."""

    place: int
    rule: AnyRule
    tuning: Tuning
    finding: Finding

    @property
    def places(self) -> tuple[int]:
        """The place as a sequence of one."""
        return (self.place,)


class Batch(msgspec.Struct):
    """Events that are counted together: those gathered so far, and what became of them."""

    events: list[RegistryEvent] = []
    tallies: dict[str, GroupTally] = {}
    heres: Heres = {}
    found: list[Found] = []
    outcome: Outcome = msgspec.field(default_factory=Outcome)
