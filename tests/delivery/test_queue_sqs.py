"""The alert queue in SQS, as moto plays it."""

from typing import Any

import pytest

from registrywatch.aws.alert_queue import SqsQueue
from registrywatch.delivery import messages_for
from registrywatch.delivery.message import Unreadable, decode_message
from registrywatch.errors import StoreError
from tests.builders.alerts import an_alert
from tests.delivery.world import START, webhook

[MESSAGE] = messages_for(an_alert(summary="\ufffe\u202e \U0001f600"), (webhook(),), START)


def queues(sqs: Any) -> tuple[SqsQueue, str, str]:
    url, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("alerts", "dead"))
    return SqsQueue(url, dead), url, dead


def bodies(sqs: Any, url: str) -> list[str]:
    return [message["Body"] for message in sqs.receive_message(QueueUrl=url).get("Messages", ())]


def test_a_message_arrives_as_it_was(sqs: Any) -> None:
    queue, url, _ = queues(sqs)
    queue.send(MESSAGE)
    [body] = bodies(sqs, url)
    assert decode_message(body) == MESSAGE


def test_a_delayed_message_is_held_back(sqs: Any) -> None:
    queue, url, _ = queues(sqs)
    queue.send(MESSAGE, 900)
    assert bodies(sqs, url) == []
    waiting = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert waiting["ApproximateNumberOfMessagesDelayed"] == "1"


def test_what_is_buried_lies_in_the_dead_letter_queue(sqs: Any) -> None:
    queue, url, dead = queues(sqs)
    queue.bury(MESSAGE)
    queue.bury(Unreadable(unreadable="{", reason="why"))
    assert bodies(sqs, url) == []
    assert len(bodies(sqs, dead) + bodies(sqs, dead)) == 2


def test_a_queue_that_does_not_answer_is_a_store_error(sqs: Any) -> None:
    gone = SqsQueue("https://sqs.eu-west-1.amazonaws.com/123456789012/gone", "")
    with pytest.raises(StoreError, match="gone: a message can't be sent"):
        gone.send(MESSAGE)
