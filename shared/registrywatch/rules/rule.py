"""What a rule is: everything that is known of it, in one value."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from registrywatch.events import Cloud, RegistryEvent
from registrywatch.globs import Globs
from registrywatch.severity import Severity


class Mitre(msgspec.Struct, frozen=True):
    """A MITRE ATT&CK tactic and technique."""

    tactic: str
    technique: str


class Trust(msgspec.Struct, frozen=True):
    """Whom the user trusts, and which tags matter to him."""

    accounts: frozenset[str] = frozenset()
    orgs: frozenset[str] = frozenset()
    protected_tags: Globs = Globs(("latest", "prod*", "release*", "v*"))

    def owns(self, account: str, event: RegistryEvent) -> bool:
        """Whether `account` is the registry's own or a trusted one."""
        return account == event.account or account in self.accounts

    def is_foreign(self, event: RegistryEvent) -> bool:
        """Whether somebody from an account that is neither the registry's own nor trusted acted."""
        return event.actor_account is not None and not self.owns(event.actor_account, event)


class Finding(msgspec.Struct, frozen=True):
    """What a rule found in an event: the grade, why, and what happened in one sentence.

    `summary` says what was done, without who and where: "deleted 12 images from prod/api".
    """

    severity: Severity
    summary: str
    reasons: tuple[str, ...]


class Counting(msgspec.Struct, frozen=True):
    """How a counted rule counts: what it sees in an event, and the threshold it starts with.

    `sightings` gives the images of one event that count; empty: the event does not count at all.
    `done` says it in the past: "pulled".
    """

    sightings: Callable[[RegistryEvent], tuple[str, ...]]
    done: Literal["pulled", "pushed"]
    threshold: int


class Rule[W](msgspec.Struct, frozen=True, kw_only=True):
    """A rule: what it reads, how it judges, and all that is told about it.

    `reads`: the types of `RegistryEvent.what` that the rule looks at, in events of its `cloud`.
    Either `judge` looks at single events, or `counting` says what is counted in a window.
    Texts are complete sentences; `harmless` lists everyday causes to rule out first.
    """

    name: str
    title: str
    cloud: Cloud
    mitre: tuple[Mitre, ...]
    reads: tuple[type[W], ...]
    description: str
    impact: str
    mitigation: str
    references: tuple[str, ...]
    harmless: tuple[str, ...]
    judge: Callable[[RegistryEvent, W, Trust], Finding | None] | None = None
    counting: Counting | None = None


AnyRule = Rule[Any]
