"""How long an alert takes from EventBridge's event to the POST, in the runtime emulator."""

import statistics
import time

import pytest

from tests.builders import cloudtrail as ct
from tests.integration.aws.receiver import receiver
from tests.integration.aws.stack import Stack

pytestmark = pytest.mark.real


def test_every_event_is_posted_by_warm_functions(stack: Stack) -> None:
    """Alert queue and ledger included; a queue's poller is a call here. Prints how long it took."""
    took = []
    with receiver() as webhook:
        stack.environment["REGISTRYWATCH_WEBHOOK_URL"] = webhook.url
        stack.environment["REGISTRYWATCH_FOLD_SECONDS"] = "0"  # it is one burst of one actor
        for number in range(20):
            event = ct.eventbridge(ct.delete_repository(by=ct.role(f"role-{number}")))
            began = time.perf_counter()
            stack.function("ChangesFunction")(event)
            assert stack.deliver() == []
            assert len(webhook.bodies) == number + 1
            took.append(time.perf_counter() - began)
    print(f"event to POST: first {took[0]:.2f} s, median {statistics.median(took):.3f} s")
