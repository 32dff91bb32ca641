"""The alert queue in SQS, as moto plays it."""

from typing import Any

import pytest

from registrywatch.aws.clients import CALL_SECONDS, Deadline
from registrywatch.aws.queue import MOST_BYTES, OutboundMessage, Queue
from registrywatch.cli import main
from registrywatch.delivery import messages_for
from registrywatch.delivery.message import Unreadable, decode_message
from registrywatch.delivery.queue import AlertQueue
from registrywatch.errors import StoreError
from tests.builders.alerts import an_alert
from tests.delivery.world import START, webhook

[MESSAGE] = messages_for(an_alert(summary="\ufffe\u202e \U0001f600"), (webhook(),), START)


def queues(sqs: Any) -> tuple[AlertQueue, str, str]:
    url, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("alerts", "dead"))
    return AlertQueue(Queue(url, sqs), Queue(dead, sqs), MOST_BYTES), url, dead


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


def test_a_dead_letter_lies_in_the_dead_letter_queue(sqs: Any) -> None:
    queue, url, dead = queues(sqs)
    queue.dead_letter(MESSAGE)
    queue.dead_letter(Unreadable(unreadable="{", reason="why"))
    assert bodies(sqs, url) == []
    assert len(bodies(sqs, dead) + bodies(sqs, dead)) == 2


def test_a_queue_that_does_not_answer_is_a_store_error(sqs: Any) -> None:
    gone = Queue("https://sqs.eu-west-1.amazonaws.com/123456789012/gone", sqs)
    with pytest.raises(StoreError, match="queue gone: send_message"):
        gone.send("text")
    with pytest.raises(StoreError, match="queue gone: get_queue_attributes"):
        gone.depth()


def test_many_are_sent_in_few_calls_each_with_its_reason(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="parked")["QueueUrl"]
    messages = [OutboundMessage(f"body {n}", f"reason {n} \u20ac") for n in range(25)]
    assert Queue(url, sqs).send_batch(messages) == {}
    assert Queue(url, sqs).depth() == 25
    got: dict[str, str] = {}
    while received := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages"):
        for message in received:
            got[message["Body"]] = message["MessageAttributes"]["reason"]["StringValue"]
    assert got == {f"body {n}": f"reason {n} \\u20ac" for n in range(25)}


def test_a_batch_keeps_to_the_size_that_sqs_takes(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="large")["QueueUrl"]
    messages = [OutboundMessage("x" * 100_000) for _ in range(7)]
    assert Queue(url, sqs).send_batch(messages) == {}
    assert Queue(url, sqs).depth() == 7


def test_of_a_batch_what_was_not_sent_is_named(sqs: Any) -> None:
    gone = Queue("https://sqs.eu-west-1.amazonaws.com/123456789012/gone", sqs)
    failed = gone.send_batch([OutboundMessage("one"), OutboundMessage("two")])
    assert sorted(failed) == [0, 1]
    assert "queue gone" in failed[0]


def test_a_call_that_would_outlast_the_invocation_is_refused(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="late")["QueueUrl"]
    deadline = Deadline()
    deadline.begin(CALL_SECONDS - 1)
    with pytest.raises(StoreError, match="no time was left"):
        Queue(url, sqs, deadline).send("text")
    deadline.begin(CALL_SECONDS + 10)
    Queue(url, sqs, deadline).send("text")


def test_dead_letters_of_events_are_put_back_as_they_are_by_one_command(
    sqs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = sqs.create_queue(QueueName="dead-changes")["QueueUrl"]
    retry = sqs.create_queue(QueueName="retry")["QueueUrl"]
    for number in range(12):
        sqs.send_message(QueueUrl=dead, MessageBody=f'{{"detail": {number}}}')
    command = ["redeliver", "--records", "--from", dead, "--to", retry]
    assert main([*command, "--dry-run"]) == 0
    assert "12 would be sent again." in capsys.readouterr().out
    assert main(command) == 0
    assert "12 sent again." in capsys.readouterr().out
    assert (Queue(dead, sqs).depth(), Queue(retry, sqs).depth()) == (0, 12)
