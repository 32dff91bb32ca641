"""What a batch adds to the groups that are counted, gathered by what its events show."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.rules.rule import Seen

if TYPE_CHECKING:
    from registrywatch.detector.counting import CountedRule

type Shown = tuple[str | None, str | None, Seen]
"""Registry, repository, and what an event shows in it."""


class GroupTally(msgspec.Struct):
    """One group's share of a batch: hashes of its sightings by step, and its events' places.

    The lists of places may be shared and extended by others: see `Share`.
    """

    rule: "CountedRule"
    digest: str
    steps: dict[int, AbstractSet[int]] = {}
    shares: list[list[int]] = []

    def see(self, event: RegistryEvent, shown: Shown, times: Sequence[float]) -> None:
        """Add what an event shows, and those like it at other `times`; but not their places."""
        rule = self.rule
        hashes = rule.hashes.get(shown)
        if hashes is None:
            hashes = rule.hashed(event, shown)
        for step in rule.window.steps_of(times):
            held = self.steps.get(step)
            if held is None:
                self.steps[step] = hashes
            elif not hashes <= held:
                if type(held) is not set:  # frozen sets are shared by all that saw the same
                    held = self.steps[step] = set(held)
                held |= hashes

    @property
    def places(self) -> list[int]:
        """The places of all its events."""
        return [place for share in self.shares for place in share]

    @property
    def first(self) -> int:
        """The place of its first event; 0 if it has none, because adding it failed."""
        return next((place for share in self.shares for place in share), 0)
