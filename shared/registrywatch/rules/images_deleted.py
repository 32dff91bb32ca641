"""Images are deleted from a repository that stays."""

from registrywatch.events import ImagesDeleted, RegistryEvent
from registrywatch.rules.rule import (
    Counting,
    Crossing,
    Finding,
    Grade,
    Mitre,
    Rule,
    Seen,
    Trust,
    alarming_caller,
    worst_caller,
)
from registrywatch.rules.sightings import deleted as deleted_images
from registrywatch.rules.sightings import expired as expired_images
from registrywatch.rules.wording import listed, named, number_of
from registrywatch.severity import Severity

SOME, MANY = 10, 50  # images: the least numbers for medium and for high


def _judge(event: RegistryEvent, deleted: ImagesDeleted, trust: Trust) -> Finding | None:
    if not deleted.images and not deleted.omitted:
        return None
    lost = trust.protected_among(deleted.tags)
    severity, reasons = _by_number(len(deleted.images), omitted=deleted.omitted)
    if lost:
        severity = severity.one_step_higher()
        reasons.append(f"Protected tags are among them, one step higher: {listed(lost)}.")
    if deleted.expired:
        severity = severity.one_step_lower()
        reasons.append("A lifecycle policy deleted them, one step lower.")
    if worse := alarming_caller(event, trust):
        floor = Severity.HIGH if trust.is_foreign(event) else Severity.MEDIUM
        severity = max(severity, floor)
        reasons += worse
    if deleted.omitted:
        severity = max(severity, Severity.MEDIUM)
    return Finding(
        severity,
        _summary(event, deleted, len(lost)),
        tuple(reasons),
        familiar=None if worse else "delete",
        occasion=f"{event.registry} {event.repository} {deleted.run} {severity.value}"
        if deleted.run
        else "",
    )


def _by_number(images: int, *, omitted: bool) -> tuple[Severity, list[str]]:
    """The severity of losing this many distinct images at once; `omitted`: perhaps many more."""
    if omitted:
        return Severity.HIGH, ["CloudTrail withheld the list of images: there may be many."]
    if images >= MANY:
        return Severity.HIGH, [f"{MANY} images or more at once are high."]
    if images >= SOME:
        return Severity.MEDIUM, [f"{SOME} to {MANY - 1} images at once are medium."]
    return Severity.LOW, [f"Fewer than {SOME} images at once are low."]


def _summary(event: RegistryEvent, deleted: ImagesDeleted, protected: int) -> str:
    number = len(deleted.images)
    images = "images" if deleted.omitted else number_of(number, "image")
    with_tags = ""
    if protected:
        of_them = "" if protected == number == 1 else f"{protected} "
        tags = "a protected tag" if protected == 1 else "protected tags"
        with_tags = f", {of_them}with {tags}"
    if deleted.expired:
        return f"expired {images} from {named(event)} by its lifecycle policy{with_tags}"
    return f"deleted {images} from {named(event)}{with_tags}"


def _few_deleted(event: RegistryEvent, trust: Trust) -> Seen | None:
    """Images of a record that has too few for `medium` by itself."""
    return _few(deleted_images(event, trust))


def _few_expired(event: RegistryEvent, trust: Trust) -> Seen | None:
    """The same of a lifecycle policy, whose runs ECR splits over records of a few images each."""
    return _few(expired_images(event, trust))


def _few(seen: Seen | None) -> Seen | None:
    return seen if seen is not None and len(seen[0]) < SOME else None


def _grade_portions(crossing: Crossing, trust: Trust) -> Grade:
    worse = worst_caller(crossing.events, trust)
    last = crossing.events[-1]
    severity, reasons = Severity.MEDIUM, ["They were deleted in portions, a few at a time."]
    if crossing.flagged:
        severity = severity.one_step_higher()
        reasons.append("Protected tags are among them, one step higher.")
    if worse:
        severity = max(severity, Severity.HIGH if trust.is_foreign(last) else Severity.MEDIUM)
        reasons += worse
    elif crossing.familiar:
        severity = severity.one_step_lower()
        reasons.append("The actor has deleted images here before, one step lower.")
    did = f"deleted {number_of(crossing.count, 'image')} from {named(last)} in several calls"
    return Grade(severity, tuple(reasons), did)


def _grade_run(crossing: Crossing, _: Trust) -> Grade:
    severity = Severity.LOW
    reasons = ["A lifecycle policy deleted them, one step lower. ECR reports a few at a time."]
    if crossing.flagged:
        severity = severity.one_step_higher()
        reasons.append("Protected tags are among them, one step higher.")
    if crossing.familiar:
        severity = severity.one_step_lower()
        reasons.append("The lifecycle policy has expired images here before, one step lower.")
    images, where = number_of(crossing.count, "image"), named(crossing.events[-1])
    return Grade(severity, tuple(reasons), f"expired {images} from {where} by its lifecycle policy")


_IN_PORTIONS = Counting(
    sightings=_few_deleted,
    done={"images": "deleted {} in portions"},
    threshold=SOME,
    grade=_grade_portions,
    familiar="delete",
    window_seconds=3600,
    group_by=("actor", "repository"),
)
_IN_A_RUN = Counting(
    sightings=_few_expired,
    done={"images": "expired {} by a lifecycle policy"},
    threshold=SOME,
    grade=_grade_run,
    familiar="delete",
    window_seconds=3600,
    group_by=("actor", "repository"),
)
_TITLE = "Images Within a Repository Deleted"
_MITRE = (Mitre("TA0040", "T1485"),)
_GRADES = (
    "1 to 9 images are low, 10 to 49 medium, 50 or more high. With a protected tag among them it "
    "is one step higher. If the actor has deleted images in this repository before, at least a day "
    "ago, it is one step lower."
)
_IMPACT = (
    "Deleted images cannot be pulled: new nodes, restarts and roll-backs fail. Evidence of what "
    "ran may be lost too."
)

ECR_IMAGES_DELETED = Rule(
    name="ecr-images-deleted",
    title=_TITLE,
    cloud="aws",
    mitre=_MITRE,
    reads=(ImagesDeleted,),
    description=(
        "Images were deleted from a repository of ECR or ECR Public, by a call or by a lifecycle "
        f"policy. {_GRADES} By the account's root user it is at least medium, by a foreign account "
        "high. Expiry by a lifecycle policy is one step lower. Images that are deleted a few at a "
        "time are also counted together, for one actor and repository in an hour; so are those "
        "that one run of a lifecycle policy expires. Images count by digest, however "
        "many tags they had, and only if the response lists them as deleted."
    ),
    impact=_IMPACT,
    mitigation=(
        "Find out which images are gone and whether anything runs or restarts from them. If "
        "it was not meant, remove the actor's right to delete. Push the images again from a "
        "build or from a node that still has them. Look for further deletions by the same actor."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/delete_image.html",
    ),
    harmless=(
        "A clean-up job or CDK's garbage collection removes old builds.",
        "Untagged images are pruned by digest.",
        "A lifecycle policy expires what it is meant to expire.",
    ),
    judge=_judge,
    further=(_IN_PORTIONS, _IN_A_RUN),
)

ACR_IMAGES_DELETED = Rule(
    name="acr-images-deleted",
    title=_TITLE,
    cloud="azure",
    mitre=_MITRE,
    reads=(ImagesDeleted,),
    description=(
        "Images were deleted from a repository of Azure Container Registry; the repository itself "
        f"is still there. {_GRADES} Azure reports each image separately, so most alerts are about "
        "one image. Those of one actor and repository in an hour are also counted together, and "
        "acr-deletion-burst counts them over all repositories. The deletion of a whole "
        "repository raises acr-forced-repository-deletion instead."
    ),
    impact=_IMPACT,
    mitigation=(
        "Find out which images are gone and whether anything runs or restarts from them. If "
        "it was not meant, remove the actor's right to delete. Restore the images from soft "
        "delete if the registry has it. Lock the images that production needs."
    ),
    references=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-delete",
        "https://learn.microsoft.com/azure/container-registry/container-registry-image-lock",
    ),
    harmless=(
        "A retention policy or a scheduled `acr purge` task removes old manifests.",
        "A build pipeline removes the images of closed pull requests.",
    ),
    judge=_judge,
    further=(_IN_PORTIONS,),
)
