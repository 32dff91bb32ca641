"""Images are deleted from a repository that stays."""

from registrywatch.events import ImagesDeleted, RegistryEvent
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import counted, listed, named
from registrywatch.severity import Severity


def _judge(event: RegistryEvent, deleted: ImagesDeleted, trust: Trust) -> Finding | None:
    images = counted(len(deleted.images), "image")
    if not deleted.images:
        return None
    severity = _severity(len(deleted.images))
    reasons = [f"{images} went in one go."]
    protected = [tag for tag in deleted.tags if tag in trust.protected_tags]
    if protected:
        severity = max(severity, Severity.HIGH)
        reasons.append(f"Protected tags are among them: {listed(protected)}.")
    if not deleted.expired:
        return Finding(severity, f"deleted {images} from {named(event)}", tuple(reasons))
    reasons.append("A lifecycle policy did it, which is one step lower.")
    summary = f"expired {images} from {named(event)} by its lifecycle policy"
    return Finding(severity.one_step_lower(), summary, tuple(reasons))


def _severity(images: int) -> Severity:
    if images >= 50:
        return Severity.HIGH
    return Severity.MEDIUM if images >= 10 else Severity.LOW


_TITLE = "Images Within a Repository Deleted"
_MITRE = (Mitre("TA0040", "T1485"),)
_GRADES = (
    "Up to 9 images are low, 10 to 49 medium, 50 or more high; a protected tag among them makes it "
    "at least high."
)
_IMPACT = (
    "What is gone can't be pulled: new nodes, restarts and roll-backs fail, and evidence of what "
    "ran may go with it."
)

ECR_IMAGES_DELETED = Rule(
    name="ecr-images-deleted",
    title=_TITLE,
    cloud="aws",
    mitre=_MITRE,
    reads=(ImagesDeleted,),
    description=(
        "Images were really deleted from a repository of ECR or ECR Public, by a call or by a "
        f"lifecycle policy. {_GRADES} Images count by digest, however many tags they had, and only "
        "those that the response calls deleted. What a lifecycle policy expires is one step lower."
    ),
    impact=_IMPACT,
    mitigation=(
        "Find out which images are gone and whether anything runs or restarts from them. If it was "
        "not meant, take away the caller's right to delete, push the images again from a build or "
        "from a node that still has them, and look for further deletions by the same identity."
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
)

ACR_IMAGES_DELETED = Rule(
    name="acr-images-deleted",
    title=_TITLE,
    cloud="azure",
    mitre=_MITRE,
    reads=(ImagesDeleted,),
    description=(
        "Images were deleted from a repository of Azure Container Registry, while the repository "
        f"itself stays. {_GRADES} Azure tells of each image by itself, though: an alert is about "
        "one image, and deletes one by one stay low however many they are; what follows the first "
        "comes as one follow-up that says how many. Deletes that belong to the delete of their "
        "whole repository are told by acr-forced-repository-deletion."
    ),
    impact=_IMPACT,
    mitigation=(
        "Find out which images are gone and whether anything runs or restarts from them. If it was "
        "not meant, take away the caller's right to delete, restore from soft delete if the "
        "registry has it, and lock the images that production needs."
    ),
    references=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-delete",
        "https://learn.microsoft.com/azure/container-registry/container-registry-image-lock",
    ),
    harmless=(
        "A retention policy or a scheduled `acr purge` task removes old manifests, many at once.",
        "A build pipeline removes the images of closed pull requests.",
    ),
    judge=_judge,
)
