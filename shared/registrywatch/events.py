"""What happened in a registry, in one form for every cloud.

A source turns a cloud's payload into `RegistryEvent`s; rules read nothing else. The type of
`RegistryEvent.what` says what kind of event it is. A call that failed changed nothing: it becomes a
`CallDenied`, if it was refused, and no event otherwise.

`omitted` on a kind of event says that the source withheld a field which decides how bad it is
(CloudTrail replaces what is longer than 100 KB). Withheld is not absent: such an event is graded as
the worst that it could be.
"""

from typing import Literal

import msgspec

Cloud = Literal["aws", "azure"]


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Who acted, as far as the source tells.

    `id` is stable and is what groups and ignore lists compare: the role behind a session, never the
    session; an account id for a foreign caller without a name; None where the source names nobody.
    `name` is for people and may hold text of the caller's choosing.
    """

    id: str | None = None
    name: str | None = None
    type: str | None = None
    ip: str | None = None
    user_agent: str | None = None


class Pull(msgspec.Struct, frozen=True, gc=False):
    """Images read from one repository: digests, or tags where the source gives no digest.

    What the response says it did not find is left out. `asked` is how many ids the call named,
    where that is more than `images`. `omitted`: which images the call read is withheld.
    """

    images: tuple[str, ...]
    asked: int = 0
    omitted: bool = False

    @property
    def alone(self) -> bool:
        """Whether the call asked for one image only, as docker and containerd do."""
        return len(self.images) <= 1 and self.asked <= 1


class Push(msgspec.Struct, frozen=True, gc=False):
    """A manifest written. Without a tag it is a part of a multi-platform image.

    `omitted`: the digest and the tag are withheld; there may have been a tag.
    """

    digest: str | None
    tag: str | None
    omitted: bool = False


class ImagesDeleted(msgspec.Struct, frozen=True):
    """Images really deleted.

    `images` are distinct digests (tags where no digest is known), `tags` every tag that went with
    them. `expired`: a lifecycle policy did it; `run` then names that run of the policy, which AWS
    may spread over several records: "<policyId> <lastEvaluatedAt>". `request`: Azure's id of the
    deleting request. `omitted`: which images were deleted, or how many, is withheld.
    """

    images: tuple[str, ...]
    tags: tuple[str, ...] = ()
    expired: bool = False
    request: str | None = None
    run: str | None = None
    omitted: bool = False


class CallDenied(msgspec.Struct, frozen=True):
    """A call that was refused, and so changed nothing. `action` is the API's name of the call.

    "denied": the caller lacked the right. "tag-immutable": the tag exists and may not be moved.
    """

    action: str
    repository: str | None
    reason: Literal["denied", "tag-immutable"]


class RepositoryCreated(msgspec.Struct, frozen=True):
    """A new repository. `tls` is the version text as recorded, None where there is none.

    `mutability` and `scan_on_push` are what the repository was born with, None where unknown.
    `omitted`: they are unknown because the source withheld them.
    """

    tls: str | None
    mutability: str | None
    scan_on_push: bool | None
    omitted: bool = False


class RepositoryDeleted(msgspec.Struct, frozen=True):
    """A repository is gone. `forced`: with its images; `images_lost`: how many, if known.

    `request`: Azure's id of the deleting request. `omitted`: whether it was forced is withheld.
    """

    forced: bool
    images_lost: int | None = None
    request: str | None = None
    omitted: bool = False


class PolicySet(msgspec.Struct, frozen=True):
    """A resource policy, as its JSON text (None: the source does not show it).

    `service` is the prefix of the policy's actions: "ecr" or "ecr-public". `omitted`: the source
    says that it withheld the text.
    """

    text: str | None
    service: Literal["ecr", "ecr-public"] = "ecr"
    omitted: bool = False


class RepositoryScanningSet(msgspec.Struct, frozen=True):
    """The repository's own scan-on-push flag was set. `omitted`: to what is withheld."""

    scan_on_push: bool
    omitted: bool = False


class ScanRule(msgspec.Struct, frozen=True):
    """One rule of a registry's scanning configuration; `filters` are globs on repository names."""

    frequency: str
    filters: tuple[str, ...]


class RegistryScanningSet(msgspec.Struct, frozen=True):
    """The whole registry's scanning configuration was replaced. `omitted`: by what is withheld."""

    scan_type: str
    rules: tuple[ScanRule, ...]
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


class ScanPlanChanged(msgspec.Struct, frozen=True):
    """Azure: a Defender plan that scans images was written or deleted; to what, is not told.

    `plan` is "Containers" or "CloudPosture"; `scope` the resource id it was set on, lower case.
    """

    plan: str
    scope: str
    deleted: bool


class ScanningStopped(msgspec.Struct, frozen=True):
    """Azure: images of a registry were scanned until now and no longer are, as its state shows.

    `switch` says in words which setting did it.
    """

    switch: str


class RegistryDeleted(msgspec.Struct, frozen=True):
    """Azure: a registry was deleted. Only who watches just that one knows that it mattered.

    `resource` is its id, lower case.
    """

    resource: str


class RegistryChanged(msgspec.Struct, frozen=True):
    """Azure: a registry or its diagnostic setting was written; to what, is not told.

    `resource` is the registry's id, lower case.
    """

    resource: str


class MonitoringRemoved(msgspec.Struct, frozen=True):
    """Azure: something that brings a registry's events to whoever watches it was deleted.

    `resource` is its id, lower case; of a "log export" that ended, by whatever setting, the
    registry's.
    """

    kind: Literal["diagnostic setting", "event subscription", "system topic", "log export"]
    resource: str


What = (
    Pull
    | Push
    | ImagesDeleted
    | CallDenied
    | RepositoryCreated
    | RepositoryDeleted
    | PolicySet
    | RepositoryScanningSet
    | RegistryScanningSet
    | TagMutabilitySet
    | LifecyclePolicySet
    | ScanPlanChanged
    | ScanningStopped
    | MonitoringRemoved
    | RegistryChanged
    | RegistryDeleted
)


class RegistryEvent(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened.

    `time` is in seconds since the epoch, by the event's own clock. `account` is the registry's
    account (AWS) or subscription (Azure); `seen_in` the account whose trail recorded it, which on
    AWS may be the caller's. `actor_account` is None where the source does not tell. `id` is the
    provider's event id; `key` is the same for every delivery and every envelope of the happening.
    `source` is the kind of record; `twin` names the happening where a second kind of record tells
    of it under another id. `registry_id` is the registry's resource id on Azure, in lower case: one
    registry has several host names and locations, but one id. `resource` is the ARN (AWS) or the
    resource id (Azure) of what was touched, where the record tells it.
    """

    id: str
    key: str
    time: float
    cloud: Cloud
    account: str | None
    region: str | None
    registry: str | None
    repository: str | None
    actor: Actor
    what: What
    actor_account: str | None = None
    seen_in: str | None = None
    source: str = ""
    twin: str | None = None
    registry_id: str | None = None
    resource: str | None = None
