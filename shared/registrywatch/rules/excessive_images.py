"""One actor moves unusually many images: pulls or pushes, in either cloud."""

from registrywatch.events import Pull, Push
from registrywatch.rules.rule import Counting, Crossing, Grade, Mitre, Rule, Trust, worst_caller
from registrywatch.rules.sightings import pulled, pushed
from registrywatch.severity import Severity


def _grade(crossing: Crossing, trust: Trust, familiar: Severity) -> Grade:
    if worse := worst_caller(crossing.events, trust):
        return Grade(Severity.HIGH, worse)
    if crossing.familiar:
        why = "The actor did the same in each of these repositories before, at least a day ago."
        return Grade(familiar, (why,))
    if crossing.mostly_familiar:
        why = (
            f"Only {crossing.unfamiliar} of {crossing.repositories} repositories are new to the "
            "actor. The actor did the same in the others before, at least a day ago."
        )
        return Grade(Severity.LOW, (why,))
    return Grade(Severity.MEDIUM)


def _grade_pulls(crossing: Crossing, trust: Trust) -> Grade:
    return _grade(crossing, trust, Severity.INFORMATIONAL)


def _grade_pushes(crossing: Crossing, trust: Trust) -> Grade:
    return _grade(crossing, trust, Severity.LOW)


_PULLS = Counting(
    sightings=pulled,
    done={
        "images": "pulled {}",
        "repositories": "pulled from {}",
        "calls": "pulled {}",
    },
    threshold=100,
    grade=_grade_pulls,
    parts=True,
    familiar="pull",
)
_PUSHES = Counting(
    sightings=pushed,
    done={
        "images": "pushed {}",
        "repositories": "pushed to {}",
        "calls": "pushed {}",
    },
    threshold=50,
    grade=_grade_pushes,
    familiar="push",
)
_PULL_MITRE = (Mitre("TA0009", "T1530"),)
_PUSH_MITRE = (Mitre("TA0005", "T1578"),)
_GRADES = "Reaching the threshold is medium; by a foreign account or the root user it is high."
_PULL_GRADES = (
    f"{_GRADES} If the actor has pulled from all of the repositories before, at least a day ago, "
    "it is informational: a cluster that scales out. If it has pulled from nine in ten of them, it "
    "is low."
)
_PUSH_GRADES = (
    f"{_GRADES} If the actor has pushed to nine in ten of the repositories before, at least a day "
    "ago, it is low: a release, or a stolen build role."
)
_PULL_IMPACT = (
    "An intruder may be copying the registry. Images hold source code, configuration and sometimes "
    "credentials, and they show what to attack next."
)
_PUSH_IMPACT = (
    "An intruder may be replacing images with poisoned ones. Every machine that pulls them runs "
    "them, because it trusts the registry."
)
_PULL_MITIGATION = (
    "Find out whether the caller is a cluster, a build or a mirror that you know, and whether it "
    "needs these images. If not, revoke its credentials, and replace secrets inside the images: "
    "others may know them. If so, raise the threshold or ignore the actor."
)
_PUSH_MITIGATION = (
    "Find out whether the caller is a build that you know and does a job that you know. If not, "
    "revoke its credentials, stop deployments from the repositories it pushed to, and compare the "
    "digests with those of your builds. If so, raise the threshold or ignore the actor."
)

ECR_EXCESSIVE_IMAGE_PULL = Rule(
    name="ecr-excessive-image-pull",
    title="Excessive ECR Images Pulled",
    cloud="aws",
    mitre=_PULL_MITRE,
    reads=(Pull,),
    description=(
        "One actor pulled unusually many distinct images of this account's registry within the "
        "window. All sessions of a role are one actor. An image counts once, however often and by "
        "whichever client it is pulled: docker, containerd and others read a tag, the digest of an "
        "index and the digest of a platform, one by one. CloudTrail does not record which digest a "
        "tag refers to, so the count is the larger of two numbers: the distinct tags plus the "
        "digests in calls that name several images; and half of the digests that were requested "
        "one at a time. Images that a call did not find don't count, nor do pulls by AWS services, "
        "by the account's own service-linked roles, and from other accounts' registries. "
        f"{_PULL_GRADES}"
    ),
    impact=_PULL_IMPACT,
    mitigation=_PULL_MITIGATION,
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
    ),
    harmless=(
        "A new cluster or a wave of new nodes pulls every image it runs.",
        "A mirror, a back-up or a scanner reads the whole registry.",
        "Nodes of three or more platforms read more digests of an image than count as one.",
    ),
    counting=_PULLS,
)

ACR_EXCESSIVE_IMAGE_PULL = Rule(
    name="acr-excessive-image-pull",
    title="Excessive DCR Images Pulled",
    cloud="azure",
    mitre=_PULL_MITRE,
    reads=(Pull,),
    description=(
        "One identity pulled unusually many distinct images of a registry within the window, as "
        "the registry's resource logs show; Event Grid has no event for pulls. The registry is its "
        "resource id, whichever replica served the pull. An image counts once, whichever client "
        "pulls it: the count is the larger of the number of tags and half the number of digests. "
        f"Requests that failed don't count. {_PULL_GRADES}"
    ),
    impact=_PULL_IMPACT,
    mitigation=_PULL_MITIGATION,
    references=(
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry-reference",
        "https://learn.microsoft.com/azure/container-registry/scan-images-defender",
    ),
    harmless=(
        "Defender's scanner reads images with an application's identity; ignore that actor.",
        "A new cluster or a wave of new nodes pulls every image it runs.",
        "Geo-replicas, ACR Tasks, mirrors and back-ups read what they need.",
    ),
    counting=_PULLS,
)

ECR_EXCESSIVE_IMAGE_PUSH = Rule(
    name="ecr-excessive-image-push",
    title="Excessive ECR Image Pushed",
    cloud="aws",
    mitre=_PUSH_MITRE,
    reads=(Push,),
    description=(
        "One actor pushed unusually many distinct tagged images to ECR or ECR Public within the "
        "window. All sessions of a role are one actor. These don't count: the untagged manifests "
        "of a multi-platform build; a digest that only gets another tag; signatures, attestations "
        "and SBOMs (tags such as `sha256-….sig`); the layers of a build cache (tags of 64 hex "
        "digits, as kaniko writes them); and pushes by AWS services and by the account's own "
        "service-linked roles. A push whose tag CloudTrail withheld, because its manifest is too "
        f"large, counts. {_PUSH_GRADES}"
    ),
    impact=_PUSH_IMPACT,
    mitigation=_PUSH_MITIGATION,
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
    ),
    harmless=(
        "A release builds everything at once, or a monorepo rebuilds after a change of its base.",
        "A base image is tagged again in many repositories.",
        "A pull-through cache or replication fills a registry.",
    ),
    counting=_PUSHES,
)

ACR_EXCESSIVE_IMAGE_PUSH = Rule(
    name="acr-excessive-image-push",
    title="Excessive DCR Image Pushed",
    cloud="azure",
    mitre=_PUSH_MITRE,
    reads=(Push,),
    description=(
        "Unusually many distinct tagged images were pushed to a registry within the window, as "
        "Event Grid reports. Event Grid rarely names the identity that pushed: the pushes are then "
        "counted for the registry. The untagged manifests of a multi-platform build don't count, "
        "nor do "
        f"signatures, attestations and SBOMs (tags such as `sha256-….sig`). {_PUSH_GRADES}"
    ),
    impact=_PUSH_IMPACT,
    mitigation=_PUSH_MITIGATION,
    references=(
        "https://learn.microsoft.com/azure/event-grid/event-schema-container-registry",
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry-reference",
    ),
    harmless=(
        "A release builds everything at once, or images are imported from another registry.",
        "A base image is tagged again in many repositories.",
        "A connected registry delivers the pushes of a whole interval at once.",
    ),
    counting=_PUSHES,
)
