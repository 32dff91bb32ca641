"""The destinations: webhooks that accept alerts, and at times fail."""

import random
from collections import defaultdict
from collections.abc import Mapping

import msgspec

from registrywatch.alerts import Alert
from registrywatch.delivery.destinations.kind import Answer, Request
from registrywatch.delivery.post import TOTAL_SECONDS, judged
from tools.chaos.faults import Faults
from tools.chaos.world import World

_HEADERS: Mapping[str, Mapping[str, str]] = {"429": {"Retry-After": "30"}}


class Mood(msgspec.Struct, frozen=True):
    """How a destination behaves from `start` to `end`: a status such as "429", or "hangs"."""

    destination: str
    how: str
    start: float
    end: float


class Receivers:
    """Receives POSTs; `taken` has the alerts that each destination accepted, in order."""

    def __init__(self, world: World, faults: Faults) -> None:
        self.taken: dict[str, list[Alert]] = defaultdict(list)
        self.moods: list[Mood] = []
        self._world = world
        self._faults = faults
        self._random = random.Random(world.random.random())

    def post(self, request: object, now: float) -> Answer:
        """The courier's `post`. The last part of the address names the destination."""
        assert isinstance(request, Request)
        name = request.url.rpartition("/")[2]
        if not self._faults.turn():
            return self._take(name, request, now)
        how = self._mood(name) or self._chance()
        if how != "200":
            self._faults.counted[f"POST {how}"] += 1
        match how:
            case "killed":
                if self._random.random() < 0.5:
                    self._take(name, request, now)
                    self._faults.excuse()
                raise self._faults.kill()
            case "lost":
                self._take(name, request, now)
                self._faults.excuse()
                return Answer("try_again", "no answer in time")
            case "hangs":
                self._world.spend(TOTAL_SECONDS)
                return Answer("try_again", "no answer in time")
            case "200":
                return self._take(name, request, now)
        return judged(request, int(how), _HEADERS.get(how, {}), b"chaos", now)

    def _mood(self, name: str) -> str | None:
        now = self._world.now
        for mood in self.moods:
            if mood.destination == name and mood.start <= now < mood.end:
                return mood.how
        return None

    def _chance(self) -> str:
        chance = self._random.random()
        for how, share in (("503", 0.02), ("429", 0.01), ("hangs", 0.005), ("lost", 0.01)):
            chance -= share
            if chance < 0:
                return how
        return "killed" if chance < 0.005 else "200"

    def _take(self, name: str, request: Request, now: float) -> Answer:
        alert = msgspec.json.decode(request.body, type=Alert)
        self.taken[name].append(alert)
        if (running := self._world.running) is not None:
            running.posted = (name, alert.id)
        return judged(request, 200, {}, b"", now)
