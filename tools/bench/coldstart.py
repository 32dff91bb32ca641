"""Cold starts in Lambda's runtime and emulator: the first invocation of a fresh process, in ms.

Compared with a handler that imports msgspec and powertools' logger and does nothing. The figures
hold for this machine only; compare the ratios.
"""

import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from tests.builders import cloudtrail as ct
from tests.builders.cloudtrail import Json
from tests.integration.aws import stack as stacks
from tests.integration.aws.lambda_runtime import LAYER, Function, function, running
from tests.integration.aws.stack import Stack
from tests.integration.dynamodb import dynamodb_local

ROUNDS = 9
AT_MOST = 1.5  # times the bare handler, for a change that raises no alert
WARM = 3  # invocations after the first

BARE = """
import msgspec
from aws_lambda_powertools.logging import Logger

logger = Logger(service="bare")


def handler(event, context):
    return {}
"""

_numbers = itertools.count()

type Start = Callable[[], AbstractContextManager[Function]]
type Event = Callable[[], object]


def quiet_change() -> Json:
    return ct.eventbridge(ct.set_mutability("IMMUTABLE"))


def alarming_change() -> Json:
    return ct.eventbridge(ct.delete_repository(force=True))


def batch(size: int) -> Json:
    """Recent pulls by 24 roles of 25 images each: below every threshold."""
    now = time.time()
    bodies = []
    for number in itertools.islice(_numbers, size):
        pull = ct.pull(ct.digest(number // 24 % 25), by=ct.role(f"R{number % 24}"), at=now)
        bodies.append(json.dumps(ct.eventbridge(pull)))
    return {"Records": [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}


def measured(start: Start, event: Event) -> tuple[float, float]:
    """Milliseconds of the first invocation of a fresh process, and of a later one."""
    times = []
    with start() as invoke:
        for _ in range(1 + WARM):
            payload = event()
            began = time.perf_counter()
            invoke(payload)
            times.append((time.perf_counter() - began) * 1000)
    return times[0], statistics.median(times[1:])


def cases(stack: Stack, logs: Path) -> dict[str, tuple[Start, Event]]:
    """What is measured: how the function starts, and what it is invoked with."""
    bare = logs / "bare"
    bare.mkdir()
    (bare / "app.py").write_text(BARE)

    def of_template(name: str) -> Start:
        return lambda: function(name, stack.environment, logs)

    return {
        "msgspec and the logger alone": (
            lambda: running("app.handler", bare, LAYER, stack.environment, logs / "bare.log"),
            dict,
        ),
        "a change that raises no alert": (of_template("ChangesFunction"), quiet_change),
        "a change that raises an alert": (of_template("ChangesFunction"), alarming_change),
        "one pull": (of_template("TrafficFunction"), lambda: batch(1)),
        "1,000 pulls in 24 groups": (of_template("TrafficFunction"), lambda: batch(1000)),
    }


def main() -> None:
    """Print a table. The cases take turns, so that the machine's load affects all of them."""
    with ExitStack() as servers:
        logs = Path(servers.enter_context(tempfile.TemporaryDirectory()))
        dynamodb = servers.enter_context(dynamodb_local(logs))
        sqs = servers.enter_context(stacks.sqs())
        compared = cases(servers.enter_context(stacks.stack(dynamodb, sqs, logs)), logs)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in compared}
        for _ in range(ROUNDS):
            for name, case in compared.items():
                times[name].append(measured(*case))
    medians = {
        name: [statistics.median(column) for column in zip(*pairs, strict=True)]
        for name, pairs in times.items()
    }
    (floor, _), (quiet, _), *_ = medians.values()
    print(f"{'':32}{'cold':>8}{'of bare':>9}{'warm':>8}   ms, medians of {ROUNDS}")
    for name, (cold, warm) in medians.items():
        print(f"{name:32}{cold:8.0f}{cold / floor:9.2f}{warm:8.1f}")
    verdict = "met" if quiet / floor <= AT_MOST else "MISSED"
    print(f"at most {AT_MOST} times the bare handler for a change that raises no alert: {verdict}")
