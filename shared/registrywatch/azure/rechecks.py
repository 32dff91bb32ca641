"""Rechecks: delayed messages that say what to look at again, and why.

The function for Event Grid never asks Azure Resource Manager, which may take minutes: it queues a
look. Resource Manager may also lag behind the event, or fail; and a repository shows only after a
while whether it is gone.
"""

from typing import Literal

import msgspec

from registrywatch.delivery.queue import Texts
from registrywatch.events import Actor, RegistryEvent, RepositoryDeleted
from registrywatch.sources import azure_names

STATE_DELAYS = (0, 90, 120, 300, 900, 1800)
"""Seconds before each look at a state. The second is for a state that lags behind its event."""
COUNT_DELAYS = (90, 300, 900)
"""Seconds before each look at a repository. The first lets all deletes of one action arrive."""
SOURCE = "registry"
"""The `source` of events that follow from the registry's own answer."""

Watch = Literal["scanning", "logs", "exposure", "self"]


class Origin(msgspec.Struct, frozen=True):
    """The event that caused the look: as much of it as the alert needs."""

    id: str
    time: float
    account: str | None
    region: str | None
    registry: str | None
    repository: str | None
    actor: Actor


class LookAgain(msgspec.Struct, frozen=True, tag="state"):
    """Look at some states of the registries at or below `scope` (a resource id)."""

    scope: str
    of: tuple[Watch, ...]
    origin: Origin
    attempt: int = 0


class CountImages(msgspec.Struct, frozen=True, tag="images"):
    """Count a repository's images; after a delete, to see whether the repository is gone."""

    origin: Origin
    deleted: bool
    attempt: int = 0


Recheck = LookAgain | CountImages


def send(queue: Texts, recheck: Recheck) -> bool:
    """Send it with its attempt's delay; False after the last attempt. Raises StoreError."""
    delays = STATE_DELAYS if isinstance(recheck, LookAgain) else COUNT_DELAYS
    if recheck.attempt >= len(delays):
        return False
    queue.send(msgspec.json.encode(recheck).decode(), delays[recheck.attempt])
    return True


def decode(message: str | bytes) -> Recheck:
    """What `send` wrote. Raises msgspec.DecodeError for anything else."""
    recheck: Recheck = msgspec.json.decode(message, type=Recheck)
    return recheck


def later(recheck: Recheck) -> Recheck:
    """The next attempt."""
    return msgspec.structs.replace(recheck, attempt=recheck.attempt + 1)


def origin(event: RegistryEvent) -> Origin:
    """The part of the event that the alert needs."""
    return Origin(
        event.id,
        event.time,
        event.account,
        event.region,
        event.registry,
        event.repository,
        event.actor,
    )


def gone(recheck: CountImages, held: int | None, *, several: bool = False) -> RegistryEvent | None:
    """The event about a repository that is gone and `held` that many images before.

    None if it held one: the deletion of that image was reported. If `held` is not known, the
    deleted image may have been the last one, unless `several` were deleted at once.
    """
    if held is not None and held <= 1 and not several:
        return None
    known = held if held is not None and held > 1 else None
    return repository(
        recheck, RepositoryDeleted(forced=known is not None or several, images_lost=known)
    )


def perhaps_gone(recheck: CountImages) -> RegistryEvent:
    """The event about several images deleted at once, if the registry gave no answer."""
    return repository(recheck, RepositoryDeleted(forced=True, assumed=True))


def repository(recheck: CountImages, what: RepositoryDeleted) -> RegistryEvent:
    """An event about the repository that was looked at."""
    origin = recheck.origin
    name = azure_names.registry_label(origin.registry)
    return RegistryEvent(
        id=origin.id,
        key=f"gone {origin.registry}/{origin.repository} {origin.id}",
        time=origin.time,
        cloud="azure",
        account=origin.account,
        region=origin.region,
        registry=origin.registry,
        repository=origin.repository,
        actor=origin.actor,
        what=what,
        source=SOURCE,
        twin=f"{name}/{origin.repository}",
    )
