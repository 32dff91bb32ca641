"""What happens to repositories: they are created and deleted, and their policies change."""

from typing import Literal

import msgspec


class RepositoryCreated(msgspec.Struct, frozen=True):
    """A new repository. `tls` is the recorded text of the version, None if there is none.

    `mutability` and `scan_on_push` are its initial settings, None if unknown. `omitted`: they are
    unknown because the source withheld them.
    """

    tls: str | None
    mutability: str | None
    scan_on_push: bool | None
    omitted: bool = False


class RepositoryDeleted(msgspec.Struct, frozen=True):
    """A repository is gone. `forced`: with its images; `images_lost`: how many, if known.

    `request`: Azure's id of the deleting request. `omitted`: whether it was forced is withheld.
    `assumed`: one request deleted several images, so it may have deleted the whole repository; the
    registry was not asked whether it still has the repository. Then `images` are the record's.
    """

    forced: bool
    images_lost: int | None = None
    request: str | None = None
    omitted: bool = False
    assumed: bool = False
    images: tuple[str, ...] = ()


class PolicySet(msgspec.Struct, frozen=True):
    """A resource policy, as its JSON text (None: the source does not show it).

    `service` is the prefix of the policy's actions: "ecr" or "ecr-public". `omitted`: the source
    says that it withheld the text.
    """

    text: str | None
    service: Literal["ecr", "ecr-public"] = "ecr"
    omitted: bool = False


class TagMutabilitySet(msgspec.Struct, frozen=True):
    """Whether tags may be overwritten; `exclusions` are globs on tags exempt from `mode`.

    `omitted`: what was set is withheld; `mode` is then "".
    """

    mode: str
    exclusions: tuple[str, ...] = ()
    omitted: bool = False


class LifecyclePolicySet(msgspec.Struct, frozen=True):
    """A lifecycle policy, as its JSON text (None: the source does not show it).

    `omitted`: the source says that it withheld the text.
    """

    text: str | None
    omitted: bool = False


class PolicyRemoved(msgspec.Struct, frozen=True):
    """ECR: a policy was deleted. `text` is what the response shows of it, as JSON text.

    `kind` says whose policy it was. `omitted`: the source says that it withheld the text.
    """

    kind: Literal["repository", "registry", "lifecycle"]
    text: str | None
    service: Literal["ecr", "ecr-public"] = "ecr"
    omitted: bool = False


class CreationTemplateSet(msgspec.Struct, frozen=True):
    """ECR: a template from which repositories will be created, created or updated.

    `prefix` is the beginning of those repositories' names, "ROOT" for all that no other template
    covers. `applied_for` says which ways of creating use it: "PULL_THROUGH_CACHE", "REPLICATION",
    "CREATE_ON_PUSH". `policy` and `lifecycle_policy` are JSON texts, None if the template has none.
    `role` is the ARN of the role that ECR uses. `omitted`: parts of the template are withheld.
    """

    prefix: str
    applied_for: tuple[str, ...] = ()
    policy: str | None = None
    lifecycle_policy: str | None = None
    mutability: str | None = None
    exclusions: tuple[str, ...] = ()
    role: str | None = None
    created: bool = True
    omitted: bool = False


class CreationTemplateDeleted(msgspec.Struct, frozen=True):
    """ECR: a template was deleted; repositories of this prefix get ECR's defaults from now on."""

    prefix: str
