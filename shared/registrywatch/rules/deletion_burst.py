"""Many images are deleted, in whatever portions and over however many repositories."""

from registrywatch.events import ImagesDeleted, RegistryEvent, RepositoryDeleted
from registrywatch.rules.rule import (
    CountBy,
    Counting,
    Crossing,
    Grade,
    Mitre,
    Rule,
    Seen,
    Trust,
    worst_caller,
)
from registrywatch.rules.sightings import deleted, deleted_together, expired
from registrywatch.rules.wording import named
from registrywatch.severity import Severity

_PROTECTED = "Protected tags are among them."


def _emptied(event: RegistryEvent, trust: Trust) -> Seen | None:
    """One of the two halves: images of a repository deleted, or it deleted without force."""
    if isinstance(event.what, RepositoryDeleted):
        return None if event.what.forced else (("repository",), False)
    found = deleted(event, trust)
    return (("images",), False) if found is not None and found[0] else None


def _grade(crossing: Crossing, trust: Trust) -> Grade:
    reasons = worst_caller(crossing.events, trust)
    if crossing.flagged:
        reasons = (*reasons, _PROTECTED)
    return _clean_up(crossing, reasons) or Grade(Severity.HIGH, reasons)


def _grade_together(crossing: Crossing, trust: Trust) -> Grade:
    reasons = worst_caller(crossing.events, trust)
    why = (
        "Each was deleted in one request together with another image. Some may be that image's "
        "signatures and SBOMs, which are deleted with it."
    )
    return _clean_up(crossing, reasons) or Grade(Severity.MEDIUM, (why, *reasons))


def _clean_up(crossing: Crossing, reasons: tuple[str, ...]) -> Grade | None:
    """Low if the repositories are familiar and there is no reason for more, else None."""
    if reasons or not crossing.familiar:
        return None
    why = "The actor has deleted images in each of these repositories before: a clean-up."
    return Grade(Severity.LOW, (why,))


def _grade_expired(crossing: Crossing, trust: Trust) -> Grade:  # noqa: ARG001
    if crossing.flagged:
        return Grade(Severity.MEDIUM, (_PROTECTED,))
    if crossing.familiar:
        return Grade(Severity.LOW, ("The lifecycle policy has expired images here before.",))
    return Grade(Severity.MEDIUM)


def _grade_emptied(crossing: Crossing, trust: Trust) -> Grade:
    why = (
        "A delete without force needs an empty repository. The same actor deleted images in it "
        "within a day before: together that has the effect of a forced delete."
    )
    summary = f"emptied {named(crossing.events[-1])} and deleted it, without force"
    return Grade(Severity.HIGH, (why, *worst_caller(crossing.events, trust)), summary)


_DONE: dict[CountBy, str] = {
    "images": "deleted {}",
    "repositories": "deleted images of {}",
    "calls": "deleted images {}",
}
_BY_ACTOR = Counting(
    sightings=deleted,
    done=_DONE,
    threshold=50,
    grade=_grade,
    reads=(ImagesDeleted,),
    familiar="delete",
    window_seconds=3600,
)
_BY_POLICY = Counting(
    sightings=expired,
    done={"images": "expired {} by a lifecycle policy"},
    threshold=50,
    grade=_grade_expired,
    reads=(ImagesDeleted,),
    familiar="delete",
    window_seconds=3600,
    group_by=("actor", "repository"),
)
_TOGETHER = Counting(
    sightings=deleted_together,
    done={"images": "deleted {} along with others"},
    threshold=50,
    grade=_grade_together,
    reads=(RepositoryDeleted,),
    familiar="delete",
    window_seconds=3600,
)
_EMPTIED = Counting(
    sightings=_emptied,
    done={"images": "deleted images in a repository and then the repository"},
    threshold=2,
    grade=_grade_emptied,
    window_seconds=86_400,
    group_by=("actor", "repository"),
)
_TITLE = "Many Images Deleted"
_MITRE = (Mitre("TA0040", "T1485"),)
_GRADES = (
    "It is high. If the actor has deleted images in each of the repositories before, at least a "
    "day ago, and no protected tag was lost, it is low: a clean-up."
)
_IMPACT = (
    "Deleted images can't be pulled: new nodes, restarts and roll-backs fail. Deleting images one "
    "by one or over many repositories does as much damage as one large call."
)

ECR_DELETION_BURST = Rule(
    name="ecr-deletion-burst",
    title=_TITLE,
    cloud="aws",
    mitre=_MITRE,
    reads=(ImagesDeleted, RepositoryDeleted),
    description=(
        "One actor deleted many distinct images within the window, over all repositories of a "
        f"region and in however many calls. {_GRADES} Images that lifecycle policies expire are "
        "counted for each repository, over all the records of a run: 50 within an hour are medium, "
        "low where the policy has expired images before. A repository that is deleted without "
        "force within a day after the same actor deleted images in it is high: no single event "
        "shows that a repository was emptied, but these two together do."
    ),
    impact=_IMPACT,
    mitigation=(
        "If it was not meant, remove the actor's right to delete at once: the deletion may still "
        "be running. Find out which images are gone and whether anything runs or restarts from "
        "them, and push them again from builds, replicas or nodes that still have them."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
    ),
    harmless=(
        "A clean-up job runs for the first time, or over repositories that are new to it.",
        "A lifecycle policy that was just added expires the images that had accumulated.",
        "Infrastructure as code empties and deletes the repositories of an environment.",
    ),
    counting=_BY_ACTOR,
    further=(_BY_POLICY, _EMPTIED),
)

ACR_DELETION_BURST = Rule(
    name="acr-deletion-burst",
    title=_TITLE,
    cloud="azure",
    mitre=_MITRE,
    reads=(ImagesDeleted, RepositoryDeleted),
    description=(
        "One identity deleted many distinct images of a registry within the window, over all its "
        "repositories; where the source names no identity, they are counted for the registry. "
        f"{_GRADES} If one request deletes several images, only the first is counted this way. The "
        "others may be its signatures and SBOMs and are counted separately: 50 within an hour are "
        "medium, or low under the same conditions. acr-forced-repository-deletion asks the "
        "registry whether the whole repository is gone."
    ),
    impact=_IMPACT,
    mitigation=(
        "If it was not meant, remove the right to delete at once: the deletion may still be "
        "running. Find out which images are gone and whether anything runs or restarts from them. "
        "Restore them from "
        "soft delete if the registry has it, and lock the images that production needs."
    ),
    references=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-delete",
        "https://learn.microsoft.com/azure/container-registry/container-registry-auto-purge",
    ),
    harmless=(
        "A scheduled `acr purge` task or a retention policy runs for the first time.",
        "A pipeline removes the images of closed pull requests.",
    ),
    counting=_BY_ACTOR,
    further=(_TOGETHER,),
)
