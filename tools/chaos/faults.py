"""The faults: calls that are refused, hang, lose their response or take effect late; brown-outs and
outages; workers that are killed in the middle of a call."""

import random
from collections import Counter
from collections.abc import Callable

import msgspec
from azure.core.exceptions import AzureError
from botocore.exceptions import ClientError

from tools.chaos.world import Died, World

LATER = 10.0
"""The longest delay of a write that takes effect late, in seconds."""

_HANG = 18.0  # seconds of a call, all attempts included, to a service that does not answer


class Rates(msgspec.Struct, frozen=True):
    """The probability of each fault per call; `late_rows` is per call to a table."""

    refused: float = 0.006
    hangs: float = 0.001
    lost: float = 0.003
    later: float = 0.002
    late_rows: float = 0.0
    repeated: float = 0.003
    killed: float = 0.002
    brown_out: float = 0.001
    meanwhile: float = 0.05


class Outage(msgspec.Struct, frozen=True):
    """Every call to a service ("table", "queue", a destination) fails from `start` to `end`."""

    service: str
    start: float
    end: float


class Faults:
    """Makes calls fail, as the seed decides. `counted` is the number of faults of each kind.

    `excused` is how often each POST may be repeated, by destination and alert: its response was
    lost, or its worker failed before it recorded the delivery.
    """

    def __init__(self, world: World, rates: Rates) -> None:
        self.counted: Counter[str] = Counter()
        self.excused: Counter[tuple[str, str]] = Counter()
        self.outages: list[Outage] = []
        self.are_over = False
        self._world = world
        self._rates = rates
        self._random = random.Random(world.random.random())
        self._brown_outs: dict[str, int] = {}

    def around[T](
        self,
        service: str,
        call: Callable[[], T],
        error: Callable[[str], Exception],
        *,
        writes: bool = False,
    ) -> T:
        """The result of the call; or raises `error` before or after the call takes effect.

        A call that `writes` may also take effect later, or twice. Raises Died.
        """
        fault = self._drawn(service) if self.turn() else None
        if fault is None:
            answer = call()
            running = self._world.running
            if writes and running is not None:
                running.posted = None
            return answer
        self.excuse()
        if fault == "killed":
            if self._random.random() < 0.5:
                call()
            raise self.kill()
        self.counted[fault] += 1
        if fault == "repeated" and writes:
            call()
            return call()
        if fault in ("lost", "repeated"):
            call()
        elif fault == "later" and writes:
            self._world.at(self._world.now + LATER * self._random.random(), lambda: _arrives(call))
        if fault == "hangs":
            self._world.spend(_HANG)
        raise error(f"chaos: {fault}")

    def turn(self) -> bool:
        """Begin a call, after other workers' turns. Returns whether it may fail. Raises Died."""
        self._world.move()
        running = self._world.running
        if running is None or self.are_over:
            return False
        if running.worker.is_dead:
            raise Died
        if self._random.random() < self._rates.meanwhile:
            self._world.meanwhile()
        return True

    def kill(self) -> Died:
        """Kill the worker that is running."""
        self.counted["killed"] += 1
        if (running := self._world.running) is not None:
            running.worker.is_dead = True
        return Died()

    def excuse(self) -> None:
        """Allow a repetition of the POST that was just received: it can't be recorded."""
        running = self._world.running
        if running is not None and running.posted is not None:
            self.excused[running.posted] += 1
            running.posted = None

    def is_out(self, service: str) -> bool:
        """Whether the service has an outage now."""
        now = self._world.now
        return any(
            each.service == service and each.start <= now < each.end for each in self.outages
        )

    def _drawn(self, service: str) -> str | None:
        if self.is_out(service):
            return "hangs" if self._random.random() < 0.02 else "refused"
        if (left := self._brown_outs.get(service, 0)) > 0:
            self._brown_outs[service] = left - 1
            return self._random.choice(("refused", "lost"))
        rates, chance = self._rates, self._random.random()
        if service == "table" and (chance := chance - rates.late_rows) < 0:
            return "later"
        for fault in ("refused", "hangs", "lost", "later", "repeated", "killed"):
            chance -= getattr(rates, fault)
            if chance < 0:
                return fault
        if chance < rates.brown_out:
            self._brown_outs[service] = self._random.randint(4, 9)
        return None


def _arrives(call: Callable[[], object]) -> None:
    """A write that takes effect late: its caller never receives a response."""
    try:
        call()
    except (ClientError, AzureError):  # such as a condition that no longer holds
        return
