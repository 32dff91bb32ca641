"""The stack on one machine: the built functions, DynamoDB Local, and moto for SQS.

Nothing here polls by itself; a test carries messages from a queue to its function as Lambda does.
"""

import itertools
import json
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from tests.aws.templates import resources
from tests.integration.aws.lambda_runtime import Function, function

REGION = "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

NOT_LISTENING = "http://127.0.0.1:9/"

_numbers = itertools.count(1)


@contextmanager
def sqs() -> Iterator[str]:
    """SQS in memory; gives its endpoint's address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no line for every request
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


def client(service: str, endpoint: str) -> Any:
    """A client for one of the servers."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


class Stack:
    """One deployment, with a table and queues of its own. Functions start when first named."""

    def __init__(self, dynamodb: str, sqs_endpoint: str, logs: Path, running: ExitStack) -> None:
        self._sqs = client("sqs", sqs_endpoint)
        self._logs = logs
        self._running = running
        self._functions: dict[str, Function] = {}
        number = next(_numbers)
        table = resources("AWS::DynamoDB::Table")["Table"]
        client("dynamodb", dynamodb).create_table(
            TableName=f"stack-{number}",
            **{name: table[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema")},
        )
        self.alert_queue: str = self._queue(f"alerts-{number}")
        self.dead_letters: str = self._queue(f"dead-{number}")
        self.environment = {
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb,
            "AWS_ENDPOINT_URL_SQS": sqs_endpoint,
            "REGISTRYWATCH_TABLE": f"stack-{number}",
            "REGISTRYWATCH_ALERT_QUEUE": self.alert_queue,
            "REGISTRYWATCH_DEAD_LETTER_QUEUE": self.dead_letters,
            "REGISTRYWATCH_WEBHOOK_URL": NOT_LISTENING,  # a start without a destination is refused
        }

    def _queue(self, name: str) -> str:
        url: str = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        return url

    def function(self, name: str) -> Function:
        """The function of that name, warm if it was named before."""
        if name not in self._functions:
            started = function(name, self.environment, self._logs)
            self._functions[name] = self._running.enter_context(started)
        return self._functions[name]

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """What lies on a queue now, taken off it."""
        found: list[dict[str, Any]] = []
        while got := self._sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in got:
                self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            found += got
        return found

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts on the alert queue, each addressed to the one destination, taken off it."""
        bodies = [json.loads(message["Body"]) for message in self.messages(self.alert_queue)]
        return [body["alert"] for body in bodies]

    def deliver(self) -> list[str]:
        """Carry what lies on the alert queue to the delivery function; ids of what failed."""
        bodies = [message["Body"] for message in self.messages(self.alert_queue)]
        return self.batch("DeliveryFunction", bodies) if bodies else []

    def batch(self, name: str, bodies: list[str]) -> list[str]:
        """Hand a batch of SQS to a function; the ids of the messages that failed, m0, m1, …"""
        records = [
            {"messageId": f"m{number}", "body": body, "eventSource": "aws:sqs", "attributes": {}}
            for number, body in enumerate(bodies)
        ]
        answer = self.function(name)({"Records": records})
        return [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]


@contextmanager
def stack(dynamodb: str, sqs_endpoint: str, logs: Path) -> Iterator[Stack]:
    """A fresh deployment."""
    # boto3 must not take this machine's own proxies or profiles for the account's
    assert not {name for name in os.environ if name.lower() in ("http_proxy", "aws_profile")}
    with ExitStack() as running:
        yield Stack(dynamodb, sqs_endpoint, logs, running)
