"""What each ECR call did, read from its request and response.

Members are those of the ECR API (botocore's model). The response decides over the request: a
BatchDeleteImage can fail for some images without an errorCode, and only the response shows
defaults.
"""

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from registrywatch.events import (
    CallDenied,
    ImagesDeleted,
    LifecyclePolicySet,
    PolicySet,
    Pull,
    Push,
    RegistryScanningSet,
    RepositoryCreated,
    RepositoryDeleted,
    RepositoryScanningSet,
    ScanRule,
    TagMutabilitySet,
    What,
)
from registrywatch.sources.cloudtrail_record import (
    Filter,
    ImageId,
    NeedsWideRecord,
    Record,
    RegistryScanning,
    Repository,
    Request,
    Response,
    WideRecord,
)

Reader = Callable[[Record], What | None]

_NO_REQUEST = Request(omitted=True)
"""All calls that are read here have parameters: if a record has none, they were withheld."""
_NO_RESPONSE = Response()
REFUSALS: dict[str, Literal["denied", "tag-immutable"]] = {
    "accessdenied": "denied",
    "accessdeniedexception": "denied",
    "notauthorized": "denied",
    "unauthorized": "denied",
    "unauthorizedaccess": "denied",
    "unauthorizedoperation": "denied",
    "imagetagalreadyexistsexception": "tag-immutable",
}
REFUSED_CODES = (
    "AccessDenied",
    "AccessDeniedException",
    "Client.UnauthorizedOperation",
    "ImageTagAlreadyExistsException",
    "NotAuthorized",
    "Unauthorized",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
)
"""The same codes in CloudTrail's spelling; EventBridge compares upper and lower case."""
_DENIED_ON = r"on resource: arn:[\w-]*:ecr[\w-]*:[^:]*:[^:]*:repository/([a-z0-9._/-]+)"


class ExpiredImage(msgspec.Struct):
    digest: str | None = None
    tagList: list[str] | None = None


class ImageAction(msgspec.Struct):
    lifecycleEventImage: ExpiredImage | None = None
    rulePriority: int | None = None
    failureCode: str | None = None


class LifecycleRule(msgspec.Struct):
    rulePriority: int | None = None
    action: str | None = None


class LifecyclePolicy(msgspec.Struct):
    """The policy; its id and the time identify one run of it."""

    lifecycleEventRules: list[LifecycleRule] | None = None
    policyId: str | None = None
    lastEvaluatedAt: int | float | str | None = None


class TlsDetails(msgspec.Struct):
    """How the call was encrypted; absent for the console and for calls between services."""

    tlsVersion: str | None = None


class LifecycleDetails(msgspec.Struct):
    omitted: bool | None = None
    repositoryName: str | None = None
    lifecycleEventPolicy: LifecyclePolicy | None = None
    lifecycleEventImageActions: list[ImageAction] | None = None


_lifecycle_details = msgspec.json.Decoder(LifecycleDetails | None).decode
_tls_details = msgspec.json.Decoder(TlsDetails | None).decode


def pull(record: Record) -> What | None:
    """BatchGetImage. The images are those requested, without those that were not found."""
    request = record.requestParameters or _NO_REQUEST
    asked = request.imageIds
    if asked is None:  # the call can't be made without
        return Pull((), omitted=True)
    response = record.responseElements
    if response is None or not response.failures:
        if len(asked) == 1:
            image = asked[0].imageDigest or asked[0].imageTag
            return _pull_of(image) if image else None
        images = tuple([image for each in asked if (image := each.imageDigest or each.imageTag)])
        return Pull(images) if images else None
    lost = {_ids(each.imageId) for each in response.failures if each.imageId}
    found = tuple([name for each in asked if (name := _ids(each)[0]) and _ids(each) not in lost])
    return Pull(found, asked=len(asked)) if found else None


@functools.lru_cache(4096)
def _pull_of(image: str) -> Pull:
    """One object for each image: most are pulled many times."""
    return Pull((image,))


def push(record: Record) -> What | None:
    """PutImage. The manifest, which the record holds twice, is never decoded."""
    request = record.requestParameters or _NO_REQUEST
    response = record.responseElements or _NO_RESPONSE
    image = response.image
    stored = (image.imageId if image else None) or ImageId()
    return Push(
        digest=stored.imageDigest or request.imageDigest,
        tag=stored.imageTag or request.imageTag,
        omitted=bool(request.omitted) and not stored.imageDigest,
    )


def delete_images(record: Record) -> What | None:
    """BatchDeleteImage: the deleted images of the response; without one, those of the request."""
    request = record.requestParameters or _NO_REQUEST
    response = record.responseElements or _NO_RESPONSE
    deleted = response.imageIds
    if deleted is None:
        deleted = request.imageIds or []
    tags = tuple(dict.fromkeys(each.imageTag for each in deleted if each.imageTag))
    images = _distinct(deleted)
    omitted = response.imageIds is None and (request.imageIds is None or bool(response.omitted))
    omitted = omitted or (bool(deleted) and not images)  # each has a digest or a tag
    return ImagesDeleted(images, tags, omitted=omitted) if images or omitted else None


def expire_images(record: Record) -> What | None:
    """PolicyExecutionEvent: a run of a lifecycle policy; failed or archived images don't count."""
    details = _lifecycle_details(record.serviceEventDetails) or LifecycleDetails()
    policy = details.lifecycleEventPolicy or LifecyclePolicy()
    kept = {
        rule.rulePriority
        for rule in policy.lifecycleEventRules or ()
        if rule.action and rule.action.casefold() != "expire"
    }
    gone = [
        action.lifecycleEventImage
        for action in details.lifecycleEventImageActions or ()
        if action.lifecycleEventImage
        and not action.failureCode
        and (action.rulePriority is None or action.rulePriority not in kept)
    ]
    digests = tuple(dict.fromkeys(image.digest for image in gone if image.digest))
    tags = tuple(dict.fromkeys(tag for image in gone for tag in image.tagList or ()))
    omitted = details.lifecycleEventImageActions is None or (bool(gone) and not digests)
    if not digests and not omitted:
        return None
    run = f"{policy.policyId} {policy.lastEvaluatedAt}" if policy.policyId else None
    return ImagesDeleted(digests, tags, expired=True, run=run, omitted=omitted)


def create_repository(record: Record) -> What | None:
    """CreateRepository. Only the response shows the initial settings; records of 2018 lack them."""
    response = record.responseElements or _NO_RESPONSE
    made = response.repository or Repository()
    scanning = made.imageScanningConfiguration
    return RepositoryCreated(
        tls=(_tls_details(record.tlsDetails) or TlsDetails()).tlsVersion,
        mutability=made.imageTagMutability,
        scan_on_push=scanning.scanOnPush if scanning else None,
        omitted=bool(response.omitted),
    )


def delete_repository(record: Record) -> What | None:
    """DeleteRepository, forced or not."""
    request = record.requestParameters or _NO_REQUEST
    return RepositoryDeleted(forced=bool(request.force), omitted=bool(request.omitted))


def set_policy(record: Record) -> What | None:
    """SetRepositoryPolicy, PutRegistryPolicy."""
    text, omitted = _shown(record, "policyText")
    return PolicySet(text, omitted=omitted)


def set_public_policy(record: Record) -> What | None:
    """ECR Public's SetRepositoryPolicy."""
    text, omitted = _shown(record, "policyText")
    return PolicySet(text, "ecr-public", omitted)


def set_repository_scanning(record: Record) -> What | None:
    """PutImageScanningConfiguration; `{}` means off (inferred from the API's default)."""
    scanning, omitted = _shown(record, "imageScanningConfiguration")
    return RepositoryScanningSet(bool(scanning and scanning.scanOnPush), omitted)


def set_registry_scanning(record: Record) -> What | None:
    """PutRegistryScanningConfiguration: replaces the registry's whole configuration."""
    request = record.requestParameters or _NO_REQUEST
    response = record.responseElements or _NO_RESPONSE
    now = response.registryScanningConfiguration or RegistryScanning()
    rules = now.rules if now.rules is not None else request.rules
    return RegistryScanningSet(
        scan_type=now.scanType or request.scanType or "BASIC",  # the API's default
        rules=tuple(
            ScanRule(rule.scanFrequency or "", _texts(rule.repositoryFilters))
            for rule in rules or ()
        ),
        omitted=rules is None and bool(request.omitted or response.omitted),
    )


def set_tag_mutability(record: Record) -> What | None:
    """PutImageTagMutability. The mode is required: a missing one was withheld."""
    mode, _ = _shown(record, "imageTagMutability")
    filters, _ = _shown(record, "imageTagMutabilityExclusionFilters")
    return TagMutabilitySet(mode or "", _texts(filters), omitted=not mode)


def set_lifecycle_policy(record: Record) -> What | None:
    """PutLifecyclePolicy."""
    text, omitted = _shown(record, "lifecyclePolicyText")
    return LifecyclePolicySet(text, omitted)


def denied(record: Record) -> CallDenied | None:
    """A call that was refused: a right was missing, or it would have moved an immutable tag."""
    code = (record.errorCode or "").rpartition(".")[2].casefold()
    if code not in REFUSALS:
        return None
    repository = (record.requestParameters or _NO_REQUEST).repositoryName
    if repository is None:
        if not isinstance(record, WideRecord):
            raise NeedsWideRecord
        named = re.search(_DENIED_ON, record.errorMessage or "")
        repository = named[1] if named else None
    return CallDenied(record.eventName or "", repository, REFUSALS[code])


def repository_of_service_event(record: Record) -> str | None:
    """The repository of a lifecycle policy's run; None for other records."""
    details = _lifecycle_details(record.serviceEventDetails)
    return details.repositoryName if details else None


def _distinct(images: Iterable[ImageId]) -> tuple[str, ...]:
    """Each image once: by digest, however many tags it has; by tag if there is no digest."""
    named = (each.imageDigest or each.imageTag for each in images)
    return tuple(dict.fromkeys(image for image in named if image))


def _texts(filters: list[Filter] | None) -> tuple[str, ...]:
    return tuple(each.filter for each in filters or () if each.filter)


def _shown(record: Record, member: str) -> tuple[Any, bool]:
    """A member of the request, or of the response if the request lacks it.

    And whether it is missing because CloudTrail withheld it.
    """
    request = record.requestParameters or _NO_REQUEST
    response = record.responseElements or _NO_RESPONSE
    value = getattr(request, member)
    if value is None:
        value = getattr(response, member)
    return value, value is None and bool(request.omitted)


def _ids(image: ImageId) -> tuple[str | None, str | None]:
    """How the call named an image: by digest or tag, and a tag beside a digest."""
    name = image.imageDigest or image.imageTag
    return name, image.imageTag if image.imageDigest else None
