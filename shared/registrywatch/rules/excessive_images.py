"""One actor moves unusually many images: pulls or pushes, in either cloud."""

from collections.abc import Iterable

from registrywatch.events import Pull, Push, RegistryEvent
from registrywatch.rules.rule import Counting, Mitre, Rule, Trust, alarming_caller
from registrywatch.severity import Severity


def excess_severity(
    events: Iterable[RegistryEvent], trust: Trust
) -> tuple[Severity, tuple[str, ...]]:
    """How bad a crossed threshold is, by the events at hand, and what makes it worse."""
    worse = tuple(dict.fromkeys(why for event in events for why in alarming_caller(event, trust)))
    return Severity.HIGH if worse else Severity.MEDIUM, worse


def _pulled(event: RegistryEvent) -> tuple[str, ...]:
    """The images read; none where a service acts, or where another account owns the registry."""
    pulled = event.what
    if event.actor.type == "AWSService" or not isinstance(pulled, Pull):
        return ()
    if event.seen_in is not None and event.seen_in != event.account:
        return ()
    return pulled.images


def _pushed(event: RegistryEvent) -> tuple[str, ...]:
    """The image that got a tag; untagged manifests are parts of a multi-platform image."""
    push = event.what
    if event.actor.type == "AWSService" or not isinstance(push, Push) or not push.tag:
        return ()
    return (push.digest or push.tag,)


_PULLS = Counting(sightings=_pulled, done="pulled", threshold=100)
_PUSHES = Counting(sightings=_pushed, done="pushed", threshold=50)
_PULL_MITRE = (Mitre("TA0009", "T1530"),)
_PUSH_MITRE = (Mitre("TA0005", "T1578"),)
_GRADES = "Reaching the threshold is medium; by a foreign account or the root user it is high."
_PULL_IMPACT = (
    "Somebody may be copying the registry: images hold source code, configuration, now and then "
    "credentials, and tell an intruder what to attack next."
)
_PUSH_IMPACT = (
    "Somebody may be replacing images with poisoned ones. What pulls them runs them with the trust "
    "that the registry enjoys, on many machines at once."
)
_PULL_MITIGATION = (
    "Find out whether the caller is a cluster, a build or a mirror that you know, and whether the "
    "images are those it needs. If not, revoke its credentials, treat secrets inside the images as "
    "known to others, and replace them. If so, raise the threshold or ignore the actor."
)
_PUSH_MITIGATION = (
    "Find out whether the caller is a build that you know and is doing a job that you know. If "
    "not, revoke its credentials, stop deployments from the repositories it pushed to, and compare "
    "digests with those of your builds. If so, raise the threshold or ignore the actor."
)

ECR_EXCESSIVE_IMAGE_PULL = Rule(
    name="ecr-excessive-image-pull",
    title="Excessive ECR Images Pulled",
    cloud="aws",
    mitre=_PULL_MITRE,
    reads=(Pull,),
    description=(
        "One actor, by its role and whatever its sessions are called, pulled unusually many "
        "distinct images of this account's registry within the window. The same image again "
        "counts once, and one call can hold up to 100 images. Calls of an AWS service on its own "
        f"account and pulls from other accounts' registries don't count. {_GRADES}"
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
        "Each image of several platforms is read by tag and again by digest.",
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
        "the registry's resource logs tell; Event Grid knows no pulls. Look-ups that failed don't "
        f"count, and the same image again counts once. {_GRADES}"
    ),
    impact=_PULL_IMPACT,
    mitigation=_PULL_MITIGATION,
    references=(
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry-reference",
        "https://learn.microsoft.com/azure/container-registry/scan-images-defender",
    ),
    harmless=(
        "Defender's scanner reads images under the id of an application; ignore that actor.",
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
        "One actor, by its role and whatever its sessions are called, pushed unusually many "
        "distinct tagged images to ECR or ECR Public within the window. The untagged manifests of "
        "a multi-platform build and a digest that only gets another tag don't count, nor do calls "
        f"of an AWS service on its own account. {_GRADES}"
    ),
    impact=_PUSH_IMPACT,
    mitigation=_PUSH_MITIGATION,
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
    ),
    harmless=(
        "A release builds everything at once, or a monorepo rebuilds after a change of its base.",
        "Signatures, SBOMs and attestations are pushed under tags beside each image.",
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
        "Event Grid tells. Event Grid rarely names who pushed: the count is then the registry's. "
        f"The untagged manifests of a multi-platform build don't count. {_GRADES}"
    ),
    impact=_PUSH_IMPACT,
    mitigation=_PUSH_MITIGATION,
    references=(
        "https://learn.microsoft.com/azure/event-grid/event-schema-container-registry",
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry-reference",
    ),
    harmless=(
        "A release builds everything at once, or images are imported from another registry.",
        "Signatures, SBOMs and attestations are pushed under tags beside each image.",
        "A connected registry delivers a whole interval's pushes in one go.",
    ),
    counting=_PUSHES,
)
