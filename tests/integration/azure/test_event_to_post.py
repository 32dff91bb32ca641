"""How long an alert takes from Event Grid's event to the POST, on Azurite."""

import statistics
import time

import pytest

from tests.builders.azure import deleted
from tests.integration.azure.test_functions_on_azurite import Place, place

__all__ = ["place"]  # the fixture

pytestmark = pytest.mark.real


def test_from_an_event_to_the_post_in_less_than_a_second_at_the_median(place: Place) -> None:
    """A warm worker, alert queue and ledger included; the host's polling is a call here."""
    took = []
    for number in range(20):
        event = deleted(image=None, repository=f"prod/{number}")
        began = time.perf_counter()
        place.events(event)
        assert len(place.posted()) == number + 1
        took.append(time.perf_counter() - began)
    print(f"event to POST: first {took[0]:.2f} s, median {statistics.median(took):.3f} s")
    assert statistics.median(took) < 1
