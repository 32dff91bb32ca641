"""Azure tells of one happening several times; here it becomes one.

- The delete of a whole repository shows in Event Grid as deletes of its images, all of one request
  (inferred: an image's delete is one request a manifest). The second image of a request is what
  tells, or an event without an image: from then on it is the repository's delete, and further
  images of the request are part of it.
- Event Grid and the registry's resource logs (or the Activity Log) both tell of a delete or of a
  changed plan, minutes apart, under ids of their own. Whichever comes first is taken.
"""

import msgspec

from registrywatch.detector.memory import Memory
from registrywatch.events import ImagesDeleted, RegistryEvent, RepositoryDeleted

_ALL = "*"  # stands for a request's first image where an event told that it deletes them all
TWINS_WITHIN = 300.0
"""Seconds of event time within which two kinds of records can mean one and the same happening."""


def settled(event: RegistryEvent, memory: Memory) -> RegistryEvent | None:
    """The event as it is to be judged; None if it only repeats what another kind of record told."""
    event = _as_repository(event, memory)
    if event.twin is None:
        return event
    if isinstance(event.what, ImagesDeleted) and _told(_repository(event), event, memory):
        return None
    return None if _told(event.twin, event, memory) else event


def note(event: RegistryEvent, memory: Memory) -> None:
    """Remembers that this event was judged; to be called after its alerts were handed over."""
    if event.twin is not None:
        memory.keep(_bucket(event.twin, event.time), f"{event.source} {event.time}", event.time)


def _as_repository(event: RegistryEvent, memory: Memory) -> RegistryEvent:
    what = event.what
    if not isinstance(what, ImagesDeleted | RepositoryDeleted):
        return event
    if what.request is None or event.twin is None:
        return event
    request = f"request {_repository(event)} {what.request}"
    if isinstance(what, RepositoryDeleted):
        memory.keep(request, _ALL, event.time)
    elif memory.keep(request, what.images[0], event.time) == what.images[0]:
        return event
    return msgspec.structs.replace(
        event,
        key=request,
        what=RepositoryDeleted(forced=True, request=what.request),
        twin=_repository(event),
    )


def _repository(event: RegistryEvent) -> str:
    return (event.twin or "").partition("@")[0]


def _told(twin: str, event: RegistryEvent, memory: Memory) -> bool:
    """Whether another kind of record told of it, at about the same time."""
    for offset in (-TWINS_WITHIN, 0.0, TWINS_WITHIN):
        told = memory.get(_bucket(twin, event.time + offset))
        if told is None:
            continue
        source, _, time = told.partition(" ")
        if source != event.source and abs(float(time) - event.time) <= TWINS_WITHIN:
            return True
    return False


def _bucket(twin: str, time: float) -> str:
    return f"twin {twin} {int(time // TWINS_WITHIN)}"
