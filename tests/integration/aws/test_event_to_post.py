"""How long an alert takes from EventBridge's event to the POST, in the runtime emulator."""

import statistics
import time

import pytest

from tests.builders import cloudtrail as ct
from tests.integration.aws.receiver import receiver
from tests.integration.aws.stack import Stack

pytestmark = pytest.mark.real


def test_from_an_event_to_the_post_in_less_than_a_second_at_the_median(stack: Stack) -> None:
    """Warm functions, alert queue and ledger included; a queue's poller is a call here."""
    took = []
    with receiver() as webhook:
        stack.environment["REGISTRYWATCH_WEBHOOK_URL"] = webhook.url
        for number in range(20):
            event = ct.eventbridge(ct.delete_repository(f"prod/{number}", force=True))
            began = time.perf_counter()
            stack.function("ChangesFunction")(event)
            while len(webhook.bodies) <= number:
                assert stack.deliver() == []
            took.append(time.perf_counter() - began)
        assert len(webhook.bodies) == 20
    print(f"event to POST: first {took[0]:.2f} s, median {statistics.median(took):.3f} s")
    assert statistics.median(took) < 1
