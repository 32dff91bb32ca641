"""A repository is deleted together with the images in it."""

from registrywatch.events import RegistryEvent, RepositoryDeleted
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust, alarming_caller
from registrywatch.rules.wording import counted, named
from registrywatch.severity import Severity


def _judge_ecr(event: RegistryEvent, deleted: RepositoryDeleted, trust: Trust) -> Finding | None:
    if not deleted.forced:
        return None
    return _finding(event, deleted, trust, "It was forced, so images don't hinder it.")


def _judge_acr(event: RegistryEvent, deleted: RepositoryDeleted, trust: Trust) -> Finding | None:
    if not deleted.forced:
        why = (
            "The repository was gone soon after an image of it was deleted: it was its last one, "
            "or the whole repository was deleted. How many images it held was not known."
        )
        return Finding(Severity.MEDIUM, f"removed the repository {named(event)}", (why,))
    if event.repository is None:
        worse = alarming_caller(event, trust)
        return Finding(
            Severity.CRITICAL if worse else Severity.HIGH,
            "deleted a whole registry with all its repositories",
            (*worse, "Every image of every repository goes with the registry."),
        )
    return _finding(event, deleted, trust, "On Azure all images of a repository go with it.")


def _finding(event: RegistryEvent, deleted: RepositoryDeleted, trust: Trust, why: str) -> Finding:
    worse = alarming_caller(event, trust)
    lost = (
        "with all its images"
        if deleted.images_lost is None
        else f"with its {counted(deleted.images_lost, 'image')}"
    )
    return Finding(
        Severity.CRITICAL if worse else Severity.HIGH,
        f"deleted the repository {named(event)} {lost}",
        (*worse, why),
    )


_TITLE = "Forced Repository Deleted"
_MITRE = (Mitre("TA0005", "T1578"),)
_IMPACT = (
    "Every image of the repository is gone at once, its history and its settings too. Whatever "
    "pulls from it fails at the next start; it is also a way to remove traces."
)

ECR_FORCED_REPOSITORY_DELETION = Rule(
    name="ecr-forced-repository-deletion",
    title=_TITLE,
    cloud="aws",
    mitre=_MITRE,
    reads=(RepositoryDeleted,),
    description=(
        "A repository of ECR or ECR Public was deleted with `force`, which takes its images along. "
        "It is high; critical if the account's root user or somebody of a foreign account did it. "
        "A delete without force succeeds on an empty repository only and raises nothing here."
    ),
    impact=_IMPACT,
    mitigation=(
        "Ask whoever deleted it. If it was not meant, stop the identity, create the repository "
        "again with its policy and settings, push the images from builds, replicas or nodes that "
        "still have them, and look for the same in other repositories and regions."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-delete.html",
    ),
    harmless=(
        "An environment is torn down by infrastructure as code.",
        "CDK's bootstrap repository or one of a pull request's preview is removed.",
    ),
    judge=_judge_ecr,
)

ACR_FORCED_REPOSITORY_DELETION = Rule(
    name="acr-forced-repository-deletion",
    title=_TITLE,
    cloud="azure",
    mitre=_MITRE,
    reads=(RepositoryDeleted,),
    description=(
        "A whole repository of Azure Container Registry was deleted, or a registry with all of "
        "them. Azure knows no unforced delete: the images always go along. It is high; critical if "
        "the caller is known to be of a foreign account. The deletes of its single images are not "
        "told again. A repository found gone after single images were deleted, where it is not "
        "known how many there were, is medium: it may have been the last image."
    ),
    impact=_IMPACT,
    mitigation=(
        "Ask whoever deleted it. If it was not meant, stop the identity, restore from soft delete "
        "if the registry has it, else push the images from builds or nodes that still have them, "
        "and lock repositories that production needs against deletion."
    ),
    references=(
        "https://learn.microsoft.com/azure/container-registry/container-registry-delete",
        "https://learn.microsoft.com/cli/azure/acr/repository",
    ),
    harmless=(
        "An environment is torn down by infrastructure as code.",
        "The repository of a closed pull request or a retired service is removed.",
    ),
    judge=_judge_acr,
)
