"""What is read of a CloudTrail record, after AWS's "CloudTrail record contents".

Anything may be absent or null: consoles, CloudFormation, denials and truncation leave holes.
"""

import msgspec

ABSENT = msgspec.Raw(b"null")


class Record(msgspec.Struct, gc=False):
    """A record; the parts that differ from call to call are left as JSON until they are needed."""

    eventSource: str | None = None
    eventName: str | None = None
    eventTime: str | None = None
    eventID: str | None = None
    sharedEventID: str | None = None
    awsRegion: str | None = None
    recipientAccountId: str | None = None
    sourceIPAddress: str | None = None
    userAgent: str | None = None
    errorCode: str | None = None
    userIdentity: msgspec.Raw = ABSENT
    requestParameters: msgspec.Raw = ABSENT
    responseElements: msgspec.Raw = ABSENT
    serviceEventDetails: msgspec.Raw = ABSENT
    resources: msgspec.Raw = ABSENT
    tlsDetails: msgspec.Raw = ABSENT
