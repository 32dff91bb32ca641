"""The proxy's faults: drawn by a seed for each request, and counted."""

import random
from collections import Counter
from threading import Lock
from typing import Literal

import msgspec

Fault = Literal["throttled", "cut", "hangs", "answer cut", "answer halved", "answer lost", "late"]
"""Before the request reaches the server: `throttled` (with the service's response), `cut`, `hangs`.

After the server has carried out the request: the connection is cut instead of a response, or in the
middle of it, or there is no response. `late`: the connection is cut first, and the request reaches
the server later, perhaps after requests that were sent after it.
"""


class Rates(msgspec.Struct, frozen=True):
    """The probability of each fault per request."""

    throttled: float = 0.03
    cut: float = 0.02
    hangs: float = 0.006
    answer_cut: float = 0.03
    answer_halved: float = 0.01
    answer_lost: float = 0.006
    late: float = 0.012
    brown_out: float = 0.004


def only(**rates: float) -> Rates:
    """These faults and no others."""
    return Rates(**{**dict.fromkeys(Rates.__struct_fields__, 0.0), **rates})


class Wire(msgspec.Struct, frozen=True):
    """The probability of each fault on requests to the table and to the queue.

    The queue has a hundred times fewer requests, so its rates are higher.
    """

    table: Rates = Rates()
    queue: Rates = Rates(0.12, 0.08, 0.02, 0.12, 0.04, 0.02, 0.05, 0.01)


_BROWN_OUT: tuple[Fault, ...] = ("throttled", "throttled", "throttled", "cut", "answer cut")


class WireFaults:
    """Draws the faults of a service's connections. In a brown-out many requests in a row fail."""

    def __init__(self, seed: str, rates: Rates) -> None:
        self.counted: Counter[Fault] = Counter()
        self.requests = 0
        self._random = random.Random(seed)
        self._rates = rates
        self._brown_out = 0
        self._lock = Lock()

    def draw(self) -> Fault | None:
        """The fault of the next request, if any."""
        with self._lock:
            self.requests += 1
            fault = self._drawn()
            if fault is not None:
                self.counted[fault] += 1
            return fault

    def chance(self) -> float:
        """A random number from 0 to 1."""
        with self._lock:
            return self._random.random()

    def _drawn(self) -> Fault | None:
        if self._brown_out:
            self._brown_out -= 1
            return self._random.choice(_BROWN_OUT)
        rates, chance = self._rates, self._random.random()
        faults: dict[Fault, float] = {
            "throttled": rates.throttled,
            "cut": rates.cut,
            "hangs": rates.hangs,
            "answer cut": rates.answer_cut,
            "answer halved": rates.answer_halved,
            "answer lost": rates.answer_lost,
            "late": rates.late,
        }
        for fault, rate in faults.items():
            chance -= rate
            if chance < 0:
                return fault
        if chance < rates.brown_out:
            self._brown_out = self._random.randint(5, 10)
        return None
