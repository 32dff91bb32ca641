"""A simulated SQS client with the calls that registrywatch makes."""
# ruff: noqa: N803 - the arguments are named as boto3 names them

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError, ReadTimeoutError

from tools.chaos.faults import Faults
from tools.chaos.queues import Messages

ENDPOINT = "https://sqs.chaos.test"
ACCOUNT = "111122223333"

Json = dict[str, Any]


def url_of(name: str) -> str:
    """The address of the queue of that name."""
    return f"{ENDPOINT}/{ACCOUNT}/{name}"


def arn_of(name: str) -> str:
    return f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}"


class Sqs:
    """The operations of the client, over queues by name."""

    def __init__(self, faults: Faults, queues: Mapping[str, Messages]) -> None:
        self.meta = SimpleNamespace(endpoint_url=ENDPOINT)
        self._faults = faults
        self._queues = queues

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> Json:
        queue = self._queue(QueueUrl)
        return self._around("SendMessage", lambda: _sent(queue, MessageBody, DelaySeconds))

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Json]) -> Json:
        queue = self._queue(QueueUrl)

        def send() -> Json:
            for entry in Entries:
                reason = entry.get("MessageAttributes", {}).get("reason", {}).get("StringValue")
                queue.send(entry["MessageBody"], reason=reason)
            return {}

        return self._around("SendMessageBatch", send)

    def receive_message(
        self,
        *,
        QueueUrl: str,
        MaxNumberOfMessages: int,
        VisibilityTimeout: int,
        **_: Any,
    ) -> Json:
        queue = self._queue(QueueUrl)

        def receive() -> Json:
            received = queue.receive(MaxNumberOfMessages, VisibilityTimeout)
            return {"Messages": [_message(each) for each in received]}

        return self._around("ReceiveMessage", receive)

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[Json]) -> Json:
        queue = self._queue(QueueUrl)

        def delete() -> Json:
            for entry in Entries:
                queue.delete(entry["ReceiptHandle"].partition(" ")[0])
            return {}

        return self._around("DeleteMessageBatch", delete)

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[Json]) -> Json:
        queue = self._queue(QueueUrl)

        def hide() -> Json:
            failed = [
                {"Id": entry["Id"], "Code": "ReceiptHandleIsInvalid"}
                for entry in Entries
                if not queue.hide(
                    entry["ReceiptHandle"].partition(" ")[0], entry["VisibilityTimeout"]
                )
            ]
            return {"Failed": failed}

        return self._around("ChangeMessageVisibilityBatch", hide)

    def _queue(self, url: str) -> Messages:
        return self._queues[url.rpartition("/")[2]]

    def _around(self, operation: str, call: Callable[[], Json]) -> Json:
        def error(reason: str) -> Exception:
            if reason.endswith("refused"):
                code = {"Code": "RequestThrottled", "Message": reason}
                return cast("Exception", ClientError({"Error": code}, operation))
            return cast("Exception", ReadTimeoutError(endpoint_url=ENDPOINT))

        return self._faults.around("queue", call, error, writes=operation.startswith("Send"))


def _sent(queue: Messages, body: str, delay: float) -> Json:
    queue.send(body, delay)
    return {}


def _message(held: Any) -> Json:
    return {
        "MessageId": held.id,
        "ReceiptHandle": f"{held.id} {held.receipt}",
        "Body": held.body,
        "Attributes": {"SentTimestamp": str(int(held.sent * 1000))},
    }
