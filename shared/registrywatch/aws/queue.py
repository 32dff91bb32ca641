"""One SQS queue: messages are sent, alone or in batches, and received from dead-letter queues."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from registrywatch.aws.clients import Deadline, Service, client
from registrywatch.errors import StoreError

MOST_BYTES = 240 * 1024  # SQS accepted 256 KiB until 2025 and accepts more since; this is enough
MOST_REASON = 1000  # characters; a message has 256 KiB with its attributes
_BATCH = 10  # messages, by SQS
_HIDDEN_SECONDS = 120  # how long a dead letter is hidden from other readers


_REGION = r"https://(?:sqs(?:-fips)?\.)?([a-z0-9-]+)\.(?:queue\.)?amazonaws\."


class OutboundMessage(msgspec.Struct, frozen=True):
    """A message to send; `reason` becomes its attribute."""

    body: str
    reason: str | None = None


class Queue:
    """The standard queue at `url`. Without `client`, this process's client is used."""

    longest = MOST_BYTES

    def __init__(self, url: str, client: Any = None, deadline: Deadline | None = None) -> None:
        self.url = url
        self._sqs = Service("sqs", client, deadline)

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]

    def send(self, text: str, delay_seconds: int = 0) -> None:
        """Send a text that appears after `delay_seconds`, at most 900. Raises StoreError."""
        self._call("send_message", MessageBody=text, DelaySeconds=delay_seconds)

    def send_batch(self, messages: Sequence[OutboundMessage]) -> dict[int, str]:
        """Send many messages in few calls; returns why some were not sent, by their place."""
        failed: dict[int, str] = {}
        for places in _batches(messages):
            entries = [_entry(place, messages[place]) for place in places]
            try:
                answer = self._call("send_message_batch", Entries=entries)
            except StoreError as error:
                failed |= dict.fromkeys(places, str(error))
                continue
            for refused in answer.get("Failed", ()):
                why = f"queue {self.name}: {refused.get('Code')}: {refused.get('Message')}"
                failed[int(refused["Id"])] = why
        return failed

    def send_all(self, texts: Sequence[str]) -> dict[int, str]:
        """Send several texts; returns why some were not sent, by their place."""
        return self.send_batch([OutboundMessage(text) for text in texts])

    def letters(self, before: float) -> Iterator[list["ReceivedLetter"]]:
        """Receive the messages sent before a time (seconds since the epoch), each once.

        They are hidden then. Those that are not removed appear again after a while and are hidden
        again; the end is reached when the queue shows no message. Raises StoreError.
        """
        from registrywatch.delivery.redelivery import each_once

        return each_once(self._receive, before)

    def _receive(self) -> list["ReceivedLetter"]:
        answer = self._call(
            "receive_message",
            MaxNumberOfMessages=_BATCH,
            WaitTimeSeconds=1,
            VisibilityTimeout=_HIDDEN_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        return [ReceivedLetter(message) for message in answer.get("Messages", ())]

    def remove(self, letters: Sequence["ReceivedLetter"]) -> None:
        """Delete letters. Raises StoreError."""
        for start in range(0, len(letters), _BATCH):
            some = letters[start : start + _BATCH]
            entries = [{"Id": str(n), "ReceiptHandle": each.receipt} for n, each in enumerate(some)]
            answer = self._call("delete_message_batch", Entries=entries)
            for refused in answer.get("Failed", ()):
                raise StoreError(
                    f"queue {self.name}: a message can't be removed: {refused.get('Code')}"
                )

    def release(self, letters: Sequence["ReceivedLetter"]) -> None:
        """Make letters visible to others again at once; one that is already visible stays so."""
        self.hide({each.id: each.receipt for each in letters}, 0)

    def hide(self, receipts: Mapping[str, str], seconds: int) -> dict[str, str]:
        """Make received messages (id to receipt handle) visible again after `seconds`.

        Returns why it failed for some, by id: these appear after the queue's own timeout. A call
        that fails is the last one: each may take as long as an invocation still has.
        """
        failed: dict[str, str] = {}
        ids = list(receipts)
        for start in range(0, len(ids), _BATCH):
            some = ids[start : start + _BATCH]
            entries = [
                {"Id": str(n), "ReceiptHandle": receipts[each], "VisibilityTimeout": seconds}
                for n, each in enumerate(some)
            ]
            try:
                answer = self._call("change_message_visibility_batch", Entries=entries)
            except StoreError as error:
                return failed | dict.fromkeys(ids[start:], str(error))
            for refused in answer.get("Failed", ()):
                failed[some[int(refused["Id"])]] = f"{refused.get('Code')}"
        return failed

    def depth(self) -> int:
        """The approximate number of messages, including hidden and delayed ones.

        Raises StoreError.
        """
        names = ["", "NotVisible", "Delayed"]
        names = [f"ApproximateNumberOfMessages{name}" for name in names]
        answer = self._call("get_queue_attributes", AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def _call(self, operation: str, **request: Any) -> Any:
        return self._sqs.call(f"queue {self.name}", operation, QueueUrl=self.url, **request)


def queue_at(url: str) -> Queue:
    """The queue at a URL, in the region that the URL names; if it names none, in the shell's."""
    return Queue(url, client("sqs", found[1] if (found := re.match(_REGION, url)) else None))


def queue_of(arn: str) -> Queue:
    """The queue with an ARN, in this process's region and partition."""
    account, name = arn.split(":")[4:6]
    return Queue(f"{client('sqs').meta.endpoint_url}/{account}/{name}")


class ReceivedLetter:
    """A message of a dead-letter queue, hidden from other readers for a while."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        self.id = str(message["MessageId"])
        self.body = str(message["Body"])
        self.sent = int(message["Attributes"]["SentTimestamp"]) / 1000
        self.receipt = str(message["ReceiptHandle"])


def _batches(messages: Sequence[OutboundMessage]) -> Iterator[list[int]]:
    """The places of the messages, as many together as one call accepts."""
    some: list[int] = []
    weight = 0
    for place, message in enumerate(messages):
        size = len(message.body.encode("utf-8", "surrogatepass")) + MOST_REASON
        if some and (len(some) == _BATCH or weight + size > MOST_BYTES):
            yield some
            some, weight = [], 0
        some.append(place)
        weight += size
    if some:
        yield some


def _entry(place: int, message: OutboundMessage) -> dict[str, Any]:
    entry: dict[str, Any] = {"Id": str(place), "MessageBody": message.body}
    if message.reason is not None:
        text = message.reason.encode("ascii", "backslashreplace").decode()[:MOST_REASON]
        entry["MessageAttributes"] = {"reason": {"DataType": "String", "StringValue": text}}
    return entry
