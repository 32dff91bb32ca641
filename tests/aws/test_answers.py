"""A batch, whatever is in it and whatever fails: a message is dealt with, parked or comes again."""

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from functions.aws import answers
from functions.aws.payload import Message
from functions.aws.telemetry import Telemetry
from registrywatch.alerts import Alert
from registrywatch.detector import Detector
from registrywatch.errors import StoreError
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

    def __call__(self, body: str | Alert, reason: str = "") -> None:
        if self._fails():
            raise StoreError("the queue does not answer")
        self.done.append(body if isinstance(body, str) else body.id)


@given(bodies, st.data())
def test_no_message_is_lost_and_none_harms_another(batch: list[str], data: st.DataObject) -> None:
    def fails() -> bool:
        return data.draw(st.booleans())

    hand_over, park = Flaky(fails), Flaky(fails)
    counter = Counter(MemoryStore(), lambda: T0)
    detector = Detector(CATALOGUE, {}, Trust(), counter, hand_over)
    messages = [Message(f"m{place}", body) for place, body in enumerate(batch)]

    answer = answers.to_batch(messages, detector, park, telemetry)

    again = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
    assert len(again) == len(answer["batchItemFailures"])
    hopeless = [message for message in messages if message.body in BAD]
    assert sorted(park.done) == sorted(each.body for each in hopeless if each.id not in again)
    for message in messages:
        if message in hopeless or message.id in again:
            continue
        event = json.loads(message.body)["detail"]
        if event["eventName"] == "DeleteRepository":
            assert any(alert in hand_over.done for alert in _alerts_of(message))


def _alerts_of(message: Message) -> list[str]:
    """The ids of the alerts that the message raises by itself."""
    raised = Flaky(lambda: False)
    counter = Counter(MemoryStore(), lambda: T0)
    answers.to_batch(
        [message], Detector(CATALOGUE, {}, Trust(), counter, raised), raised, telemetry
    )
    assert raised.done
    return raised.done
