"""What is looked at in a while: messages to ourselves, with a delay.

The function of Event Grid never asks Resource Manager, which may take minutes: it queues a look.

Azure Resource Manager may lag behind the event that made us ask, and may fail; a repository shows
only after a while whether it is gone. Each message says what to look at and why.
"""

from typing import Literal

import msgspec

from registrywatch.delivery.queue import Texts
from registrywatch.events import Actor, RegistryEvent, RepositoryDeleted
from registrywatch.sources import azure_names

STATE_DELAYS = (0, 90, 120, 300, 900, 1800)
"""Seconds before each look at a state. The second is for a state that lags behind its event."""

COUNT_DELAYS = (90, 300, 900)
"""Seconds before each look at a repository; the first lets all deletes of one action come in."""


SOURCE = "registry"
"""The kind of record of what the registry itself answered."""

Watch = Literal["scanning", "logs", "exposure", "self"]


class Origin(msgspec.Struct, frozen=True):
    """The event that made us look: as much of it as the alert will tell."""

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
    """Count a repository's images: after a delete to see whether it is gone, else to know."""

    origin: Origin
    deleted: bool
    attempt: int = 0


Recheck = LookAgain | CountImages


def send(queue: Texts, recheck: Recheck) -> bool:
    """Sends it with its attempt's delay; False if there have been enough. Raises StoreError."""
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
    """What is kept of the event."""
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
    """The event of a repository found gone, if it `held` that many images before.

    None where it held one: the delete of that image was reported. Unknown: it may have been the
    last one, unless `several` images were deleted at once.
    """
    if held is not None and held <= 1 and not several:
        return None
    known = held if held is not None and held > 1 else None
    return repository(
        recheck, RepositoryDeleted(forced=known is not None or several, images_lost=known)
    )


def perhaps_gone(recheck: CountImages) -> RegistryEvent:
    """The event of several images deleted at once, where the registry gave no answer."""
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
