"""Amazon SNS: a subject and text for mail and chat, JSON for machines, attributes for filters.

Limits (docs.aws.amazon.com/sns, "Publish"): a subject of less than 100 ASCII characters without
control characters, beginning with a letter, digit or punctuation; 256 KB in all; ten attributes.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from registrywatch.alerts.alert import Alert
from registrywatch.alerts.cutting import encoded_within
from registrywatch.alerts.plain_text import plain_text
from registrywatch.alerts.style import style_of
from registrywatch.alerts.text import shown
from registrywatch.delivery.destinations.aws_call import arn_reader, aws_call, region_of
from registrywatch.delivery.destinations.kind import (
    DestinationKind,
    Option,
    Outgoing,
    Request,
)

_SUBJECT, _SMS = 99, 140
_MACHINE = 16_000
"""Bytes of the JSON, which stands in a message five times, with its quotes escaped twice."""
_MACHINES = ("http", "https", "sqs", "lambda", "firehose")


def subject(alert: Alert) -> str:
    """`[High] Forced Repository Deleted: prod/api`, in ASCII."""
    place = alert.repository or alert.registry or alert.account or ""
    text = f"[{style_of(alert).word}] {alert.title}" + (f": {place}" if place else "")
    plain = shown(text, 200).encode("ascii", "backslashreplace").decode()
    return plain if len(plain) <= _SUBJECT else f"{plain[: _SUBJECT - 3]}..."


def parameters(alert: Alert, topic: str, runbook: str = "") -> Mapping[str, Any]:
    """The parameters of `sns publish`."""
    text, machine = plain_text(alert, runbook), encoded_within(alert, _MACHINE).decode()
    message = {"default": text, "sms": shown(subject(alert), _SMS)}
    message |= dict.fromkeys(_MACHINES, machine)
    attributes = {
        "severity": alert.severity.value,
        "rule": alert.rule,
        "cloud": alert.cloud,
        "account": alert.account,
        "region": alert.region,
        "repository": alert.repository,
        "actor": alert.actor.id,
    }
    found: dict[str, Any] = {
        "TopicArn": topic,
        "Subject": subject(alert),
        "MessageStructure": "json",
        "Message": msgspec.json.encode(message).decode(),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": shown(value, 256)}
            for name, value in attributes.items()
            if value
        },
    }
    if topic.endswith(".fifo"):
        group = shown(alert.rule, 128).encode("ascii", "replace").decode()
        found |= {"MessageGroupId": group, "MessageDeduplicationId": alert.id[:128]}
    return found


def sns_body(alert: Alert) -> bytes:
    """The call's parameters as JSON, for people."""
    return msgspec.json.encode(parameters(alert, _EXAMPLE))


def _request(out: Outgoing) -> Request:
    topic = out.given["TOPIC_ARN"]
    called = parameters(out.alert, topic, out.runbook)
    return aws_call("sns", "publish", region_of(topic), called)


_EXAMPLE = "arn:aws:sns:eu-west-1:111122223333:alerts"

SNS = DestinationKind(
    name="sns",
    label="SNS",
    options=(
        Option(
            suffix="TOPIC_ARN",
            meaning="SNS: the ARN of a topic, for mail, chat and more",
            read=arn_reader("sns", r"[A-Za-z0-9_-]{1,256}(\.fifo)?", _EXAMPLE),
        ),
    ),
    forms={"sns": sns_body},
    request=_request,
    clouds=("aws",),
)
