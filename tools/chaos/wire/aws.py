"""AWS behind the proxy: DynamoDB Local and moto's SQS, with a worker as it is deployed."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

import boto3

from functions.aws import wiring
from registrywatch.aws import clients
from registrywatch.aws.clients import Deadline
from registrywatch.aws.queue import MOST_BYTES, Queue
from registrywatch.aws.table import Table, TableRows
from registrywatch.delivery import AlertQueue, Courier, Outcome, SecretStore, read_message
from registrywatch.delivery.ledger import RowLedger
from registrywatch.ingest import ingest
from registrywatch.settings.destinations import at_least_one
from tests.builders.dynamodb import local_client, new_table
from tools.chaos.aws import Silence
from tools.chaos.wire import proxy as behind
from tools.chaos.wire.chain import (
    GIVEN,
    PATIENCE,
    VISIBLE_AGAIN,
    Clock,
    Post,
    Received,
    Worker,
    faults_of,
    hurried,
    port_of,
)
from tools.chaos.wire.faults import Wire, WireFaults


class _AwsWorker:
    def __init__(self, post: Post, clock: Clock, queues: Mapping[str, str]) -> None:
        tuned = wiring.read_settings(os.environ)
        silent: Any = Silence()
        hand_over = wiring.alert_queue(tuned, silent)
        self._detector = wiring.detector(tuned, hand_over, Deadline())
        rows = TableRows(Table(str(tuned.aws.table)), "delivery")
        self._courier = Courier(
            at_least_one(tuned.destinations),
            RowLedger(rows, clock),
            AlertQueue(Queue(queues["alerts"]), Queue(queues["dead"]), MOST_BYTES),
            SecretStore(),
            clock,
            post,
        )

    def take(self, document: str) -> bool:
        return not ingest([document.encode()], self._detector.detect).failed

    def deliver(self, body: str) -> Outcome:
        return self._courier.deliver(read_message(body))


class Aws:
    """DynamoDB Local and moto's SQS."""

    def __init__(self, faults: Mapping[str, WireFaults], sqs: Any, queues: dict[str, str]) -> None:
        self.faults = faults
        self._sqs = sqs
        self._queues = queues

    def worker(self, post: Post, clock: Clock) -> Worker:
        return _AwsWorker(post, clock, self._queues)

    def receive(self) -> list[Received]:
        queue = self._queues["alerts"]
        answer = self._sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=VISIBLE_AGAIN
        )
        return [
            (
                each["Body"],
                partial(
                    self._sqs.delete_message, QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"]
                ),
            )
            for each in answer.get("Messages", [])
        ]

    def waiting(self) -> int:
        wanted = (
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
        )
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._queues["alerts"], AttributeNames=[*wanted]
        )
        return sum(int(answer["Attributes"][each]) for each in wanted)


@contextmanager
def aws_chain(dynamodb: str, sqs: str, seed: int, wire: Wire) -> Iterator[Aws]:
    """The chain on AWS, on servers at these addresses."""
    faults = faults_of(seed, wire, table="DynamoDB", queue="SQS")
    direct = _direct_sqs(sqs)
    made = {
        name: direct.create_queue(QueueName=f"{name}-{uuid.uuid4().hex}")["QueueUrl"]
        for name in ("alerts", "dead")
    }
    with ExitStack() as stack:
        table_port = stack.enter_context(
            behind.proxy(port_of(dynamodb), faults["DynamoDB"], behind.dynamodb)
        )
        queue_port = stack.enter_context(behind.proxy(port_of(sqs), faults["SQS"], behind.sqs))
        queues = {
            name: url.replace(f":{port_of(sqs)}/", f":{queue_port}/") for name, url in made.items()
        }
        environ = {
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{table_port}",
            "AWS_ENDPOINT_URL_SQS": f"http://127.0.0.1:{queue_port}",
            "REGISTRYWATCH_TABLE": new_table(local_client(dynamodb)),
            "REGISTRYWATCH_ALERT_QUEUE": queues["alerts"],
            "REGISTRYWATCH_DEAD_LETTER_QUEUE": queues["dead"],
        }
        stack.enter_context(hurried(environ | GIVEN))
        stack.enter_context(patch.object(clients, "_clients", {}))
        stack.enter_context(patch.object(clients, "READ_SECONDS", PATIENCE))
        yield Aws(faults, direct, made)


def _direct_sqs(endpoint: str) -> Any:
    return boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )
