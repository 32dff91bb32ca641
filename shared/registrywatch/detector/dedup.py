"""One happening that a source reports several times becomes one event.

- A delete of a whole repository may be reported as deletes of its images, all of one `request`. The
  second image of a request shows it, or an event without an image: from then on it is the
  repository's delete, and further images of the request are part of it.
- Two kinds of records may report one happening, minutes apart, under ids of their own; `twin` names
  it in both. The first one is taken.

An event without a `twin` passes unchanged.
"""

import msgspec

from registrywatch.detector.memory import Memory
from registrywatch.events import ImagesDeleted, RegistryEvent, RepositoryDeleted

_ALL = "*"  # stands for a request's first image where an event says that it deletes them all
TWINS_WITHIN = 300.0
"""Seconds of event time within which two kinds of records can mean one and the same happening."""


def settled(event: RegistryEvent, memory: Memory) -> RegistryEvent | None:
    """The event as it is to be judged; None if another kind of record has reported it already."""
    if event.twin is None:
        return event
    event = _as_repository(event, memory)
    twins = [event.twin or ""]
    if isinstance(event.what, ImagesDeleted):
        twins.append(_repository(event))
    return None if any(_reported(twin, event, memory) for twin in twins) else event


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


def _reported(twin: str, event: RegistryEvent, memory: Memory) -> bool:
    """Whether another kind of record reported it, at about the same time."""
    for offset in (-TWINS_WITHIN, 0.0, TWINS_WITHIN):
        reported = memory.get(_bucket(twin, event.time + offset))
        if reported is None:
            continue
        source, _, time = reported.partition(" ")
        if source != event.source and abs(float(time) - event.time) <= TWINS_WITHIN:
            return True
    return False


def _bucket(twin: str, time: float) -> str:
    return f"twin {twin} {int(time // TWINS_WITHIN)}"
