"""A batch, whatever is in it and whatever fails: each message is handled, parked or repeated."""

import json
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from functions.aws import detecting
from functions.aws.telemetry import Telemetry
from registrywatch.alerts import Alert
from registrywatch.aws import clients
from registrywatch.aws.queue import OutboundMessage, Queue
from registrywatch.checks.arrivals import Arrivals
from registrywatch.detector import Detector, Outcome
from registrywatch.errors import StoreError
from registrywatch.events import RegistryEvent
from registrywatch.rows import MemoryRows
from registrywatch.rules import CATALOGUE
from registrywatch.rules.rule import Trust
from registrywatch.windows.memory import MemoryStore
from registrywatch.windows.protocol import Counter
from tests.builders import cloudtrail as ct
from tests.builders.clock import T0

BAD = (
    "not JSON",
    "",
    "{}",
    "[]",
    "null",
    '{"detail-type": "AWS API Call via CloudTrail"}',
    "\ud800",
)

telemetry = Telemetry("test")

deletions = st.integers(0, 5).map(lambda n: ct.eventbridge(ct.delete_repository(f"r{n}")))
pulls = st.integers(0, 5).map(lambda n: ct.eventbridge(ct.pull(ct.digest(n), at=T0)))
unread = st.just(ct.eventbridge(ct.record("DescribeRepositories")))
bodies = st.lists(
    st.one_of(
        st.sampled_from(BAD),
        deletions.map(json.dumps),
        pulls.map(json.dumps),
        unread.map(json.dumps),
    ),
    max_size=20,
)


class Flaky:
    """Something that fails now and then, as `fails` says; `done` is what it took."""

    def __init__(self, fails: Callable[[], bool]) -> None:
        self._fails = fails
        self.done: list[str] = []

    def __call__(self, alert: Alert) -> None:
        if self._fails():
            raise StoreError("the queue does not answer")
        self.done.append(alert.id)


class FlakyQueue(Queue):
    """A dead-letter queue of the same kind."""

    def __init__(self, fails: Callable[[], bool]) -> None:
        super().__init__("https://sqs.invalid/dead", client=object())
        self._fails = fails
        self.done: list[str] = []

    def send_batch(self, messages: Sequence[OutboundMessage]) -> dict[int, str]:
        failed = {}
        for place, message in enumerate(messages):
            if self._fails():
                failed[place] = "the queue does not answer"
            else:
                self.done.append(message.body)
        return failed


def sqs_event(messages: Sequence[str]) -> object:
    return {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(messages)]}


def answered(bodies: Sequence[str], hand_over: Callable[[Alert], None], parked: Queue) -> list[str]:
    """The ids of the messages to be delivered again."""
    counter = Counter(MemoryStore(), lambda: T0)
    detector = Detector(CATALOGUE, {}, Trust(), counter, hand_over)
    answer: Any = detecting.answer(
        sqs_event(bodies), detector.detect, parked, telemetry, 420, arrivals().note
    )
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def arrivals() -> Arrivals:
    return Arrivals(MemoryRows(), lambda: T0)


@given(bodies, st.data())
def test_no_message_is_lost_and_none_harms_another(batch: list[str], data: st.DataObject) -> None:
    if not batch:
        return

    def fails() -> bool:
        return data.draw(st.booleans())

    hand_over, parked = Flaky(fails), FlakyQueue(fails)
    again = answered(batch, hand_over, parked)
    assert len(set(again)) == len(again)
    messages = {f"m{n}": body for n, body in enumerate(batch)}
    rejected = {each: body for each, body in messages.items() if body in BAD}
    assert sorted(parked.done) == sorted(
        body for each, body in rejected.items() if each not in again
    )
    for each, body in messages.items():
        if each in rejected or each in again:
            continue
        if json.loads(body)["detail"]["eventName"] == "DeleteRepository":
            raised = Flaky(lambda: False)
            answered([body], raised, FlakyQueue(lambda: False))
            assert raised.done
            assert any(alert in hand_over.done for alert in raised.done)


class Visibility:
    """SQS, as far as a failed message's visibility goes."""

    def __init__(self) -> None:
        self.meta = SimpleNamespace(endpoint_url="https://sqs.eu-west-1.amazonaws.com")
        self.changed: list[tuple[str, str, int]] = []

    def change_message_visibility_batch(self, **request: Any) -> object:
        self.changed += [
            (request["QueueUrl"], each["ReceiptHandle"], each["VisibilityTimeout"])
            for each in request["Entries"]
        ]
        return {"Failed": []}


ARN = "arn:aws:sqs:eu-west-1:111122223333:rw-Retry"


def failing(receives: Sequence[int]) -> Any:
    """What is answered to a batch that fails, each message received so often."""
    deletion = json.dumps(ct.eventbridge(ct.delete_repository(force=True)))
    event = {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{each}",
                "body": deletion,
                "attributes": {"ApproximateReceiveCount": str(each)},
                "eventSourceARN": ARN,
            }
            for number, each in enumerate(receives)
        ]
    }

    def fail(events: Sequence[RegistryEvent]) -> Outcome:
        return Outcome(failed=dict.fromkeys(range(len(events)), "the table is gone"))

    return detecting.answer(event, fail, FlakyQueue(lambda: False), telemetry, 3600)


def test_what_failed_appears_again_within_seconds_then_ever_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sqs = Visibility()
    monkeypatch.setattr(clients, "_clients", {"sqs": sqs})
    assert len(failing((1, 2, 5, 60))["batchItemFailures"]) == 4
    url = "https://sqs.eu-west-1.amazonaws.com/111122223333/rw-Retry"
    assert sqs.changed == [(url, "r1", 5), (url, "r2", 10), (url, "r5", 80), (url, "r60", 3600)]


def test_a_queue_that_does_not_answer_takes_no_more_than_one_call_s_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call takes up to 15 s, and the batch has 60: all of it would be delivered again."""
    sqs, asked = Visibility(), []

    def refuse(**request: object) -> None:
        asked.append(request)
        raise EndpointConnectionError(endpoint_url="https://sqs")

    monkeypatch.setattr(sqs, "change_message_visibility_batch", refuse)
    monkeypatch.setattr(clients, "_clients", {"sqs": sqs})
    assert len(failing([1, 2, 3, 4] * 15)["batchItemFailures"]) == 60
    assert len(asked) == 1
