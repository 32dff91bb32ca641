"""What each ECR call did, read from its request and response.

Members are those of the ECR API (botocore's model). The response is believed over the request: a
BatchDeleteImage can fail for some images without an errorCode, and defaults show only there.
"""

from collections.abc import Callable, Iterable

import msgspec

from registrywatch.events import (
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
    Record,
    RegistryScanning,
    Repository,
    Request,
    Response,
)

Reader = Callable[[Record], What | None]

_NO_REQUEST = Request()
_NO_RESPONSE = Response()


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
    lifecycleEventRules: list[LifecycleRule] | None = None


class TlsDetails(msgspec.Struct):
    """How the call was encrypted; absent for the console and for calls between services."""

    tlsVersion: str | None = None


class LifecycleDetails(msgspec.Struct):
    repositoryName: str | None = None
    lifecycleEventPolicy: LifecyclePolicy | None = None
    lifecycleEventImageActions: list[ImageAction] | None = None


_lifecycle_details = msgspec.json.Decoder(LifecycleDetails | None).decode
_tls_details = msgspec.json.Decoder(TlsDetails | None).decode


def pull(record: Record) -> What | None:
    """BatchGetImage. CloudTrail has no response for it: the images are those asked for."""
    request = record.requestParameters or _NO_REQUEST
    named = [each.imageDigest or each.imageTag for each in request.imageIds or ()]
    images = tuple([image for image in named if image])
    return Pull(images) if images else None


def push(record: Record) -> What | None:
    """PutImage. The manifest, which is there twice, is never looked at."""
    request = record.requestParameters or _NO_REQUEST
    response = record.responseElements or _NO_RESPONSE
    image = response.image
    stored = (image.imageId if image else None) or ImageId()
    return Push(
        digest=stored.imageDigest or request.imageDigest, tag=stored.imageTag or request.imageTag
    )


def delete_images(record: Record) -> What | None:
    """BatchDeleteImage: what the response says is gone; without a response, what was asked for."""
    request = record.requestParameters or _NO_REQUEST
    response = record.responseElements or _NO_RESPONSE
    deleted = response.imageIds
    if deleted is None:
        deleted = request.imageIds or []
    tags = tuple(dict.fromkeys(each.imageTag for each in deleted if each.imageTag))
    images = _distinct(deleted)
    return ImagesDeleted(images, tags) if images else None


def expire_images(record: Record) -> What | None:
    """PolicyExecutionEvent: a lifecycle policy at work; images that failed or moved don't count."""
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
    return ImagesDeleted(digests, tags, expired=True) if digests else None


def create_repository(record: Record) -> What | None:
    """CreateRepository. What it was born with shows in the response only; 2018's lacks it."""
    response = record.responseElements or _NO_RESPONSE
    made = response.repository or Repository()
    scanning = made.imageScanningConfiguration
    return RepositoryCreated(
        tls=(_tls_details(record.tlsDetails) or TlsDetails()).tlsVersion,
        mutability=made.imageTagMutability,
        scan_on_push=scanning.scanOnPush if scanning else None,
    )


def delete_repository(record: Record) -> What | None:
    """DeleteRepository, forced or not."""
    request = record.requestParameters or _NO_REQUEST
    return RepositoryDeleted(forced=bool(request.force))


def set_policy(record: Record) -> What | None:
    """SetRepositoryPolicy, PutRegistryPolicy."""
    request = record.requestParameters or _NO_REQUEST
    return PolicySet(request.policyText)


def set_public_policy(record: Record) -> What | None:
    """ECR Public's SetRepositoryPolicy."""
    request = record.requestParameters or _NO_REQUEST
    return PolicySet(request.policyText, "ecr-public")


def set_repository_scanning(record: Record) -> What | None:
    """PutImageScanningConfiguration; `{}` means off (inferred from the API's default)."""
    request = record.requestParameters or _NO_REQUEST
    scanning = request.imageScanningConfiguration
    return RepositoryScanningSet(scan_on_push=bool(scanning and scanning.scanOnPush))


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
    )


def set_tag_mutability(record: Record) -> What | None:
    """PutImageTagMutability; without a mode nothing can be said of it."""
    request = record.requestParameters or _NO_REQUEST
    mode = request.imageTagMutability
    if not mode:
        return None
    return TagMutabilitySet(mode, _texts(request.imageTagMutabilityExclusionFilters))


def set_lifecycle_policy(record: Record) -> What | None:
    """PutLifecyclePolicy."""
    request = record.requestParameters or _NO_REQUEST
    return LifecyclePolicySet(request.lifecyclePolicyText)


def repository_of_service_event(record: Record) -> str | None:
    """The repository that a lifecycle policy was at work in; other records have no such part."""
    details = _lifecycle_details(record.serviceEventDetails)
    return details.repositoryName if details else None


def _distinct(images: Iterable[ImageId]) -> tuple[str, ...]:
    """Each image once: by digest, however many tags; by tag where there is no digest."""
    named = (each.imageDigest or each.imageTag for each in images)
    return tuple(dict.fromkeys(image for image in named if image))


def _texts(filters: list[Filter] | None) -> tuple[str, ...]:
    return tuple(each.filter for each in filters or () if each.filter)
