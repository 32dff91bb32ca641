"""Changes of Azure resources that concern a registry or its monitoring."""

from typing import Literal

import msgspec

Protection = Literal[
    "anonymous pull",
    "admin user",
    "public network",
    "export policy",
    "soft delete",
    "retention",
    "trust policy",
    "quarantine policy",
    "trusted services",
    "tasks' bypass",
]
"""What protects a registry by its own settings."""

Credential = Literal[
    "regenerated", "generated", "listed", "task secrets", "token", "scope map", "role"
]
"""The ways to gain access: see `CredentialsIssued`."""

Supply = Literal[
    "task",
    "task run",
    "build source",
    "run log",
    "agent pool",
    "import",
    "import pipeline",
    "export pipeline",
    "pipeline run",
    "connected registry",
    "cache rule",
    "credential set",
    "replication",
    "webhook",
    "private endpoint",
]
"""What builds, imports or exports images."""


class RegistryDeleted(msgspec.Struct, frozen=True):
    """Azure: a registry was deleted, a watched one or another. `resource` is its id, lower case."""

    resource: str


class RegistryChanged(msgspec.Struct, frozen=True):
    """Azure: a registry or its diagnostic setting was changed; the event does not show how.

    `resource` is the registry's id, lower case.
    """

    resource: str


class RegistryExposed(msgspec.Struct, frozen=True):
    """One of a registry's own protections was switched off between two checks of its state.

    `setting` says which; `resource` is the registry's id, lower case.
    """

    setting: Protection
    resource: str


class CredentialsIssued(msgspec.Struct, frozen=True):
    """An identity gains access to a registry, or reads a password for it.

    - "regenerated", "listed": the admin user's passwords; "generated": passwords of a token
    - "task secrets": a task or its run was read with the secrets that it holds
    - "token", "scope map": a token or its rights were created or changed
    - "role": a role was assigned; `role` is its name if it is known here, else its id, None if the
      record does not show it; `above` says that the scope is larger than one registry

    `resource` is the id of what was acted upon, lower case; for a role assignment, its scope.
    `habitual`: the same identity did so at least a day before, as the detector remembers.
    """

    kind: Credential
    resource: str
    role: str | None = None
    above: bool = False
    all_repositories: bool | None = None
    habitual: bool = False


class SupplyChanged(msgspec.Struct, frozen=True):
    """Something that builds, imports or exports images was changed or used.

    `resource` is its id, lower case. `origin` is the source of an import or the address of a
    webhook, if the record shows it. `identity`: it has its own identity; `credentials`: it has
    credentials (None: the record does not show it).
    """

    kind: Supply
    resource: str
    deleted: bool = False
    origin: str | None = None
    identity: bool | None = None
    credentials: bool | None = None
