"""From payloads to alerts, with the same code as `registrywatch replay`."""

import json
from collections.abc import Callable, Iterable, Mapping

from registrywatch import settings
from registrywatch.alerts import Alert
from registrywatch.detector import Detector
from registrywatch.events import RegistryEvent
from registrywatch.rules import CATALOGUE
from registrywatch.sources import read
from registrywatch.windows.acquaintance_stores import MemoryAcquaintances
from registrywatch.windows.acquaintances import Acquaintances
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json


def detector(
    hand_over: Callable[[Alert], None],
    variables: Mapping[str, str] | None = None,
    counter: Counter | None = None,
    *,
    newness: bool = False,
) -> Detector:
    """A detector of all rules, tuned by variables without their prefix.

    Without `newness`, the rules on what is new are left out: every first push would raise an alert.
    """
    given = {f"REGISTRYWATCH_{name}": text for name, text in (variables or {}).items()}
    tuned = settings.parse(given)
    counter = counter or Counter(MemoryStore(), lambda: T0)
    rules = [rule for rule in CATALOGUE if newness or rule.newness is None]
    acquaintances = Acquaintances(
        MemoryAcquaintances(),
        memory_days=tuned.memory_days,
        learning_days=tuned.learning_days,
        most_cached=0,
    )
    return Detector(
        rules, tuned.tunings, tuned.trust, counter, hand_over, acquaintances=acquaintances
    )


def events_of(payloads: Iterable[Json | list[Json]]) -> list[RegistryEvent]:
    """The events of payloads, all of which must be readable."""
    readings = [read(json.dumps(payload).encode()) for payload in payloads]
    assert not any(reading.problems or reading.unknown for reading in readings)
    return [event for reading in readings for event in reading.events]


class Watch:
    """A detector that keeps its state from one payload to the next."""

    newness = False

    def __init__(self, **variables: str) -> None:
        self._alerts: list[Alert] = []
        self._detector = detector(self._alerts.append, variables, newness=self.newness)

    def alerts(self, *payloads: Json | list[Json]) -> list[Alert]:
        """The alerts of these payloads, one batch each. All of them must be readable."""
        self._alerts.clear()
        for payload in payloads:
            outcome = self._detector.detect(events_of([payload]))
            assert not outcome.failed
            assert not outcome.too_old
        return [*self._alerts]


class WatchForNews(Watch):
    """The same with the rules on what is new."""

    newness = True


def alerts(*payloads: Json | list[Json], **variables: str) -> list[Alert]:
    """The alerts of the payloads in a new detector."""
    return Watch(**variables).alerts(*payloads)


def raised(*payloads: Json | list[Json], **variables: str) -> list[tuple[str, str]]:
    """Rule and severity of each alert."""
    return [(alert.rule, alert.severity.value) for alert in alerts(*payloads, **variables)]
