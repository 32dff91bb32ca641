"""One Azure delete is shown once.

The delete of a whole repository shows in Event Grid as deletes of its images, and in the registry's
log as one record. The first images raise an alert about themselves, or one that leaves open whether
the repository is gone, before a further record shows what it was. Where both alerts are at hand,
the more severe one says all that the other says.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from registrywatch.alerts import Alert
from registrywatch.times import seconds

WITHIN = 300.0  # seconds between the records of one delete
_WHOLE = "acr-forced-repository-deletion"
_PARTS = ("acr-images-deleted", _WHOLE)


def without_repeats(alerts: Iterable[Alert]) -> Iterator[Alert]:
    """The alerts, in order of time, without those that a worse one about the same delete covers."""
    waiting: deque[tuple[float, Alert]] = deque()
    wholes: deque[tuple[float, Alert]] = deque()
    for alert in alerts:
        at = seconds(alert.time)
        if alert.rule == _WHOLE:
            wholes.append((at, alert))
        while wholes and wholes[0][0] < at - 2 * WITHIN:
            wholes.popleft()
        while waiting and waiting[0][0] < at - WITHIN:
            yield from _unless_covered(waiting.popleft(), wholes)
        if waiting or alert.rule in _PARTS:
            waiting.append((at, alert))
        else:
            yield alert
    while waiting:
        yield from _unless_covered(waiting.popleft(), wholes)


def _unless_covered(
    entry: tuple[float, Alert], wholes: Iterable[tuple[float, Alert]]
) -> Iterator[Alert]:
    at, alert = entry
    if alert.rule not in _PARTS or not any(
        abs(at - when) <= WITHIN and _covers(whole, alert) for when, whole in wholes
    ):
        yield alert


def _covers(whole: Alert, part: Alert) -> bool:
    actors = {actor.lower() for actor in (whole.actor.id, part.actor.id) if actor}
    return (
        (whole.account, whole.registry, whole.repository)
        == (part.account, part.registry, part.repository)
        and part.severity < whole.severity
        and len(actors) < 2
    )
