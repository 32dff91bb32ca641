"""How long an alert takes from Event Grid's event to the POST, on Azurite."""

import statistics
import time

import pytest

from tests.builders.azure import deleted
from tests.integration.azure.test_functions_on_azurite import Place, place

__all__ = ["place"]  # the fixture

pytestmark = pytest.mark.real


def test_every_event_is_posted_by_a_warm_worker(place: Place) -> None:
    """Queue and ledger included; the host's polling is a call here. Prints how long it took."""
    took = []
    for number in range(20):
        event = deleted(image=None, by=f"person-{number}@example.com")
        began = time.perf_counter()
        place.events(event)
        assert len(place.posted()) == number + 1
        took.append(time.perf_counter() - began)
    print(f"event to POST: first {took[0]:.2f} s, median {statistics.median(took):.3f} s")
