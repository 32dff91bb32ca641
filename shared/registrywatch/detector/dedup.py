"""An action that a source reports several times becomes one event.

- The deletion of a whole repository may be reported as deletions of its images, all with the same
  `request`. An event without an image proves it: from then on, images of the same request are part
  of it. Several images of one request only suggest it, because an image's signature and SBOM are
  deleted with the image: from the second on they are one `assumed` deletion of the repository.
- Two kinds of records may report the same action, minutes apart, with different ids; `twin` is the
  same in both. The first one is used.

An event without a `twin` passes unchanged.
"""

import msgspec

from registrywatch.detector.memory import Memory
from registrywatch.events import ImagesDeleted, RegistryEvent, RepositoryDeleted

_ALL = "*"  # in place of a request's first image, if an event says that it deletes them all
TWINS_WITHIN = 300.0
"""Seconds of event time within which two kinds of records can mean the same action."""


def settled(event: RegistryEvent, memory: Memory) -> RegistryEvent | None:
    """The event to judge; None if another kind of record has already reported it."""
    if event.twin is None:
        return event
    twins = dict.fromkeys((event.twin, _repository(event)))
    event = _as_repository(event, memory)
    return None if any(_reported(twin, event, memory) for twin in twins) else event


def several_at_once(event: RegistryEvent, memory: Memory) -> bool:
    """Whether one request recently deleted several images of the event's repository."""
    return memory.get(f"several {_repository(event)}") is not None


def note(event: RegistryEvent, memory: Memory) -> None:
    """Remember that this event was judged; to be called after its alerts were handed over."""
    if event.twin is not None:
        memory.keep(_bucket(event.twin, event.time), f"{event.source} {event.time}", event.time)


def _as_repository(event: RegistryEvent, memory: Memory) -> RegistryEvent:
    what = event.what
    if not isinstance(what, ImagesDeleted | RepositoryDeleted):
        return event
    if what.request is None or event.twin is None:
        return event
    repository = _repository(event)
    request = f"request {repository} {what.request}"
    whole = msgspec.structs.replace(
        event,
        key=request,
        what=RepositoryDeleted(forced=True, request=what.request),
        twin=repository,
    )
    if isinstance(what, RepositoryDeleted):
        memory.keep(request, _ALL, event.time)
        return whole
    first = memory.keep(request, what.images[0], event.time)
    if first == _ALL:
        return whole
    if first == what.images[0]:
        return event
    memory.keep(f"several {repository}", request, event.time)
    assumed = RepositoryDeleted(forced=True, request=what.request, assumed=True, images=what.images)
    return msgspec.structs.replace(event, key=f"several {request}", what=assumed)


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
