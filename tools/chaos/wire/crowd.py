"""Many workers at once behind the proxy: their input, what arrives, and the verdict."""

import json
import random
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable

import msgspec

from registrywatch.alerts import Alert
from registrywatch.delivery.destinations.kind import Answer, Request
from registrywatch.delivery.lane import LEASE_SECONDS
from tests.builders import azure as az
from tests.builders import cloudtrail as ct
from tools.chaos.traffic import HOUR
from tools.chaos.traffic import Cloud as CloudName
from tools.chaos.verdict import Broken, Verdict
from tools.chaos.wire.chain import FASTER, THRESHOLDS, Cloud, Worker

DETECTING, DELIVERING = 10, 4  # threads
_RESTS = "the chain comes to rest"
_REPLACED = 0.2  # share of the workers that are replaced after a failure
_TWICE = 0.15  # share of the documents that are delivered twice
_IDLE = 0.02  # seconds


class Traffic(msgspec.Struct):
    """Documents in random order; the actors with bursts, by rule, and how many."""

    documents: list[str] = []
    bursts: dict[str, tuple[str, int]] = {}


class Found(msgspec.Struct, frozen=True):
    """The result of a run."""

    bursts: int
    posts: int
    given_back: int
    requests: dict[str, int]
    faults: dict[str, int]
    seconds: float
    broken: list[Broken]

    @property
    def shows_a_mistake(self) -> bool:
        """Whether something else is wrong than that the time ran out."""
        return any(each.promise != _RESTS for each in self.broken)


def traffic(cloud: CloudName, rng: random.Random, bursts: int) -> Traffic:
    """Half of the bursts are of images, half of repositories that are new to the actor.

    Some actors have a second burst hours later, so that a claim is changed and not only created.
    Others stay one below the threshold.
    """
    made = Traffic()
    began = time.time() - 5 * HOUR
    for number in range(bursts):
        rule, threshold = [*THRESHOLDS.items()][number % 2]
        actor, start = f"{rule.partition('-')[0]}-{number}", began + 60 * rng.random()
        made.documents += _pulls(cloud, rule, actor, threshold, start)
        again = number % 4 == 0
        if again:
            made.documents += _pulls(cloud, rule, actor, threshold, start + 3 * HOUR, "again")
        elif number % 4 < 3:
            made.documents += _pulls(cloud, rule, f"near-{number}", threshold - 1, start)
        made.bursts[actor] = (rule, 1 + again)
    made.documents += rng.sample(made.documents, int(len(made.documents) * _TWICE))
    rng.shuffle(made.documents)
    return made


def _pulls(
    cloud: CloudName, rule: str, actor: str, many: int, began: float, what: str = "first"
) -> list[str]:
    made = []
    for number in range(many):
        event = f"{actor}-{what}-{number}"
        image, repository = f"v{number}", "prod/api"
        if rule == "unfamiliar-pull":
            image, repository = "v1", f"{actor}/{number}"
        at = began + 3 * number
        if cloud == "aws":
            pull = ct.pull(image, repository=repository, by=ct.role(actor), at=at, event_id=event)
            made.append(json.dumps(ct.eventbridge(pull)))
        else:
            by = f"{actor}@example.com"
            record = az.logged("Pull", image, image, repository, by=by, at=at, correlation=event)
            made.append(json.dumps(az.hub(record)))
    return made


class Crowd:
    """The threads that detect and deliver, until nothing is left to do or `seconds` have passed."""

    def __init__(self, cloud: Cloud, seed: int, seconds: float) -> None:
        self.taken: list[Alert] = []
        self.excused: Counter[str] = Counter()
        self.given_back = 0
        self.errors: list[BaseException] = []
        self._cloud = cloud
        self._seed = seed
        self._began = time.time()
        self._ends = time.monotonic() + seconds
        self._waiting: deque[str] = deque()
        self._at_work = 0
        self._lock = threading.Lock()
        self._here = threading.local()

    def run(self, documents: list[str]) -> bool:
        """Run all threads; returns whether everything was handled in time."""
        self._waiting.extend(documents)
        jobs: list[Callable[[random.Random], None]] = [self._detects] * DETECTING
        jobs += [self._delivers] * DELIVERING
        threads = [
            threading.Thread(target=self._safely, args=(job, random.Random(self._seed + number)))
            for number, job in enumerate(jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() < self._ends and not self.errors

    def _safely(self, job: Callable[[random.Random], None], rng: random.Random) -> None:
        try:
            job(rng)
        except BaseException as error:  # noqa: BLE001 - the verdict names it
            self.errors.append(error)

    def _detects(self, rng: random.Random) -> None:
        worker = self._worker()
        while (document := self._next()) is not None:
            if document == "":
                time.sleep(_IDLE)
                continue
            handled = worker.take(document)
            with self._lock:
                self._at_work -= 1
                if not handled:
                    self.given_back += 1
                    self._waiting.append(document)
            if not handled and rng.random() < _REPLACED:
                worker = self._worker()

    def _next(self) -> str | None:
        """A document; "" while another thread may return one; None when all are handled."""
        with self._lock:
            if self._waiting:
                self._at_work += 1
                return self._waiting.popleft()
            return "" if self._at_work and time.monotonic() < self._ends else None

    def _delivers(self, rng: random.Random) -> None:
        worker = self._worker()
        while time.monotonic() < self._ends:
            received = self._cloud.receive()
            if not received:
                if self._is_detected() and self._cloud.waiting() == 0:
                    return
                time.sleep(_IDLE)
            for body, delete in received:
                if self._delivered(worker, body):
                    delete()
                elif rng.random() < _REPLACED:
                    worker = self._worker()

    def _is_detected(self) -> bool:
        with self._lock:
            return not self._waiting and not self._at_work and not self.errors

    def _delivered(self, worker: Worker, body: str) -> bool:
        """Whether the message is done. A POST may be repeated if its record was lost."""
        self._here.posted, began = None, time.monotonic()
        done: bool = worker.deliver(body).acknowledged
        took = time.monotonic() - began
        if self._here.posted and (not done or took > LEASE_SECONDS / FASTER):
            with self._lock:
                self.excused[self._here.posted] += 1
        return done

    def _worker(self) -> Worker:
        return self._cloud.worker(self._post, self._clock)

    def _post(self, request: Request, now: float) -> Answer:
        alert = msgspec.json.decode(request.body, type=Alert)
        self._here.posted = alert.id
        with self._lock:
            self.taken.append(alert)
        return Answer("delivered", "answered 200", 200)

    def _clock(self) -> float:
        return self._began + (time.time() - self._began) * FASTER


def run(name: CloudName, cloud: Cloud, seed: int, bursts: int, seconds: float = 120.0) -> Found:
    """Run one cloud's chain, and judge the result."""
    began = time.monotonic()
    given = traffic(name, random.Random(seed), bursts)
    crowd = Crowd(cloud, seed, seconds)
    ended = crowd.run(given.documents)
    verdict = Verdict()
    if not ended:
        verdict.note(
            "the chain comes to rest",
            *(map(repr, crowd.errors) if crowd.errors else ["time ran out"]),
        )
    _judge(verdict, given, crowd)
    faults: Counter[str] = Counter()
    for service, wire in cloud.faults.items():
        faults.update({f"{service} {fault}": times for fault, times in wire.counted.items()})
    return Found(
        sum(times for _, times in given.bursts.values()),
        len(crowd.taken),
        crowd.given_back,
        {service: wire.requests for service, wire in cloud.faults.items()},
        dict(faults),
        time.monotonic() - began,
        verdict.broken(),
    )


def _judge(verdict: Verdict, given: Traffic, crowd: Crowd) -> None:
    alerts: dict[str, set[str]] = defaultdict(set)
    for alert in crowd.taken:
        who = (alert.actor.id or alert.actor.name or "").rpartition("/")[2].partition("@")[0]
        alerts[who].add(f"{alert.rule[4:]} {alert.id}")
    for actor, (rule, times) in given.bursts.items():
        found = alerts.pop(actor, set())
        right = [each for each in found if each.startswith(rule)]
        if len(right) < times:
            verdict.note("every burst is alerted", actor)
        if len(right) > times:
            verdict.note("a burst is alerted once", actor)
        if len(found) > len(right):
            verdict.note("nothing else is alerted", f"{actor}: {found}")
    for actor, found in alerts.items():
        verdict.note("nothing else is alerted", f"{actor}: {found}")
    for alert_id, times in Counter(alert.id for alert in crowd.taken).items():
        if times > 1 + crowd.excused[alert_id]:
            verdict.note("a POST is repeated only if its record was lost", f"{alert_id}: {times}")
