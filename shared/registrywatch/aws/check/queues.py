"""Whether the queues exist, accept events and pass them on, and hold no dead letters."""

import json
import shlex
from collections.abc import Iterator
from functools import partial
from typing import Any

from registrywatch.aws.check.calls import Json, ask
from registrywatch.aws.check.stack import Stack
from registrywatch.checks import Item, checked, right, wrong
from registrywatch.times import DAY

QUEUE = "AWS::SQS::Queue"
_DEAD = "DeadLetter"
_LEAST_RETENTION = 4 * DAY  # SQS's default; less means that it was shortened


def queues(stack: Stack) -> Iterator[Item]:
    """An item for each queue, and one for the contents of each dead-letter queue."""
    for logical, url in stack.of(QUEUE).items():
        name = f"queue {logical}"
        yield checked(name, partial(_queue, stack, name, logical, url))
        if _DEAD in logical:
            name = f"dead letters {logical}"
            yield checked(name, partial(_dead_letters, stack, name, logical, url))


def _attributes(url: str) -> Json | None:
    answer = ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    return None if answer is None else dict(answer["Attributes"])


def _queue(stack: Stack, name: str, logical: str, url: str) -> Item:
    found = _attributes(url)
    if found is None:
        return wrong(name, "the queue is gone", stack.deploy_again)
    if int(found.get("MessageRetentionPeriod", 0)) < _LEAST_RETENTION:
        kept = found.get("MessageRetentionPeriod")
        return wrong(name, f"it keeps messages for {kept} seconds", _set(url, _RETENTION))
    if _DEAD not in logical and not found.get("RedrivePolicy"):
        return wrong(name, "it has no dead-letter queue", stack.deploy_again)
    statements = _statements(found)
    for each in statements:
        if each.get("Effect") == "Deny" and "aws:SecureTransport" not in json.dumps(each):
            return wrong(name, "a statement of its policy denies access", stack.deploy_again)
    for rule in _senders(stack, logical):
        if not any(_lets(each, rule) for each in statements):
            found_text = f"its policy does not let the rule {rule.rpartition('/')[2]} send"
            fix = _set(url, {"Policy": json.dumps(_policy(stack, url, logical))})
            return wrong(name, found_text, fix)
    return right(name, "it exists, with its policy")


_RETENTION = {"MessageRetentionPeriod": "1209600"}


def _set(url: str, attributes: Json) -> str:
    text = shlex.quote(json.dumps(attributes))
    return f"aws sqs set-queue-attributes --queue-url {url} --attributes {text}"


def _senders(stack: Stack, logical: str) -> list[str]:
    """The ARNs of the rules that send to a queue, or use it for what they could not deliver."""
    prefix = _FED_BY.get(logical)
    return [
        stack.rule_arn(name)
        for rule, name in stack.of("AWS::Events::Rule").items()
        if prefix and rule.startswith(prefix)
    ]


_FED_BY = {
    "ChangesRetryQueue": "ChangesFunction",
    "TrafficQueue": "TrafficRule",
    "TrafficDeadLetterQueue": "TrafficRule",
    "AlertDeadLetterQueue": "DeliveryFunction",
}
"""By queue: the beginning of the logical ids of the rules that send to it."""


def _statements(attributes: Json) -> list[Json]:
    policy = json.loads(attributes.get("Policy") or "{}")
    statements: list[Json] = policy.get("Statement", [])
    return statements


def _lets(statement: Json, rule: str) -> bool:
    return (
        statement.get("Effect") == "Allow"
        and "events.amazonaws.com" in json.dumps(statement.get("Principal"))
        and rule in json.dumps(statement.get("Condition"))
    )


def _policy(stack: Stack, url: str, logical: str) -> Json:
    send: Json = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": stack.queue_arn(url),
        "Condition": {"ArnEquals": {"aws:SourceArn": _senders(stack, logical)}},
    }
    secure: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [send, secure]}


_FED_AGAIN = {
    "AlertDeadLetterQueue": "AlertQueue",
    "ChangesDeadLetterQueue": "ChangesRetryQueue",
    "TrafficDeadLetterQueue": "TrafficQueue",
}
"""Where the messages of a dead-letter queue are put back."""


def _dead_letters(stack: Stack, name: str, logical: str, url: str) -> Item:
    number = int((_attributes(url) or {}).get("ApproximateNumberOfMessages", 0))
    if number:
        records = "" if logical.startswith("Alert") else "--records "
        again = stack.one(QUEUE, _FED_AGAIN.get(logical, "")) or "QUEUE_URL"
        fix = f"registrywatch redeliver {records}--from {url} --to {again}"
        return wrong(name, f"{number} messages were not handled", fix, minor=True)
    return right(name, "empty")
