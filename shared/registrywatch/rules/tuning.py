"""How a user has tuned one rule."""

from typing import Literal

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.globs import Globs
from registrywatch.readers import GroupField
from registrywatch.severity import Severity


class CountTuning(msgspec.Struct, frozen=True):
    """A counted rule's numbers; seconds are of event time."""

    threshold: int
    count: Literal["images", "calls"] = "images"
    window_seconds: int = 600
    quiet_seconds: int = 600
    group_by: tuple[GroupField, ...] = ("actor",)


class Tuning(msgspec.Struct, frozen=True):
    """One rule's settings. `severity` fixes the grade; None leaves it to the event."""

    enabled: bool = True
    severity: Severity | None = None
    ignore_actors: Globs = Globs()
    ignore_repositories: Globs = Globs()
    counting: CountTuning | None = None

    def ignores(self, event: RegistryEvent) -> bool:
        """Whether the event's actor or repository is one that the rule passes over."""
        return event.actor.id in self.ignore_actors or event.repository in self.ignore_repositories
