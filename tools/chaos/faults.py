"""What goes wrong: calls that are refused, hang, lose their answer or take effect later, brown-outs
and outages, workers that are ended in the middle of a call."""

import random
from collections import Counter
from collections.abc import Callable

import msgspec
from azure.core.exceptions import AzureError
from botocore.exceptions import ClientError

from tools.chaos.world import Died, World

LATER = 10.0
"""The longest that a write whose answer was lost takes to arrive, in seconds."""

_HANG = 18.0  # seconds that a call takes, with all its attempts, to a service that never answers


class Rates(msgspec.Struct, frozen=True):
    """How likely each fault is, at each call; `late_rows` at each call to a table."""

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
    """Lets calls fail, as the seed decides. `counted` says how often each kind did.

    `excused` counts, for each destination and alert, how often a POST may be repeated: its answer
    was lost, or its worker failed before it had noted that it was delivered.
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
        """The call's answer; or `error` with the reason, before or after it has taken effect.

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
        """A call begins: others may get their turn first. Whether it may fail. Raises Died."""
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
        """Ends the worker that is at work."""
        self.counted["killed"] += 1
        if (running := self._world.running) is not None:
            running.worker.is_dead = True
        return Died()

    def excuse(self) -> None:
        """The POST that was just taken may be repeated: it can't be noted."""
        running = self._world.running
        if running is not None and running.posted is not None:
            self.excused[running.posted] += 1
            running.posted = None

    def is_out(self, service: str) -> bool:
        """Whether an outage of the service is on."""
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
    """A write that arrives late: nobody hears what became of it."""
    try:
        call()
    except (ClientError, AzureError):  # such as a condition that does not hold any more
        return
