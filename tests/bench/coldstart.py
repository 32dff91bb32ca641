"""Cold starts in Lambda's runtime and emulator: the first invocation of a fresh process, in ms.

Held against a handler that imports msgspec and powertools' logger and does nothing. The figures are
of this machine; their proportion is what carries over.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from tests.builders import cloudtrail as ct
from tests.real.aws import stack as stacks
from tests.real.aws.lambda_runtime import LAYER, Function, function, running
from tests.real.dynamodb import dynamodb_local

ROUNDS = 9

BARE = """
import msgspec
from aws_lambda_powertools.logging import Logger

logger = Logger(service="bare")


def handler(event, context):
    return {}
"""

type Start = Callable[[], AbstractContextManager[Function]]


def first_invocation(start: Start, event: object) -> tuple[float, float]:
    """Milliseconds of the first invocation of a fresh process, and of the second."""
    with start() as invoke:
        began = time.perf_counter()
        invoke(event)
        cold = time.perf_counter()
        invoke(event)
        return (cold - began) * 1000, (time.perf_counter() - cold) * 1000


def main() -> None:
    """Prints a table; rounds of all cases take turns, so that the machine's moods are shared."""
    with ExitStack() as running_all:
        logs = Path(running_all.enter_context(tempfile.TemporaryDirectory()))
        endpoints = (
            running_all.enter_context(dynamodb_local(logs)),
            running_all.enter_context(stacks.sqs()),
        )
        stack = running_all.enter_context(stacks.stack(*endpoints, logs))
        bare = logs / "bare"
        bare.mkdir()
        (bare / "app.py").write_text(BARE)

        def bare_function() -> AbstractContextManager[Function]:
            return running("app.handler", bare, LAYER, stack.environment, logs / "bare.log")

        def of(name: str) -> Start:
            return lambda: function(name, stack.environment, logs)

        pull = ct.eventbridge(ct.pull(ct.digest("app"), at=time.time()))
        cases: list[tuple[str, Start, object]] = [
            ("msgspec and the logger alone", bare_function, {}),
            (
                "a change that raises nothing",
                of("ChangesFunction"),
                ct.eventbridge(ct.set_mutability("IMMUTABLE")),
            ),
            (
                "a change that raises an alert",
                of("ChangesFunction"),
                ct.eventbridge(ct.delete_repository(force=True)),
            ),
            (
                "a pull below the threshold",
                of("TrafficFunction"),
                {"Records": [{"messageId": "m", "body": json.dumps(pull)}]},
            ),
        ]
        times: dict[str, list[tuple[float, float]]] = {name: [] for name, _, _ in cases}
        for _ in range(ROUNDS):
            for name, start, event in cases:
                times[name].append(first_invocation(start, event))
    print(f"{'':32}{'cold':>8}{'of bare':>9}{'warm':>8}   medians of {ROUNDS}, ms")
    floor = statistics.median(cold for cold, _ in times[cases[0][0]])
    for name, measured in times.items():
        cold, warm = (statistics.median(column) for column in zip(*measured, strict=True))
        print(f"{name:32}{cold:8.0f}{cold / floor:9.2f}{warm:8.1f}")
