"""The detector of a deployment: what it remembers is in stores that its workers share."""

from collections.abc import Callable, Iterable

from registrywatch.detector import Detector, HandOver
from registrywatch.detector.history import KIND as SETTINGS_KIND
from registrywatch.detector.history import LiveChanges
from registrywatch.detector.memory import Memory, RowMemory
from registrywatch.events import RegistryEvent
from registrywatch.rows import Rows
from registrywatch.rules import AnyRule
from registrywatch.settings import Settings
from registrywatch.times import DAY
from registrywatch.windows.acquaintance_stores import KIND, RowAcquaintances
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.cache import SightingCache
from registrywatch.windows.protocol import Counter, Store


def deployed_detector(
    settings: Settings,
    rules: Iterable[AnyRule],
    windows: Store,
    rows: Callable[[str], Rows],
    states: Rows,
    hand_over: HandOver,
    clock: Callable[[], float],
    retention_seconds: int,
    memory: Memory | None = None,
    completed: Callable[[RegistryEvent], RegistryEvent | None] = lambda event: event,
) -> Detector:
    """The detector over a cloud's stores.

    `rows` gives the rows of a kind beside the windows, `states` holds the last states of things.
    `retention_seconds` is how late an event may arrive and still be counted. `memory` and
    `completed` are those of `Detector`.
    """
    counter = Counter(windows, clock, cache=SightingCache(), retention_seconds=retention_seconds)
    return Detector(
        rules,
        settings.tunings,
        settings.trust,
        counter,
        hand_over,
        memory=memory,
        states=RowMemory(states, clock, settings.memory_days * DAY),
        acquaintances=Acquaintances(
            RowAcquaintances(rows(KIND), clock, settings.memory_days),
            memory_days=settings.memory_days,
            learning_days=settings.learning_days,
        ),
        completed=completed,
        changes=LiveChanges(rows(SETTINGS_KIND), clock, retention_seconds, settings.version),
    )
