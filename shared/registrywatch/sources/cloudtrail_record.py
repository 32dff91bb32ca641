"""The members of a CloudTrail record that are read.

Sources: AWS's "CloudTrail record contents" and the ECR API. Any member may be absent or null, after
calls from the console or CloudFormation, denials and truncation. The members of all frequent
requests are in one `Request`, those of responses in one `Response`, so that a record is decoded in
one pass; manifests and everything else that no rule reads are skipped.
"""

from typing import TYPE_CHECKING, TypeIs

import msgspec

if TYPE_CHECKING:
    from registrywatch.sources.wide_record import WideRecord

ABSENT = msgspec.Raw(b"null")


class ImageId(msgspec.Struct, gc=False):
    imageDigest: str | None = None
    imageTag: str | None = None


class ScanningConfiguration(msgspec.Struct, gc=False):
    scanOnPush: bool | None = None


class Filter(msgspec.Struct, gc=False):
    """A filter on repositories or tags."""

    filter: str | None = None


class ScanningRule(msgspec.Struct, gc=False):
    scanFrequency: str | None = None
    repositoryFilters: list[Filter] | None = None


class Request(msgspec.Struct, gc=False):
    """`requestParameters`. `omitted`: CloudTrail left them out, because they were too long."""

    registryId: str | None = None
    repositoryName: str | None = None
    imageIds: list[ImageId] | None = None
    omitted: bool | None = None
    imageTag: str | None = None
    imageDigest: str | None = None
    force: bool | None = None
    policyText: str | None = None
    lifecyclePolicyText: str | None = None
    imageTagMutability: str | None = None
    imageTagMutabilityExclusionFilters: list[Filter] | None = None
    imageScanningConfiguration: ScanningConfiguration | None = None
    scanType: str | None = None
    rules: list[ScanningRule] | None = None


class Image(msgspec.Struct, gc=False):
    """The image that PutImage stored."""

    imageId: ImageId | None = None


class Repository(msgspec.Struct, gc=False):
    """The repository that CreateRepository created."""

    repositoryName: str | None = None
    registryId: str | None = None
    imageTagMutability: str | None = None
    imageScanningConfiguration: ScanningConfiguration | None = None


class RegistryScanning(msgspec.Struct, gc=False):
    scanType: str | None = None
    rules: list[ScanningRule] | None = None


class Failure(msgspec.Struct, gc=False):
    """An image for which the call failed, although the call as a whole succeeded."""

    imageId: ImageId | None = None


class Response(msgspec.Struct, gc=False):
    """`responseElements`. `omitted` as in the request."""

    omitted: bool | None = None
    image: Image | None = None
    imageIds: list[ImageId] | None = None
    failures: list[Failure] | None = None
    repository: Repository | None = None
    registryScanningConfiguration: RegistryScanning | None = None
    policyText: str | None = None
    lifecyclePolicyText: str | None = None
    imageTagMutability: str | None = None
    imageTagMutabilityExclusionFilters: list[Filter] | None = None
    imageScanningConfiguration: ScanningConfiguration | None = None


class Addendum(msgspec.Struct, gc=False):
    """Says that a record corrects or completes an earlier one."""

    originalEventID: str | None = None


class Record(msgspec.Struct, gc=False):
    """A record; members that only rare records need stay JSON until then.

    In the order in which CloudTrail writes them: the decoder then finds each at once.
    """

    userIdentity: msgspec.Raw = ABSENT
    eventTime: str | None = None
    eventSource: str | None = None
    eventName: str | None = None
    awsRegion: str | None = None
    sourceIPAddress: str | None = None
    userAgent: str | None = None
    errorCode: str | None = None
    requestParameters: Request | None = None
    responseElements: Response | None = None
    eventID: str | None = None
    resources: msgspec.Raw = ABSENT
    recipientAccountId: str | None = None
    sharedEventID: str | None = None
    serviceEventDetails: msgspec.Raw = ABSENT
    addendum: Addendum | None = None
    tlsDetails: msgspec.Raw = ABSENT


WITHHELD = Request(omitted=True)
"""The request of a record that has none, of a call that can't be made without: it was withheld."""

NO_RESPONSE = Response()


class NeedsWideRecord(Exception):
    """The record is of a rare call and must be decoded as a WideRecord."""


def is_wide(record: Record) -> TypeIs["WideRecord"]:
    """Whether the record was decoded as a WideRecord."""
    return type(record) is not Record


def filters_of(filters: list[Filter] | None) -> tuple[str, ...]:
    """The texts of filters on repositories."""
    return tuple(each.filter for each in filters or () if each.filter)
