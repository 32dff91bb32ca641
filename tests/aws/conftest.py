"""An AWS account in memory, and the doors opened as the Lambda runtime opens them."""

import importlib
import itertools
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from registrywatch.aws import clients
from tests.aws.templates import load
from tests.builders.moto import REGION, aws_in_memory

Json = dict[str, Any]

_numbers = itertools.count(1)


class Context:
    """What Lambda says of an invocation."""

    function_name = "registrywatch-test"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:111122223333:function:registrywatch-test"
    aws_request_id = "77777777-0000-4000-8000-000000000001"

    def __init__(self, seconds_left: float = 60) -> None:
        self._seconds_left = seconds_left

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds_left * 1000)


class Account:
    """A stack's table and queues."""

    def __init__(self, dynamodb: Any, sqs: Any) -> None:
        self._sqs = sqs
        number = next(_numbers)
        self.table = f"table-{number}"
        table = load()["Resources"]["Table"]["Properties"]
        dynamodb.create_table(
            TableName=self.table,
            **{name: table[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema")},
        )
        self.alert_queue: str = sqs.create_queue(QueueName=f"alerts-{number}")["QueueUrl"]
        self.dead_letters: str = sqs.create_queue(QueueName=f"dead-{number}")["QueueUrl"]

    def messages(self, queue: str) -> list[Json]:
        """All that lies on a queue, which is empty then."""
        found: list[Json] = []
        while got := self._sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in got:
                self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            found += got
        return found

    def alerts(self) -> list[Json]:
        """The alerts on the alert queue, each on its way to the one destination there is."""
        return [message["alert"] for message in self.addressed()]

    def addressed(self) -> list[Json]:
        """The messages on the alert queue."""
        return [json.loads(message["Body"]) for message in self.messages(self.alert_queue)]

    def parked(self) -> list[tuple[str, str]]:
        """What lies in the dead-letter queue: bodies, each with the reason."""
        return [
            (message["Body"], message["MessageAttributes"]["reason"]["StringValue"])
            for message in self.messages(self.dead_letters)
        ]


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[Any, Any]]:
    """DynamoDB and SQS in memory; making their clients takes longer than any test."""
    with aws_in_memory() as environment:
        made = {service: boto3.client(service, REGION) for service in ("dynamodb", "sqs")}
        environment.setattr(clients, "_clients", made)
        yield made["dynamodb"], made["sqs"]


@pytest.fixture
def account(aws: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> Account:
    """A fresh stack, whose names are in the environment."""
    made = Account(*aws)
    monkeypatch.setenv("REGISTRYWATCH_TABLE", made.table)
    monkeypatch.setenv("REGISTRYWATCH_ALERT_QUEUE", made.alert_queue)
    monkeypatch.setenv("REGISTRYWATCH_DEAD_LETTER_QUEUE", made.dead_letters)
    monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_URL", "ssm:/registrywatch/webhook")
    monkeypatch.setenv("REGISTRYWATCH_WEBHOOK_MIN_SEVERITY", "informational")
    return made


class Door:
    """A function, as Lambda invokes it."""

    def __init__(self, name: str) -> None:
        self.module = importlib.import_module(f"functions.aws.{name}")

    def __call__(self, event: object, seconds_left: float = 60) -> Any:
        return self.module.handler(event, Context(seconds_left))


@pytest.fixture
def door(account: Account) -> Iterator[Callable[[str], Door]]:
    """Open a door anew: what it builds, it builds from the present environment."""
    opened: list[Door] = []

    def open_door(name: str) -> Door:
        # powertools keeps a logger, and with it the standard output of an earlier test
        logging.Logger.manager.loggerDict.pop(name, None)
        opened.append(Door(name))
        return opened[-1]

    yield open_door
    for each in opened:
        del sys.modules[each.module.__name__]


def batch(*bodies: object) -> Json:
    """What SQS hands over: a message for each body, text or JSON; ids are m0, m1, …"""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:traffic",
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies)
        ]
    }


def again(answer: Json) -> list[str]:
    """The messages that a function wants to see again."""
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]
