"""What is read of a CloudTrail record, after AWS's "CloudTrail record contents".

Anything may be absent or null: consoles, CloudFormation, denials and truncation leave holes.
"""

import msgspec

from registrywatch.sources.identity import UserIdentity


class Resource(msgspec.Struct, gc=False):
    """A resource that was touched; some tools write `arn` for CloudTrail's `ARN`."""

    ARN: str | None = None
    arn: str | None = None


class TlsDetails(msgspec.Struct, gc=False):
    """How the call was encrypted; absent for the console and for calls between services."""

    tlsVersion: str | None = None


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
    userIdentity: UserIdentity | None = None
    requestParameters: msgspec.Raw = msgspec.Raw()
    responseElements: msgspec.Raw = msgspec.Raw()
    serviceEventDetails: msgspec.Raw = msgspec.Raw()
    resources: list[Resource] | None = None
    tlsDetails: TlsDetails | None = None
