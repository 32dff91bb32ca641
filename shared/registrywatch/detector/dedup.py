"""An action that a source reports several times becomes one event.

- The deletion of a whole repository may be reported as deletions of its images, all with the same
  `request`. An event without an image proves it: from then on, images of the same request are part
  of it. Several images of one request only suggest it, because an image's signature and SBOM are
  deleted with the image: from the second on they are one `assumed` deletion of the repository.
- Two kinds of records may report the same action, minutes apart or at once, with different ids;
  `twin` is the same in both. The first one is used.

An event without a `twin` passes unchanged.
"""

from collections.abc import Callable

import msgspec

from registrywatch.detector.memory import Memory
from registrywatch.events import ImagesDeleted, RegistryEvent, RepositoryDeleted

_ALL = "*"  # in place of a request's first image, if an event says that it deletes them all
TWINS_WITHIN = 300.0
"""Seconds of event time within which two kinds of records can mean the same action."""


def settled(
    event: RegistryEvent, memory: Memory, heard: Callable[[RegistryEvent], bool]
) -> RegistryEvent | None:
    """The event to judge; None if another kind of record has reported it, or is about to.

    Its happening is claimed before it is judged, so that of two workers with a record of it each,
    one goes on: see `_is_claimed`. `heard` says whether any rule may judge an event; one that every
    rule ignores claims nothing, and so hides no other record.
    """
    if event.twin is None:
        return event
    twins = dict.fromkeys((event.twin, _repository(event)))
    event = _as_repository(event, memory)
    if any(_is_reported(twin, event, memory) for twin in twins if twin != event.twin):
        return None
    twin = event.twin or ""
    if not heard(event):
        return None if _is_reported(twin, event, memory) else event
    return event if _is_claimed(twin, event, memory) else None


def several_at_once(event: RegistryEvent, memory: Memory) -> bool:
    """Whether one request recently deleted several images of the event's repository."""
    return memory.get(f"several {_repository(event)}") is not None


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


def _is_claimed(twin: str, event: RegistryEvent, memory: Memory) -> bool:
    """Whether the happening is this event's to report: no other kind of record was faster.

    Two records of a happening have a bucket in common, and both take their buckets in the same
    order: the first to write a common one goes on, and the other finds that. A claim lasts: an
    event that fails is delivered again, and finds its own.
    """
    mine = f"{event.source} {event.time}"
    return not any(
        _is_of_another(memory.keep(bucket, mine, event.time), event)
        for bucket in _buckets(twin, event.time)
    )


def _is_reported(twin: str, event: RegistryEvent, memory: Memory) -> bool:
    """Whether another kind of record claimed it, at about the same time."""
    claims = (memory.get(bucket) for bucket in _buckets(twin, event.time))
    return any(claim is not None and _is_of_another(claim, event) for claim in claims)


def _is_of_another(claim: str, event: RegistryEvent) -> bool:
    source, _, time = claim.partition(" ")
    return source != event.source and abs(float(time) - event.time) <= TWINS_WITHIN


def _buckets(twin: str, time: float) -> tuple[str, str]:
    """The two spans of time that it lies in. Times TWINS_WITHIN apart have at least one in common:
    each span is twice as long, and those of the second kind begin in the middle of the first's.
    """
    length = 2 * TWINS_WITHIN
    first, second = int(time // length), int((time + TWINS_WITHIN) // length)
    return f"twin {twin} {first}", f"twin {twin} {second} +"
