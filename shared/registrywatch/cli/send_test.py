"""`registrywatch check --send-test`: a marked event through the deployed chain to its destinations.

Whether the alert was delivered is read from the deployment's ledger.
"""

import time
from collections.abc import Callable

from registrywatch import sources
from registrywatch.alerts import Alert
from registrywatch.checks import Item, wrong
from registrywatch.cli.deployed import waiting
from registrywatch.cli.deployed.deployment import Deployment
from registrywatch.detector import Detector
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter


def send_test(
    deployment: Deployment,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> tuple[Item, ...]:
    """An item for each destination. Raises StoreError, StateUnknown, SettingsError."""
    event = deployment.marked(clock())
    raised = _alerts(event, deployment)
    if not raised:
        name = deployment.rule.name
        found = f"a setting keeps {name} from raising it"
        return (wrong("send test", found, f"registrywatch rules {name}"),)
    deployment.give(event)
    alert = raised[0]
    return tuple(waiting.waited(deployment, alert, deployment.destinations, clock, sleep))


def _alerts(event: bytes, deployment: Deployment) -> list[Alert]:
    """The alert that the deployment will raise, by the same code and settings."""
    raised: list[Alert] = []
    detector = Detector(
        [deployment.rule],
        deployment.settings.tunings,
        deployment.settings.trust,
        Counter(MemoryStore(), time.time),
        raised.append,
    )
    detector.detect(sources.read(event).events)
    return raised
