"""What each ECR call did to images, read from its request and response.

Members are those of the ECR API (botocore's model). The response decides over the request: a
BatchDeleteImage can fail for some images without an errorCode, and only the response shows
defaults.
"""

import functools
from collections.abc import Iterable

import msgspec

from registrywatch.events import ImagesDeleted, Pull, Push, What
from registrywatch.sources.cloudtrail_record import NO_RESPONSE, WITHHELD, ImageId, Record


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


class LifecycleDetails(msgspec.Struct):
    omitted: bool | None = None
    repositoryName: str | None = None
    lifecycleEventPolicy: LifecyclePolicy | None = None
    lifecycleEventImageActions: list[ImageAction] | None = None


_lifecycle_details = msgspec.json.Decoder(LifecycleDetails | None).decode


def pull(record: Record) -> What | None:
    """BatchGetImage. The images are those requested, without those that were not found."""
    request = record.requestParameters or WITHHELD
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
    request = record.requestParameters or WITHHELD
    response = record.responseElements or NO_RESPONSE
    image = response.image
    stored = (image.imageId if image else None) or ImageId()
    return Push(
        digest=stored.imageDigest or request.imageDigest,
        tag=stored.imageTag or request.imageTag,
        omitted=bool(request.omitted) and not stored.imageDigest,
    )


def delete_images(record: Record) -> What | None:
    """BatchDeleteImage: the deleted images of the response; without one, those of the request."""
    request = record.requestParameters or WITHHELD
    response = record.responseElements or NO_RESPONSE
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


def repository_of_service_event(record: Record) -> str | None:
    """The repository of a lifecycle policy's run; None for other records."""
    details = _lifecycle_details(record.serviceEventDetails)
    return details.repositoryName if details else None


def _distinct(images: Iterable[ImageId]) -> tuple[str, ...]:
    """Each image once: by digest, however many tags it has; by tag if there is no digest."""
    named = (each.imageDigest or each.imageTag for each in images)
    return tuple(dict.fromkeys(image for image in named if image))


def _ids(image: ImageId) -> tuple[str | None, str | None]:
    """How the call named an image: by digest or tag, and a tag beside a digest."""
    name = image.imageDigest or image.imageTag
    return name, image.imageTag if image.imageDigest else None
