"""One actor pushes unusually many images."""

from registrywatch.events import Push
from registrywatch.rules.grading.volume import GRADES, grade_volume
from registrywatch.rules.rule import Counting, Crossing, Grade, Mitre, Rule, Trust
from registrywatch.rules.sightings import pushed
from registrywatch.severity import Severity


def _grade(crossing: Crossing, trust: Trust) -> Grade:
    return grade_volume(crossing, trust, Severity.LOW)


_COUNTING = Counting(
    sightings=pushed,
    done={
        "images": "pushed {}",
        "repositories": "pushed to {}",
        "calls": "pushed {}",
    },
    threshold=50,
    grade=_grade,
    familiar="push",
)
_MITRE = (Mitre("TA0005", "T1578"),)
_GRADES = (
    f"{GRADES} If the actor has pushed to nine in ten of the repositories before, at least a day "
    "ago, it is low: a release, or a stolen build role."
)
_IMPACT = (
    "An intruder may be replacing images with poisoned ones. Every machine that pulls them runs "
    "them, because it trusts the registry."
)
_MITIGATION = (
    "Find out whether the caller is a build that you know and does a job that you know. If not, "
    "revoke its credentials, stop deployments from the repositories it pushed to, and compare the "
    "digests with those of your builds. If so, raise the threshold or ignore the actor."
)

ECR_EXCESSIVE_IMAGE_PUSH = Rule(
    name="ecr-excessive-image-push",
    title="Excessive ECR Image Pushed",
    cloud="aws",
    mitre=_MITRE,
    reads=(Push,),
    description=(
        "One actor pushed unusually many distinct tagged images to ECR or ECR Public within the "
        "window. All sessions of a role are one actor. These don't count: the untagged manifests "
        "of a multi-platform build; a digest that only gets another tag; signatures, attestations "
        "and SBOMs (tags such as `sha256-….sig`); the layers of a build cache (tags of 64 hex "
        "digits, as kaniko writes them); and pushes by AWS services and by the account's own "
        "service-linked roles. A push whose tag CloudTrail withheld, because its manifest is too "
        f"large, counts. {_GRADES}"
    ),
    impact=_IMPACT,
    mitigation=_MITIGATION,
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
    ),
    harmless=(
        "A release builds everything at once, or a monorepo rebuilds after a change of its base.",
        "A base image is tagged again in many repositories.",
        "A pull-through cache or replication fills a registry.",
    ),
    counting=_COUNTING,
)

ACR_EXCESSIVE_IMAGE_PUSH = Rule(
    name="acr-excessive-image-push",
    title="Excessive DCR Image Pushed",
    cloud="azure",
    mitre=_MITRE,
    reads=(Push,),
    description=(
        "Unusually many distinct tagged images were pushed to a registry within the window, as "
        "Event Grid reports. Event Grid rarely names the identity that pushed: the pushes are then "
        "counted for the registry. The untagged manifests of a multi-platform build don't count, "
        "nor do "
        f"signatures, attestations and SBOMs (tags such as `sha256-….sig`). {_GRADES}"
    ),
    impact=_IMPACT,
    mitigation=_MITIGATION,
    references=(
        "https://learn.microsoft.com/azure/event-grid/event-schema-container-registry",
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry-reference",
    ),
    harmless=(
        "A release builds everything at once, or images are imported from another registry.",
        "A base image is tagged again in many repositories.",
        "A connected registry delivers the pushes of a whole interval at once.",
    ),
    counting=_COUNTING,
)
