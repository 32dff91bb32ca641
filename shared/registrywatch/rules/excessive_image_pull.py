"""One actor pulls unusually many images."""

from registrywatch.events import Pull
from registrywatch.rules.grading.volume import GRADES, grade_volume
from registrywatch.rules.rule import Counting, Crossing, Grade, Mitre, Rule, Trust
from registrywatch.rules.sightings import pulled
from registrywatch.severity import Severity


def _grade(crossing: Crossing, trust: Trust) -> Grade:
    return grade_volume(crossing, trust, Severity.INFORMATIONAL)


_COUNTING = Counting(
    sightings=pulled,
    done={
        "images": "pulled {}",
        "repositories": "pulled from {}",
        "calls": "pulled {}",
    },
    threshold=100,
    grade=_grade,
    parts=True,
    familiar="pull",
)
_MITRE = (Mitre("TA0009", "T1530"),)
_GRADES = (
    f"{GRADES} If the actor has pulled from all of the repositories before, at least a day ago, "
    "it is informational: a cluster that scales out. If it has pulled from nine in ten of them, it "
    "is low."
)
_IMPACT = (
    "An intruder may be copying the registry. Images hold source code, configuration and sometimes "
    "credentials, and they show what to attack next."
)
_MITIGATION = (
    "Find out whether the caller is a cluster, a build or a mirror that you know, and whether it "
    "needs these images. If not, revoke its credentials, and replace secrets inside the images: "
    "others may know them. If so, raise the threshold or ignore the actor."
)

ECR_EXCESSIVE_IMAGE_PULL = Rule(
    name="ecr-excessive-image-pull",
    title="Excessive ECR Images Pulled",
    cloud="aws",
    mitre=_MITRE,
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
        f"{_GRADES}"
    ),
    impact=_IMPACT,
    mitigation=_MITIGATION,
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
    ),
    harmless=(
        "A new cluster or a wave of new nodes pulls every image it runs.",
        "A mirror, a back-up or a scanner reads the whole registry.",
        "Nodes of three or more platforms read more digests of an image than count as one.",
    ),
    counting=_COUNTING,
)

ACR_EXCESSIVE_IMAGE_PULL = Rule(
    name="acr-excessive-image-pull",
    title="Excessive DCR Images Pulled",
    cloud="azure",
    mitre=_MITRE,
    reads=(Pull,),
    description=(
        "One identity pulled unusually many distinct images of a registry within the window, as "
        "the registry's resource logs show; Event Grid has no event for pulls. The registry is its "
        "resource id, whichever replica served the pull. An image counts once, whichever client "
        "pulls it: the count is the larger of the number of tags and half the number of digests. "
        f"Requests that failed don't count. {_GRADES}"
    ),
    impact=_IMPACT,
    mitigation=_MITIGATION,
    references=(
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry-reference",
        "https://learn.microsoft.com/azure/container-registry/scan-images-defender",
    ),
    harmless=(
        "Defender's scanner reads images with an application's identity; ignore that actor.",
        "A new cluster or a wave of new nodes pulls every image it runs.",
        "Geo-replicas, ACR Tasks, mirrors and back-ups read what they need.",
    ),
    counting=_COUNTING,
)
