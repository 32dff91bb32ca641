"""A repository is deleted together with the images in it."""

from registrywatch.events import RegistryDeleted, RegistryEvent, RepositoryDeleted
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust, alarming_caller
from registrywatch.rules.wording import named, number_of, shown, the_repository
from registrywatch.severity import Severity


def _judge_ecr(event: RegistryEvent, deleted: RepositoryDeleted, trust: Trust) -> Finding | None:
    if deleted.omitted:
        why = "CloudTrail withheld whether the delete was forced."
        return _finding(event, deleted, trust, why)
    if not deleted.forced:
        return None
    why = "The delete was forced: the images in the repository were deleted too."
    return _finding(event, deleted, trust, why)


def _judge_acr(
    event: RegistryEvent, deleted: RepositoryDeleted | RegistryDeleted, trust: Trust
) -> Finding | None:
    if isinstance(deleted, RegistryDeleted):
        return _registry_finding(event, shown(deleted.resource.rpartition("/")[2]), trust)
    if event.repository is None:
        return _unnamed_finding(event, trust)
    if deleted.assumed:
        why = (
            "One request deleted several images. That may be the whole repository, or an image "
            "with its signature and SBOM. The registry was not asked whether the repository still "
            "exists."
        )
        did = f"deleted several images of {named(event)} at once, perhaps the whole repository"
        return Finding(Severity.MEDIUM, did, (why, *alarming_caller(event, trust)))
    if not deleted.forced:
        why = (
            "The repository was gone soon after an image of it was deleted: either that was its "
            "last image, or the whole repository was deleted. The number of its images is not "
            "known."
        )
        did = f"removed {the_repository(event)}"
        return Finding(Severity.MEDIUM, did, (why, *alarming_caller(event, trust)))
    why = "On Azure, deleting a repository deletes all its images."
    return _finding(event, deleted, trust, why)


def _registry_finding(event: RegistryEvent, registry: str, trust: Trust) -> Finding:
    worse = alarming_caller(event, trust)
    return Finding(
        Severity.CRITICAL if worse else Severity.HIGH,
        f"deleted the whole registry {registry} with all its repositories",
        (*worse, "All images of all its repositories are deleted with the registry."),
    )


def _unnamed_finding(event: RegistryEvent, trust: Trust) -> Finding:
    worse = alarming_caller(event, trust)
    where = f"of the registry {shown(event.registry)} " if event.registry else ""
    return Finding(
        Severity.CRITICAL if worse else Severity.HIGH,
        f"deleted something {where}that the event does not name",
        (*worse, "The event names neither a repository nor an image: perhaps a whole repository."),
    )


def _finding(event: RegistryEvent, deleted: RepositoryDeleted, trust: Trust, why: str) -> Finding:
    worse = alarming_caller(event, trust)
    lost = (
        "with all its images"
        if deleted.images_lost is None
        else f"with its {number_of(deleted.images_lost, 'image')}"
    )
    return Finding(
        Severity.CRITICAL if worse else Severity.HIGH,
        f"deleted {the_repository(event)} {lost}",
        (*worse, why),
    )


_TITLE = "Forced Repository Deleted"
_MITRE = (Mitre("TA0005", "T1578"),)
_IMPACT = (
    "Every image of the repository is gone at once, with the repository's history and settings. "
    "Workloads that pull from it fail at their next start. Intruders also do this to remove traces."
)

ECR_FORCED_REPOSITORY_DELETION = Rule(
    name="ecr-forced-repository-deletion",
    title=_TITLE,
    cloud="aws",
    mitre=_MITRE,
    reads=(RepositoryDeleted,),
    description=(
        "A repository of ECR or ECR Public was deleted with `force`, which deletes the images in "
        "it too. It is high; critical if the account's root user or a foreign account did it. A "
        "delete without `force` succeeds only on an empty repository, and raises no alert of this "
        "rule."
    ),
    impact=_IMPACT,
    mitigation=(
        "Ask the actor whether they meant it. If not, disable their credentials. Create "
        "the repository again with its policy and settings. Push the images from builds, "
        "replicas or nodes that still have them. Check whether other repositories and regions are "
        "affected too."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-delete.html",
    ),
    harmless=(
        "Infrastructure as code tears an environment down.",
        "CDK's bootstrap repository, or the repository of a pull request's preview, is removed.",
    ),
    judge=_judge_ecr,
)

ACR_FORCED_REPOSITORY_DELETION = Rule[RepositoryDeleted | RegistryDeleted](
    name="acr-forced-repository-deletion",
    title=_TITLE,
    cloud="azure",
    mitre=_MITRE,
    reads=(RepositoryDeleted, RegistryDeleted),
    description=(
        "A whole repository of Azure Container Registry was deleted, or a registry with all its "
        "repositories. Azure has no unforced delete: the images are always deleted too. It is "
        "high; critical if the actor is known to belong to a foreign account. If one request "
        "deletes several images, the registry is asked whether it still has the repository. If it "
        "has not, the whole repository was deleted; if it cannot be asked, as in a replay, the "
        "alert is medium. It is also medium if a repository is gone after single images were "
        "deleted and it is not known how many images it had."
    ),
    impact=_IMPACT,
    mitigation=(
        "Ask the actor whether they meant it. If not, disable their credentials. Restore "
        "from soft delete if the registry has it, else push the images from builds or nodes that "
        "still have them. Lock the repositories that production needs against deletion."
    ),
    references=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-delete",
        "https://learn.microsoft.com/cli/azure/acr/repository",
    ),
    harmless=(
        "Infrastructure as code tears an environment down.",
        "The repository of a closed pull request or a retired service is removed.",
        "An image was deleted together with its signature and SBOM, in one request.",
    ),
    judge=_judge_acr,
)
