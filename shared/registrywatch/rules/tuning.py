"""What tunes a rule: the settings of one deployment."""

import msgspec

from registrywatch.events import RegistryEvent
from registrywatch.globs import Globs, in_lower_case
from registrywatch.readers import GroupField
from registrywatch.rules.rule import CountBy
from registrywatch.severity import Severity


class CountTuning(msgspec.Struct, frozen=True):
    """A counted rule's numbers; seconds are of event time."""

    threshold: int
    count: CountBy = "images"
    window_seconds: int = 600
    quiet_seconds: int = 600
    group_by: tuple[GroupField, ...] = ("actor",)


class Tuning(msgspec.Struct, frozen=True):
    """One rule's settings. `severity` fixes the severity; None leaves it to the event."""

    enabled: bool = True
    severity: Severity | None = None
    ignore_actors: Globs = Globs()
    ignore_repositories: Globs = Globs()
    counting: CountTuning | None = None

    def ignores(self, event: RegistryEvent) -> bool:
        """Whether the rule ignores the event's actor or repository.

        Azure's actors are in lower case, and their globs are compared so.
        """
        actors = self.ignore_actors
        if event.cloud == "azure" and actors:
            actors = in_lower_case(actors)
        return event.actor.id in actors or event.repository in self.ignore_repositories
