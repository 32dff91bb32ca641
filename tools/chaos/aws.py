"""The chain on AWS: EventBridge, Lambda and SQS around the functions, as in template.yaml."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from functions.aws import telemetry, wiring
from registrywatch import delivery
from registrywatch.aws import clients
from registrywatch.aws.queue import Queue
from registrywatch.delivery import ledger
from registrywatch.delivery.redelivery import move, redeliver
from registrywatch.errors import RegistrywatchError
from tests.aws.templates import resources
from tools.chaos.dynamodb import DynamoDb
from tools.chaos.faults import Faults
from tools.chaos.queues import Held, Messages, Poller
from tools.chaos.receivers import Receivers
from tools.chaos.sqs import Sqs, arn_of, url_of
from tools.chaos.traffic import Delivery
from tools.chaos.vendors import Tables
from tools.chaos.world import Died, Worker, World

Json = dict[str, Any]

_FUNCTIONS = Path(wiring.__file__).parent
_ASYNCHRONOUS = (0.0, 60.0, 120.0)  # seconds that Lambda waits before each of its three attempts
_LOST_ACKNOWLEDGEMENTS = 0.005
_UNDELIVERED = 0.01
_WORKERS = 3

FUNCTIONS = {"changes": "Changes", "traffic": "Traffic", "deliver": "Delivery"}
DEAD_LETTERS = {
    "ChangesDeadLetterQueue": "ChangesRetryQueue",
    "TrafficDeadLetterQueue": "TrafficQueue",
    "AlertDeadLetterQueue": "AlertQueue",
}
"""The queue into which each dead-letter queue's messages are put back."""


class Context:
    """The context that Lambda gives to an invocation."""

    function_name = "registrywatch-chaos"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:registrywatch-chaos"
    aws_request_id = "77777777-0000-4000-8000-000000000001"

    def __init__(self, world: World) -> None:
        self._world = world

    def get_remaining_time_in_millis(self) -> int:
        running = self._world.running
        return int(running.left * 1000) if running else 0


class Silence:
    """Stands in for logs and metrics."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __getattr__(self, _: str) -> "Silence":
        return self

    def __call__(self, *given: Any, **_: object) -> Any:
        return given[0] if given and callable(given[0]) else None

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class Environment(Worker):
    """An execution environment of Lambda: a worker with a function loaded into it."""

    def __init__(self, skew: float, function: ModuleType) -> None:
        super().__init__(skew)
        self.function = function


class Aws:
    """The account. `environ` is what the template gives to every function."""

    def __init__(
        self, world: World, faults: Faults, receivers: Receivers, tables: Tables = DynamoDb
    ) -> None:
        self._world = world
        self._tables = tables
        self._faults = faults
        self._receivers = receivers
        self._environments: dict[str, list[Environment]] = {name: [] for name in FUNCTIONS}
        self._timeouts = {
            name: float(resources("AWS::Serverless::Function")[f"{logical}Function"]["Timeout"])
            for name, logical in FUNCTIONS.items()
        }
        self.queues = _queues(world)
        self._patches = ExitStack()

    def __enter__(self) -> "Aws":
        """Replace the clients and the clock of this process."""
        made = {
            "dynamodb": self._tables(self._faults),
            "sqs": Sqs(self._faults, self.queues),
        }
        clock = self._world.clock
        for target, name, value in (
            (clients, "_clients", made),
            (clients, "monotonic", lambda: self._world.now),
            (wiring, "clock", clock),
            (telemetry, "Telemetry", Silence),
            (ledger, "RowLedger", partial(ledger.RowLedger, clock=clock)),
            (
                delivery,
                "Courier",
                partial(delivery.Courier, clock=clock, send=self._receivers.post),
            ),
        ):
            self._patches.enter_context(patch.object(target, name, value, create=True))
        self._poll("TrafficQueue", "traffic", 1000, 5.0)
        self._poll("ChangesRetryQueue", "changes", 10, 0.0)
        self._poll("AlertQueue", "deliver", 10, 0.2)
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()

    def hand_over(self, delivery: Delivery) -> None:
        """What EventBridge does with an event."""
        if delivery.door == "traffic":
            self.queues["TrafficQueue"].send(delivery.body)
        elif self._world.random.random() < _UNDELIVERED:
            self.queues["ChangesRetryQueue"].send(delivery.body)
        else:
            self._attempt(delivery.body, 0)

    def put_back(self) -> None:
        """What an operator does: `registrywatch redeliver`, for each dead-letter queue."""
        for dead, queue in DEAD_LETTERS.items():
            here, there = Queue(url_of(dead)), Queue(url_of(queue))
            if queue == "AlertQueue":
                redeliver(here, there, self._world.clock, lambda _: None)
            else:
                for _ in move(here, there, self._world.clock):
                    pass

    def dead_letters(self) -> list[str]:
        """The bodies of the messages in dead-letter queues."""
        return [each.body for name in DEAD_LETTERS for each in self.queues[name].held.values()]

    def waiting(self) -> int:
        """How many messages wait to be handled."""
        return sum(len(self.queues[name].held) for name in DEAD_LETTERS.values())

    def _poll(self, queue: str, function: str, most: int, gathers: float) -> None:
        handle = partial(self._batch, self.queues[queue], function)
        Poller(self._world, self.queues[queue], most, gathers, handle)

    def _attempt(self, body: str, attempt: int) -> None:
        """Lambda's attempt at an event that EventBridge gave it; then the retry queue."""
        event = json.loads(body)
        try:
            self._invoke("changes", event)
        except (Died, RegistrywatchError):
            if attempt + 1 < len(_ASYNCHRONOUS):
                due = self._world.now + _ASYNCHRONOUS[attempt + 1]
                self._world.at(due, lambda: self._attempt(body, attempt + 1))
            else:
                failure = {"requestContext": {"condition": "RetriesExhausted"}}
                self.queues["ChangesRetryQueue"].send(
                    json.dumps({"version": "1.0", **failure, "requestPayload": event})
                )

    def _batch(self, queue: Messages, function: str, messages: list[Held]) -> None:
        """Lambda's poller: it deletes the messages that the function does not report as failed."""
        try:
            answer = self._invoke(function, {"Records": [_record(queue, m) for m in messages]})
        except (Died, RegistrywatchError):
            return  # the batch becomes visible again after the timeout
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        for message in messages:
            if message.id not in failed and self._world.random.random() > _LOST_ACKNOWLEDGEMENTS:
                queue.delete(message.id)

    def _invoke(self, name: str, event: Json) -> Any:
        environment = self._environment(name)
        handler: Callable[[Json, Context], Any] = environment.function.handler
        try:
            return self._world.invoke(
                environment, self._timeouts[name], lambda: handler(event, Context(self._world))
            )
        finally:
            if environment.is_dead:
                self._environments[name].remove(environment)

    def _environment(self, name: str) -> Environment:
        """A free environment, or a new one if all are busy."""
        every = self._environments[name]
        free = [each for each in every if not each.busy]
        if len(every) < _WORKERS or not free:
            skew = self._world.worker().skew
            free = [Environment(skew, _loaded(name))]
            every += free
        return self._world.random.choice(free)


def environ(destinations: dict[str, str]) -> dict[str, str]:
    """The environment of the functions, without the dead-letter queue."""
    return {
        "REGISTRYWATCH_TABLE": "registrywatch",
        "REGISTRYWATCH_ALERT_QUEUE": url_of("AlertQueue"),
        **destinations,
    }


def _loaded(name: str) -> ModuleType:
    """The function's module, loaded again as at a cold start."""
    dead = url_of({"deliver": "Alert"}.get(name, FUNCTIONS[name]) + "DeadLetterQueue")
    spec = util.spec_from_file_location(f"chaos_{name}", _FUNCTIONS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    with patch.dict("os.environ", {"REGISTRYWATCH_DEAD_LETTER_QUEUE": dead}):
        spec.loader.exec_module(module)
    return module


def _queues(world: World) -> dict[str, Messages]:
    """The queues of the template, with their time-outs and redrive policies."""
    wanted = resources("AWS::SQS::Queue")
    made = {name: Messages(world, name) for name in DEAD_LETTERS}
    for name in DEAD_LETTERS.values():
        redrive = wanted[name]["RedrivePolicy"]
        dead = made[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]
        hidden, most = float(wanted[name]["VisibilityTimeout"]), int(redrive["maxReceiveCount"])
        made[name] = Messages(world, name, hidden, dead, most)
    return made


def _record(queue: Messages, message: Held) -> Json:
    return {
        "messageId": message.id,
        "receiptHandle": f"{message.id} {message.receipt}",
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.receives)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": arn_of(queue.name),
        "awsRegion": "eu-west-1",
    }
