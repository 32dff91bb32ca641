"""What queues and topics put around a document, and what Lambda writes about a failed one."""

import base64
import binascii
import json

from registrywatch.sources.formats.eventbridge import EVENTBRIDGE
from registrywatch.sources.formats.format import (
    Fields,
    Format,
    begins,
    elements,
    json_in,
    present,
    text_of,
)

_MESSAGE = json.dumps({"MessageId": "m1", "ReceiptHandle": "r1", "Body": EVENTBRIDGE.example})

RECEIVED_MESSAGES = Format(
    name="the output of receive-message",
    source="`aws sqs receive-message`, also of a dead-letter queue",
    example=f'{{"Messages": [{_MESSAGE}]}}',
    recognise=lambda fields: begins(fields, "Messages", b"["),
    unwrap=lambda fields: elements(fields, "Messages"),
)
SQS_MESSAGE = Format(
    name="a message of SQS",
    source="`--query 'Messages[]'`; a record of the event that SQS gives to Lambda",
    example=_MESSAGE,
    recognise=lambda fields: (
        present(fields, "MessageId", "Body") or present(fields, "messageId", "body")
    ),
    unwrap=lambda fields: json_in(fields, "Body", "body"),
)


def _content(fields: Fields) -> list[bytes]:
    """What a message of Azure Storage holds: JSON, or that in base64, as the functions write it."""
    text = text_of(fields, "content") or ""
    try:
        return [base64.b64decode(text, validate=True)]
    except (binascii.Error, ValueError):  # no base64: the text itself
        return json_in(fields, "content")


AZURE_QUEUE_MESSAGE = Format(
    name="a message of Azure Storage's queues",
    source="`az storage message peek` or `get`, also of `parked` and the poison queues",
    example=json.dumps(
        {"id": "m1", "content": EVENTBRIDGE.example, "insertionTime": "2026-08-01T09:12:00+00:00"}
    ),
    recognise=lambda fields: (
        present(fields, "id", "content", "insertionTime")
        or present(fields, "id", "content", "insertedOn")
    ),
    unwrap=_content,
)
SNS_NOTIFICATION = Format(
    name="a notification of SNS",
    source="an SNS topic, subscribed by a queue or an endpoint",
    example=json.dumps(
        {"Type": "Notification", "TopicArn": "arn:…", "Message": EVENTBRIDGE.example}
    ),
    recognise=lambda fields: present(fields, "TopicArn", "Message"),
    unwrap=lambda fields: json_in(fields, "Message"),
)
SNS_RECORD = Format(
    name="a record of the event that SNS gives to Lambda",
    source="Lambda's test events, logs and dead letters",
    example=json.dumps(
        {
            "EventSource": "aws:sns",
            "Sns": {"TopicArn": "arn:…", "Message": EVENTBRIDGE.example},
        }
    ),
    recognise=lambda fields: begins(fields, "Sns", b"{"),
    unwrap=lambda fields: json_in(fields, "Sns"),
)
LAMBDA_FAILURE = Format(
    name="Lambda's record of a failed invocation",
    source="an on-failure destination",
    example=(
        '{"version": "1.0", "timestamp": "2026-08-01T09:12:00Z", "requestContext":'
        ' {"functionArn": "arn:…", "condition": "RetriesExhausted",'
        ' "approximateInvokeCount": 3}, "requestPayload": ' + EVENTBRIDGE.example + "}"
    ),
    recognise=lambda fields: present(fields, "requestContext", "requestPayload"),
    unwrap=lambda fields: json_in(fields, "requestPayload"),
)
