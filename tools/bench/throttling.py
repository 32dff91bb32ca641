"""The cost of a throttled table: attempts, added time and failures, by the share of refused calls.

The product's client, with its retries, calls DynamoDB Local. Below botocore, a share of the calls
gets the response that DynamoDB gives when it throttles. Seeded.
"""

import datetime
import os
import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from botocore.awsrequest import AWSResponse

from registrywatch.aws.clients import ATTEMPTS, client
from registrywatch.aws.table import Table
from registrywatch.aws.window_store import DynamoStore
from registrywatch.errors import StoreError
from registrywatch.windows import Counter, Window
from tests.builders.dynamodb import new_table
from tests.integration.dynamodb import dynamodb_local
from tools.bench._page import write_part

BATCHES = {0.0: 2, 0.02: 5, 0.05: 3, 0.20: 1}
"""How many batches are measured, by the share of refused attempts: rare refusals need more."""

GROUPS, EVENTS = 100, 1000
WINDOW = Window(100, 600, 600)
_BODY = (
    b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Rate exceeded"}'
)


class Run(msgspec.Struct, frozen=True):
    """Batches of 1,000 events in 100 groups while `share` of the attempts are refused.

    `seconds` is the time of one batch, `afterwards` that of the next one, with nothing refused.
    """

    share: float
    calls: int
    attempts: int
    seconds: float
    longest: float
    failed: int
    afterwards: float


class Throttled:
    """The HTTP session of a client; refuses a share of the requests."""

    def __init__(self, session: Any, rng: random.Random) -> None:
        self._session = session
        self._rng = rng
        self.share = 0.0
        self.sent = 0

    def send(self, request: Any) -> Any:
        self.sent += 1
        if self._rng.random() < self.share:
            headers = {"content-type": "application/x-amz-json-1.0"}
            return AWSResponse(request.url, 400, headers, self)
        return self._session.send(request)

    def stream(self) -> Iterator[bytes]:
        """The body of a refusal."""
        yield _BODY

    def close(self) -> None:
        self._session.close()


class Timed:
    """The client; records how long each call took, retries included."""

    def __init__(self, of: Any) -> None:
        self._client = of
        self.took: list[float] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> Any:
            start = time.perf_counter()
            try:
                return getattr(self._client, operation)(**request)
            finally:
                self.took.append(time.perf_counter() - start)

        return call


def main() -> None:
    """Measure, and write the part of docs/performance.md."""
    with tempfile.TemporaryDirectory() as logs, dynamodb_local(Path(logs)) as endpoint:
        os.environ |= {
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
        }
        real = client("dynamodb")
        table = new_table(real)
        session = Throttled(real._endpoint.http_session, random.Random(1))
        real._endpoint.http_session = session
        _batch(Timed(real), table)  # the first one connects
        runs = [_measured(real, table, session, share) for share in BATCHES]
    write_part("throttling", part(runs))


def _measured(real: Any, table: str, session: Throttled, share: float) -> Run:
    session.share, session.sent, timed = share, 0, Timed(real)
    start = time.perf_counter()
    failed = sum(_batch(timed, table) for _ in range(BATCHES[share]))
    seconds = (time.perf_counter() - start) / BATCHES[share]
    attempts = session.sent
    session.share = 0.0
    start = time.perf_counter()
    _batch(Timed(real), table)
    afterwards = time.perf_counter() - start
    run = Run(share, len(timed.took), attempts, seconds, max(timed.took), failed, afterwards)
    print(f"  {run}", flush=True)
    return run


def _batch(timed: Timed, table: str) -> int:
    """Count a batch in new groups; returns how many events fail and would be delivered again."""
    counter = Counter(DynamoStore(Table(table, timed)), time.time)
    step, failed = WINDOW.step_of(time.time()), 0
    each = EVENTS // GROUPS
    for group in range(GROUPS):
        sightings = {step: [group * each + n for n in range(each)]}
        try:
            counter.count(uuid.uuid4().hex, WINDOW, sightings, _no_body, _no_alert)
        except StoreError:
            failed += each
    return failed


def _no_body(*_: object) -> tuple[str, bytes]:
    raise AssertionError("nothing crosses")


def _no_alert(_: bytes) -> None:
    raise AssertionError("nothing crosses")


def part(runs: list[Run]) -> str:
    """The part of the page."""
    calm, calls = runs[0].seconds, 2 * GROUPS
    rows = [
        f"| {run.share:.0%} | {run.attempts / run.calls:.2f} | {run.seconds:.1f} s |"
        f" {(run.seconds - calm) / calls * 1000:.0f} ms | {run.longest:.1f} s |"
        f" {run.failed} of {BATCHES[run.share] * EVENTS:,} | {run.afterwards:.1f} s |"
        for run in runs
    ]
    return f"""\
Written by `make bench BENCH=throttling` on {datetime.date.today()}, 2 cores of a shared machine.

A batch of {EVENTS:,} pulls in {GROUPS} groups is {calls} calls to the table, one after the other.
Each has up to {ATTEMPTS} attempts, in botocore's mode `standard`. The table is DynamoDB Local; a
share of the attempts is refused at random, below botocore, as DynamoDB refuses when it throttles.

| refused | attempts a call | a batch | added a call | longest | events that fail | next batch |
|---|---|---|---|---|---|---|
{"\n".join(rows)}

*Longest* is one call; in the *next batch* nothing is refused. An event that fails is delivered
again after five seconds. The function has 60 s for a batch; events beyond that are delivered again.
"""
