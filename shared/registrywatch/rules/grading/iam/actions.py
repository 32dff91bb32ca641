"""What a statement of a resource policy lets its principals do: push, pull, or neither."""

from typing import Literal

import msgspec

from registrywatch.globs import matches
from registrywatch.rules.grading.policy_json import NotUnderstood, as_texts
from registrywatch.rules.wording import listed

Service = Literal["ecr", "ecr-public"]

PULL = ("BatchGetImage", "GetDownloadUrlForLayer")

# Whatever puts an image in place, or changes or deletes a repository, its images or its policies.
PUSH = (
    "PutImage",
    "ReplicateImage",
    "BatchImportUpstreamImage",
    "BatchDeleteImage",
    "UpdateImageStorageClass",
    "CreateRepository",
    "DeleteRepository",
    "SetRepositoryPolicy",
    "DeleteRepositoryPolicy",
    "PutRegistryPolicy",
    "DeleteRegistryPolicy",
    "PutLifecyclePolicy",
    "DeleteLifecyclePolicy",
    "PutImageTagMutability",
    "PutImageScanningConfiguration",
    "PutRegistryScanningConfiguration",
    "PutReplicationConfiguration",
    "PutRepositoryCatalogData",
    "PutRegistryCatalogData",
    "TagResource",
    "UntagResource",
)


class Access(msgspec.Struct, frozen=True):
    """What is allowed; `told` says it as the policy does."""

    push: bool
    pull: bool
    told: str


def access(statement: dict[str, object], service: Service) -> Access:
    """What `statement` names in Action, or leaves out in NotAction. Raises NotUnderstood."""
    if ("Action" in statement) == ("NotAction" in statement):
        raise NotUnderstood("it has not exactly one of Action and NotAction")
    name = "Action" if "Action" in statement else "NotAction"
    patterns = as_texts(statement[name], name)
    folded = set(map(str.casefold, patterns))
    inverted = name == "NotAction"
    may = "everything but " if inverted else ""
    return Access(
        push=_any_of(PUSH, service, folded, inverted),
        pull=_any_of(PULL, service, folded, inverted),
        told=may + listed(patterns),
    )


def _any_of(actions: tuple[str, ...], service: Service, patterns: set[str], inverted: bool) -> bool:
    return any(
        any(matches(pattern, name) for pattern in patterns) is not inverted
        for name in (f"{service}:{action}".casefold() for action in actions)
    )
