"""What happened in a registry, in one form for every cloud.

A source turns a cloud's payload into `RegistryEvent`s; rules read nothing else. The type of
`RegistryEvent.what` is the kind of event. A call that failed changed nothing: it becomes a
`CallDenied` if it was refused, and otherwise no event.

`omitted` on a kind of event says that the source withheld a field that decides how bad it is
(CloudTrail replaces what is longer than 100 KB). Such an event is graded as the worst that it could
be.
"""

import msgspec

from registrywatch.events.actor import Actor, Cloud
from registrywatch.events.azure_resources import (
    CredentialsIssued,
    RegistryChanged,
    RegistryDeleted,
    RegistryExposed,
    SupplyChanged,
)
from registrywatch.events.images import (
    CallDenied,
    ImagesArchived,
    ImagesDeleted,
    Pull,
    Push,
)
from registrywatch.events.monitoring import (
    CheckChanged,
    MonitoringChanged,
    MonitoringRemoved,
)
from registrywatch.events.registry import (
    PullThroughRuleDeleted,
    PullThroughRuleSet,
    PullThroughSecretRead,
    ReplicationBackfillStarted,
    ReplicationBackfillStopped,
    ReplicationRule,
    ReplicationSet,
    ReplicationTarget,
    SigningDeleted,
    SigningProfileEnded,
    SigningRule,
    SigningSet,
)
from registrywatch.events.repositories import (
    CreationTemplateDeleted,
    CreationTemplateSet,
    LifecyclePolicySet,
    PolicyRemoved,
    PolicySet,
    RepositoryCreated,
    RepositoryDeleted,
    TagMutabilitySet,
)
from registrywatch.events.scanning import (
    FindingsSuppressed,
    InspectorDisabled,
    InspectorMemberRemoved,
    RegistryScanningSet,
    RepositoryScanningSet,
    RescanDurationSet,
    ScanningStopped,
    ScanPlanChanged,
    ScanRule,
)

What = (
    Pull
    | Push
    | ImagesDeleted
    | ImagesArchived
    | CallDenied
    | RepositoryCreated
    | RepositoryDeleted
    | PolicySet
    | TagMutabilitySet
    | LifecyclePolicySet
    | PolicyRemoved
    | CreationTemplateSet
    | CreationTemplateDeleted
    | RepositoryScanningSet
    | RegistryScanningSet
    | ScanPlanChanged
    | ScanningStopped
    | InspectorDisabled
    | FindingsSuppressed
    | InspectorMemberRemoved
    | RescanDurationSet
    | ReplicationSet
    | ReplicationBackfillStarted
    | ReplicationBackfillStopped
    | PullThroughRuleSet
    | PullThroughRuleDeleted
    | PullThroughSecretRead
    | SigningSet
    | SigningDeleted
    | SigningProfileEnded
    | RegistryDeleted
    | RegistryChanged
    | RegistryExposed
    | CredentialsIssued
    | SupplyChanged
    | MonitoringRemoved
    | MonitoringChanged
    | CheckChanged
)


class RegistryEvent(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened.

    `time` is in seconds since the epoch, as the source gives it. `account` is the registry's
    account (AWS) or subscription (Azure); `seen_in` is the account whose trail recorded the event,
    which on AWS may be the caller's. `actor_account` is None if the source does not show it. `id`
    is the provider's event id; `key` is the same for every delivery and every envelope of the same
    action. `source` is the kind of record. `twin` is the same in two kinds of records that report
    the same action under different ids. `registry_id` is the registry's resource id on Azure, in
    lower case: one registry has several host names and locations, but one id. `resource` is the ARN
    (AWS) or the resource id (Azure) of what was acted upon, if the record shows it.
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

    @property
    def by_service(self) -> bool:
        """Whether a service of the cloud acted, itself or through a service-linked role.

        Only the service can assume such a role; that is certain only in the registry's own account.
        """
        actor = self.actor
        if actor.type == "AWSService":
            return True
        return (
            actor.id is not None
            and ":role/aws-service-role/" in actor.id
            and self.actor_account is not None
            and self.actor_account == self.account
        )


__all__ = [
    "Actor",
    "CallDenied",
    "CheckChanged",
    "Cloud",
    "CreationTemplateDeleted",
    "CreationTemplateSet",
    "CredentialsIssued",
    "FindingsSuppressed",
    "ImagesArchived",
    "ImagesDeleted",
    "InspectorDisabled",
    "InspectorMemberRemoved",
    "LifecyclePolicySet",
    "MonitoringChanged",
    "MonitoringRemoved",
    "PolicyRemoved",
    "PolicySet",
    "Pull",
    "PullThroughRuleDeleted",
    "PullThroughRuleSet",
    "PullThroughSecretRead",
    "Push",
    "RegistryChanged",
    "RegistryDeleted",
    "RegistryEvent",
    "RegistryExposed",
    "RegistryScanningSet",
    "ReplicationBackfillStarted",
    "ReplicationBackfillStopped",
    "ReplicationRule",
    "ReplicationSet",
    "ReplicationTarget",
    "RepositoryCreated",
    "RepositoryDeleted",
    "RepositoryScanningSet",
    "RescanDurationSet",
    "ScanPlanChanged",
    "ScanRule",
    "ScanningStopped",
    "SigningDeleted",
    "SigningProfileEnded",
    "SigningRule",
    "SigningSet",
    "SupplyChanged",
    "TagMutabilitySet",
    "What",
]
