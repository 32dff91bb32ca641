"""What a statement lets its principals do, as bits over the actions of the service.

The actions are ECR's operations (botocore's model) and the permissions that have no operation of
their own. One more bit stands for any other action that a policy names.
"""

from typing import Literal

import msgspec

from registrywatch.globs import matches, matches_everything
from registrywatch.rules.grading.policy_json import NotUnderstood, as_texts
from registrywatch.rules.wording import listed

Service = Literal["ecr", "ecr-public"]

_PULL = ("BatchGetImage", "GetDownloadUrlForLayer")

# Puts an image in place, changes or deletes the repository, its images or its policies, or decides
# which images will come.
_PUSH_IMAGES = ("PutImage", "ReplicateImage", "BatchImportUpstreamImage")
_CHANGE = (
    "BatchDeleteImage",
    "CreatePullThroughCacheRule",
    "CreateRepository",
    "CreateRepositoryCreationTemplate",
    "DeleteLifecyclePolicy",
    "DeletePullThroughCacheRule",
    "DeleteRegistryPolicy",
    "DeleteRepository",
    "DeleteRepositoryCreationTemplate",
    "DeleteRepositoryPolicy",
    "DeleteSigningConfiguration",
    "DeregisterPullTimeUpdateExclusion",
    "PutAccountSetting",
    "PutImageScanningConfiguration",
    "PutImageTagMutability",
    "PutLifecyclePolicy",
    "PutRegistryCatalogData",
    "PutRegistryPolicy",
    "PutRegistryScanningConfiguration",
    "PutReplicationConfiguration",
    "PutRepositoryCatalogData",
    "PutSigningConfiguration",
    "RegisterPullTimeUpdateExclusion",
    "SetRepositoryPolicy",
    "StartReplicationBackfill",
    "StopReplicationBackfill",
    "TagResource",
    "UntagResource",
    "UpdateImageStorageClass",
    "UpdatePullThroughCacheRule",
    "UpdateRepositoryCreationTemplate",
)
_NEITHER = (
    "BatchCheckLayerAvailability",
    "BatchGetRepositoryScanningConfiguration",
    "CompleteLayerUpload",
    "DescribeImageReplicationStatus",
    "DescribeImageScanFindings",
    "DescribeImageSigningStatus",
    "DescribeImageTags",
    "DescribeImages",
    "DescribePullThroughCacheRules",
    "DescribeRegistries",
    "DescribeRegistry",
    "DescribeReplicationBackfillResults",
    "DescribeRepositories",
    "DescribeRepositoryCreationTemplates",
    "GetAccountSetting",
    "GetAuthorizationToken",
    "GetLifecyclePolicy",
    "GetLifecyclePolicyPreview",
    "GetRegistryCatalogData",
    "GetRegistryPolicy",
    "GetRegistryScanningConfiguration",
    "GetRepositoryCatalogData",
    "GetRepositoryPolicy",
    "GetSigningConfiguration",
    "InitiateLayerUpload",
    "ListImageReferrers",
    "ListImages",
    "ListPullTimeUpdateExclusions",
    "ListReplicationBackfills",
    "ListTagsForResource",
    "StartImageScan",
    "StartLifecyclePolicyPreview",
    "UploadLayerPart",
    "ValidatePullThroughCacheRule",
)
_ACTIONS = (*_PULL, *_PUSH_IMAGES, *_CHANGE, *_NEITHER)
_FOLDED = tuple(action.casefold() for action in _ACTIONS)
_EVERY = (1 << len(_ACTIONS)) - 1
_ELSE = 1 << len(_ACTIONS)

PULL = sum(1 << _ACTIONS.index(action) for action in _PULL)
PUSH_IMAGES = sum(1 << _ACTIONS.index(action) for action in _PUSH_IMAGES)
PUSH = PUSH_IMAGES | sum(1 << _ACTIONS.index(action) for action in _CHANGE)


class Access(msgspec.Struct, frozen=True):
    """The actions of a statement as bits; `written` names them as the policy does."""

    bits: int
    written: str


def access(statement: dict[str, object], service: Service) -> Access:
    """What `statement` names in Action, or leaves out in NotAction. Raises NotUnderstood.

    In a Deny, the bit for any other action is set only if that action is certainly denied.
    """
    if ("Action" in statement) == ("NotAction" in statement):
        raise NotUnderstood("it has not exactly one of Action and NotAction")
    name = "Action" if "Action" in statement else "NotAction"
    patterns = as_texts(statement[name], name)
    named = [_bits(pattern, service) for pattern in dict.fromkeys(map(str.casefold, patterns))]
    known = 0
    for bits in named:
        known |= bits
    allows = statement.get("Effect") != "Deny"
    if name == "NotAction":
        rest = _EVERY & ~known
        return Access(rest | (_ELSE if allows else 0), f"everything but {listed(patterns)}")
    if (0 in named) if allows else any(map(matches_everything, patterns)):
        known |= _ELSE
    return Access(known, listed(patterns))


def _bits(pattern: str, service: Service) -> int:
    prefix, colon, action = pattern.partition(":")
    if not colon or set("*?") & set(prefix):
        names = [f"{service}:{folded}" for folded in _FOLDED]
        return _any_bit(pattern, names)
    return _any_bit(action, _FOLDED) if prefix == service else 0


def _any_bit(pattern: str, names: list[str] | tuple[str, ...]) -> int:
    if not set("*?") & set(pattern):
        return 1 << names.index(pattern) if pattern in names else 0
    return sum(1 << bit for bit, name in enumerate(names) if matches(pattern, name))


def verbs(bits: int) -> str:
    """What the bits mean for a registry: "push, change and pull images"."""
    able = [
        verb
        for verb, among in (("push", PUSH_IMAGES), ("change", PUSH & ~PUSH_IMAGES), ("pull", PULL))
        if bits & among
    ]
    if not able:
        return "neither push nor pull"
    return " and ".join(filter(None, (", ".join(able[:-1]), able[-1])))
