"""From payloads to alerts, by the very way that `registrywatch replay` takes."""

import json

from registrywatch import settings
from registrywatch.alerts import Alert, decode
from registrywatch.detector import Detector
from registrywatch.rules import CATALOGUE
from registrywatch.sources import read
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter
from tests.builders.clock import T0
from tests.builders.cloudtrail import Json


class Watch:
    """A detector with memory, to which payloads are shown one after the other."""

    def __init__(self, **variables: str) -> None:
        tuned = settings.parse({f"REGISTRYWATCH_{name}": text for name, text in variables.items()})
        self._bodies: list[bytes] = []
        hand_over = self._bodies.append
        counter = Counter(MemoryStore(), hand_over, lambda: T0)
        self._detector = Detector(CATALOGUE, tuned.tunings, tuned.trust, counter, hand_over)

    def alerts(self, *payloads: Json | list[Json]) -> list[Alert]:
        """What these payloads raise, one batch each. All of them must be readable."""
        self._bodies.clear()
        for payload in payloads:
            reading = read(json.dumps(payload).encode())
            assert not reading.problems
            assert not reading.unknown
            outcome = self._detector.detect(reading.events)
            assert not outcome.failed
            assert not outcome.too_old
        return [decode(body) for body in self._bodies]


def alerts(*payloads: Json | list[Json], **variables: str) -> list[Alert]:
    """What the payloads raise in a detector of their own."""
    return Watch(**variables).alerts(*payloads)


def raised(*payloads: Json | list[Json], **variables: str) -> list[tuple[str, str]]:
    """Rule and severity of each alert."""
    return [(alert.rule, alert.severity.value) for alert in alerts(*payloads, **variables)]
