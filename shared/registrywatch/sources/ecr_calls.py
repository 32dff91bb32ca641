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
from registrywatch.sources.cloudtrail_record import Record


class Call(msgspec.Struct, frozen=True, gc=False):
    """What a call did, and to which repository of whose registry, as far as its request tells."""

    what: What | None
    repository: str | None = None
    registry_id: str | None = None


Reader = Callable[[Record], Call]


class ImageId(msgspec.Struct, gc=False):
    imageDigest: str | None = None
    imageTag: str | None = None


class ScanningConfiguration(msgspec.Struct):
    scanOnPush: bool | None = None


class Filter(msgspec.Struct):
    filter: str | None = None


class Repository(msgspec.Struct):
    repositoryName: str | None = None
    registryId: str | None = None
    imageTagMutability: str | None = None
    imageScanningConfiguration: ScanningConfiguration | None = None


class ToRepository(msgspec.Struct):
    """The members that requests to one repository have in common."""

    registryId: str | None = None
    repositoryName: str | None = None


class ImagesRequest(ToRepository):
    imageIds: list[ImageId] | None = None


class ImagesResponse(msgspec.Struct):
    imageIds: list[ImageId] | None = None


class PutImageRequest(ToRepository):
    imageTag: str | None = None
    imageDigest: str | None = None


class Image(msgspec.Struct):
    imageId: ImageId | None = None


class PutImageResponse(msgspec.Struct):
    image: Image | None = None


class RepositoryResponse(msgspec.Struct):
    repository: Repository | None = None


class DeleteRepositoryRequest(ToRepository):
    force: bool | None = None


class PolicyRequest(ToRepository):
    policyText: str | None = None


class RepositoryScanningRequest(ToRepository):
    imageScanningConfiguration: ScanningConfiguration | None = None


class ScanningRule(msgspec.Struct):
    scanFrequency: str | None = None
    repositoryFilters: list[Filter] | None = None


class RegistryScanning(msgspec.Struct):
    scanType: str | None = None
    rules: list[ScanningRule] | None = None


class RegistryScanningResponse(msgspec.Struct):
    registryScanningConfiguration: RegistryScanning | None = None


class TagMutabilityRequest(ToRepository):
    imageTagMutability: str | None = None
    imageTagMutabilityExclusionFilters: list[Filter] | None = None


class LifecycleRequest(ToRepository):
    lifecyclePolicyText: str | None = None


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


def _decoder[T](kind: type[T]) -> Callable[[msgspec.Raw], T | None]:
    """Decodes one part of a record; null, which also stands for absent, gives None."""
    return msgspec.json.Decoder(kind | None).decode


_images_request = _decoder(ImagesRequest)
_images_response = _decoder(ImagesResponse)
_put_image_request = _decoder(PutImageRequest)
_put_image_response = _decoder(PutImageResponse)
_to_repository = _decoder(ToRepository)
_repository_response = _decoder(RepositoryResponse)
_delete_repository_request = _decoder(DeleteRepositoryRequest)
_policy_request = _decoder(PolicyRequest)
_repository_scanning_request = _decoder(RepositoryScanningRequest)
_registry_scanning = _decoder(RegistryScanning)
_registry_scanning_response = _decoder(RegistryScanningResponse)
_tag_mutability_request = _decoder(TagMutabilityRequest)
_lifecycle_request = _decoder(LifecycleRequest)
_lifecycle_details = _decoder(LifecycleDetails)
_tls_details = _decoder(TlsDetails)


def pull(record: Record) -> Call:
    """BatchGetImage. CloudTrail has no response for it: the images are those asked for."""
    request = _images_request(record.requestParameters) or ImagesRequest()
    named = [each.imageDigest or each.imageTag for each in request.imageIds or ()]
    images = tuple([image for image in named if image])
    return Call(Pull(images) if images else None, request.repositoryName, request.registryId)


def push(record: Record) -> Call:
    """PutImage. The manifest, which is there twice, is never looked at."""
    request = _put_image_request(record.requestParameters) or PutImageRequest()
    image = (_put_image_response(record.responseElements) or PutImageResponse()).image
    stored = (image.imageId if image else None) or ImageId()
    what = Push(
        digest=stored.imageDigest or request.imageDigest, tag=stored.imageTag or request.imageTag
    )
    return Call(what, request.repositoryName, request.registryId)


def delete_images(record: Record) -> Call:
    """BatchDeleteImage: what the response says is gone; without a response, what was asked for."""
    request = _images_request(record.requestParameters) or ImagesRequest()
    deleted = (_images_response(record.responseElements) or ImagesResponse()).imageIds
    if deleted is None:
        deleted = request.imageIds or []
    tags = tuple(dict.fromkeys(each.imageTag for each in deleted if each.imageTag))
    what = ImagesDeleted(_distinct(deleted), tags)
    return Call(what if what.images else None, request.repositoryName, request.registryId)


def expire_images(record: Record) -> Call:
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
    what = ImagesDeleted(digests, tags, expired=True) if digests else None
    return Call(what, details.repositoryName)


def create_repository(record: Record) -> Call:
    """CreateRepository. What it was born with shows in the response only; 2018's lacks it."""
    request = _to_repository(record.requestParameters) or ToRepository()
    made = (
        _repository_response(record.responseElements) or RepositoryResponse()
    ).repository or Repository()
    scanning = made.imageScanningConfiguration
    what = RepositoryCreated(
        tls=(_tls_details(record.tlsDetails) or TlsDetails()).tlsVersion,
        mutability=made.imageTagMutability,
        scan_on_push=scanning.scanOnPush if scanning else None,
    )
    return Call(
        what,
        made.repositoryName or request.repositoryName,
        made.registryId or request.registryId,
    )


def delete_repository(record: Record) -> Call:
    """DeleteRepository, forced or not."""
    request = _delete_repository_request(record.requestParameters) or DeleteRepositoryRequest()
    what = RepositoryDeleted(forced=bool(request.force))
    return Call(what, request.repositoryName, request.registryId)


def set_policy(record: Record) -> Call:
    """SetRepositoryPolicy, PutRegistryPolicy."""
    request = _policy_request(record.requestParameters) or PolicyRequest()
    return Call(PolicySet(request.policyText), request.repositoryName, request.registryId)


def set_public_policy(record: Record) -> Call:
    """ECR Public's SetRepositoryPolicy."""
    request = _policy_request(record.requestParameters) or PolicyRequest()
    what = PolicySet(request.policyText, "ecr-public")
    return Call(what, request.repositoryName, request.registryId)


def set_repository_scanning(record: Record) -> Call:
    """PutImageScanningConfiguration; `{}` means off (inferred from the API's default)."""
    request = _repository_scanning_request(record.requestParameters) or RepositoryScanningRequest()
    scanning = request.imageScanningConfiguration
    what = RepositoryScanningSet(scan_on_push=bool(scanning and scanning.scanOnPush))
    return Call(what, request.repositoryName, request.registryId)


def set_registry_scanning(record: Record) -> Call:
    """PutRegistryScanningConfiguration: replaces the registry's whole configuration."""
    asked = _registry_scanning(record.requestParameters) or RegistryScanning()
    answer = _registry_scanning_response(record.responseElements) or RegistryScanningResponse()
    now = answer.registryScanningConfiguration or asked
    rules = now.rules if now.rules is not None else asked.rules
    what = RegistryScanningSet(
        scan_type=now.scanType or asked.scanType or "BASIC",  # the API's default
        rules=tuple(
            ScanRule(rule.scanFrequency or "", _texts(rule.repositoryFilters))
            for rule in rules or ()
        ),
    )
    return Call(what)


def set_tag_mutability(record: Record) -> Call:
    """PutImageTagMutability; without a mode nothing can be said of it."""
    request = _tag_mutability_request(record.requestParameters) or TagMutabilityRequest()
    mode = request.imageTagMutability
    what = (
        TagMutabilitySet(mode, _texts(request.imageTagMutabilityExclusionFilters)) if mode else None
    )
    return Call(what, request.repositoryName, request.registryId)


def set_lifecycle_policy(record: Record) -> Call:
    """PutLifecyclePolicy."""
    request = _lifecycle_request(record.requestParameters) or LifecycleRequest()
    what = LifecyclePolicySet(request.lifecyclePolicyText)
    return Call(what, request.repositoryName, request.registryId)


def _distinct(images: Iterable[ImageId]) -> tuple[str, ...]:
    """Each image once: by digest, however many tags; by tag where there is no digest."""
    named = (each.imageDigest or each.imageTag for each in images)
    return tuple(dict.fromkeys(image for image in named if image))


def _texts(filters: list[Filter] | None) -> tuple[str, ...]:
    return tuple(each.filter for each in filters or () if each.filter)
