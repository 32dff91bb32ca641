"""One Azure delete is shown once.

The delete of a whole repository shows in Event Grid as deletes of its images. The first of them
raises an alert about one image, before a further record shows what it was. Where both alerts are at
hand, the one about the repository says all that the other says.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from registrywatch.alerts import Alert
from registrywatch.times import seconds

WITHIN = 300.0  # seconds between the records of one delete
_PART, _WHOLE = "acr-images-deleted", "acr-forced-repository-deletion"


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
        if waiting or alert.rule == _PART:
            waiting.append((at, alert))
        else:
            yield alert
    while waiting:
        yield from _unless_covered(waiting.popleft(), wholes)


def _unless_covered(
    entry: tuple[float, Alert], wholes: Iterable[tuple[float, Alert]]
) -> Iterator[Alert]:
    at, alert = entry
    if alert.rule != _PART or not any(
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
