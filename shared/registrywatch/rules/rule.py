"""What a rule is: everything known about it, in one value."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from registrywatch.events import Cloud, RegistryEvent
from registrywatch.globs import Globs
from registrywatch.readers import GroupField
from registrywatch.rules.wording import number_of
from registrywatch.severity import Severity

type Seen = tuple[tuple[str, ...], bool]
"""What one event shows: the things that count, and a flag. `Counting` says what the flag means."""

type Touch = Literal["pull", "push", "delete"]
"""A way of using a repository; deleting is deleting images in it."""

type CountBy = Literal["images", "repositories", "calls"]
"""What is counted: each distinct image once, each repository once, or each call."""


class Mitre(msgspec.Struct, frozen=True):
    """A MITRE ATT&CK tactic and technique."""

    tactic: str
    technique: str


DEFAULT_OWN_RESOURCES = (
    "registrywatch*",
    "StackSet-registrywatch*",
    "/registrywatch/*",
)
"""The names of registrywatch's own resources where the settings name none."""


class Trust(msgspec.Struct, frozen=True):
    """Which accounts and organisations the user trusts, and which tags matter most to them.

    `own_resources` are the names of registrywatch's own resources; on Azure, of the resource or of
    its resource group.
    """

    accounts: frozenset[str] = frozenset()
    orgs: frozenset[str] = frozenset()
    protected_tags: Globs = Globs(("latest", "prod*", "release*", "stable*", "v*"))
    own_resources: Globs = Globs(DEFAULT_OWN_RESOURCES)

    def owns(self, account: str, event: RegistryEvent) -> bool:
        """Whether `account` is the registry's own or a trusted one."""
        return account == event.account or account in self.accounts

    def is_foreign(self, event: RegistryEvent) -> bool:
        """Whether the actor's account is neither the registry's own nor trusted."""
        account = event.actor_account
        return account is not None and account != event.account and account not in self.accounts

    def protected_among(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Those of the tags that are protected."""
        return tuple(tag for tag in tags if tag in self.protected_tags)


class Lasting(msgspec.Struct, frozen=True):
    """A state that lasts until a later event ends it.

    `began` is the key of the event that began it, `severity` the severity of that event; `over`:
    this finding is about its end.
    """

    began: str
    severity: Severity
    over: bool = False


class Finding(msgspec.Struct, frozen=True):
    """What a rule found in an event: the severity, a sentence, and the reasons.

    `summary` is the worst thing that was done, without the actor and the place: "deleted 12 images
    of prod/api, 2 with protected tags". `familiar`: the severity is one step lower, but never below
    informational, if the actor touched this repository in this way before, at least a day ago and
    within the memory. `occasion`, if set, replaces the event's key in the alert id, so that one
    incident that a provider spreads over several records raises one alert. `lasts` is set if a
    later event may say that it is over.
    """

    severity: Severity
    summary: str
    reasons: tuple[str, ...]
    familiar: Touch | None = None
    occasion: str = ""
    lasts: Lasting | None = None


class Crossing(msgspec.Struct, frozen=True):
    """A group that reached its threshold, as a rule grades it.

    `events` are those of the batch that crossed, within the window and up to the crossing, in order
    of time; of earlier batches only the count is known. `count` is the number that was reached.
    `flagged`: the flag of some sighting in the window is set (never so with `Counting.parts`).
    `repositories` is how many repositories are in the window, and `unfamiliar` how many of them are
    not familiar to the actor, None if that is not known; both only with `Counting.familiar`.
    `known`: the actor used some repository, in whatever way, at least a day before.
    `role_only`, only if `Counting.also` has the kind of caller: so far only roles did this to the
    last event's repository, and at least one did.
    """

    events: Sequence[RegistryEvent]
    count: int
    flagged: bool = False
    repositories: int = 0
    unfamiliar: int | None = None
    known: bool = False
    role_only: bool = False

    @property
    def familiar(self) -> bool:
        """Whether every repository is familiar."""
        return self.unfamiliar == 0

    @property
    def mostly_familiar(self) -> bool:
        """Whether nine in ten are familiar, as when a new service is added."""
        return self.unfamiliar is not None and 10 * self.unfamiliar <= self.repositories


class Grade(msgspec.Struct, frozen=True):
    """The severity of a crossing, and the reasons for it.

    `summary`, if set, replaces the text of `Counting.done`.
    """

    severity: Severity
    reasons: tuple[str, ...] = ()
    summary: str | None = None


class Newness(msgspec.Struct, frozen=True):
    """What is new to whom: the first touch of this kind within the memory.

    `of` says whose touches are compared: those of one "actor" in each repository; of one "account"
    anywhere; of one "kind" of caller, role or person, in each repository; of "anyone".
    """

    touch: Touch
    of: Literal["actor", "account", "kind", "anyone"] = "actor"


class Counting(msgspec.Struct, frozen=True):
    """How a counted rule counts, and with which defaults; seconds are of event time.

    `sightings` gives the things in one event that count, and a flag; None: the event does not
    count. It may read only what `Detector.gather` compares, and the key: events that are alike in
    that are examined once, unless their keys are among the things. With `parts` the flag says that
    the thing may be a part of an image; otherwise the rule decides what it means, for the grade.
    `newness`: only what is new counts. `familiar`: the grade needs to know which repositories are
    familiar; `known`: whether the actor is. `foreign`: only callers of foreign accounts count.
    `also`: what else to remember, for the grade. `reads`: the types of event, if not all that the
    rule reads. `done` says what the actor did, in the past tense with {} for the number, for each
    possible way of counting; the first is the default.
    """

    sightings: Callable[[RegistryEvent, Trust], Seen | None]
    done: Mapping[CountBy, str]
    threshold: int
    grade: Callable[[Crossing, Trust], Grade]
    reads: tuple[type, ...] = ()
    parts: bool = False
    newness: Newness | None = None
    familiar: Touch | None = None
    known: bool = False
    foreign: bool = False
    also: tuple[Newness, ...] = ()
    window_seconds: int = 600
    group_by: tuple[GroupField, ...] = ("actor",)

    @property
    def counts(self) -> tuple[CountBy, ...]:
        """The ways of counting, the default first."""
        return tuple(self.done)

    def phrase(self, by: CountBy, number: int) -> str:
        """What was done so many times: "pulled 100 images"."""
        return self.done[by].format(things(by, number))


def things(by: CountBy, number: int) -> str:
    """A number of what is counted: "100 images", "2 repositories", "1 time"."""
    thing = {"images": "image", "repositories": "repository", "calls": "time"}[by]
    return number_of(number, thing)


class LastOfItsKind[W](msgspec.Struct, frozen=True):
    """What a rule needs to know of the last event about the same thing; the detector remembers it.

    `subject` names the thing, None if the event has none. `state` is the text to remember of it.
    `given` puts the text of an earlier event into the event's `what`: that of the last event that
    is `at_least` so many seconds older.
    """

    subject: Callable[[RegistryEvent, W], str | None]
    state: Callable[[W], str]
    given: Callable[[W, str], W]
    at_least: float = 0.0


class Rule[W](msgspec.Struct, frozen=True, kw_only=True):
    """A rule: what it reads, how it judges, and every text about it.

    `reads`: the types of `RegistryEvent.what` that the rule reads, in events of its `cloud`.
    Either `judge` judges single events, or `counting` says what is counted in a window. `further`
    is what it counts beside either, with fixed numbers: settings tune `counting` alone. Texts are
    complete sentences; `harmless` lists everyday causes to rule out first.
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
    remembers: LastOfItsKind[W] | None = None
    counting: Counting | None = None
    further: tuple[Counting, ...] = ()

    @property
    def stem(self) -> str:
        """How the names of its settings begin, after the prefix: "ECR_IMAGES_DELETED"."""
        return self.name.upper().replace("-", "_")

    @property
    def newness(self) -> Newness | None:
        """What is new where the rule fires; None for rules that are not about newness."""
        return self.counting.newness if self.counting else None


AnyRule = Rule[Any]


def alarming_caller(event: RegistryEvent, trust: Trust) -> tuple[str, ...]:
    """Why the caller makes it worse: they are the root user, or of an untrusted foreign account."""
    reasons = []
    if event.actor.type == "Root":
        reasons.append("The caller is the account's root user.")
    if trust.is_foreign(event):
        reasons.append(
            f"The caller's account {event.actor_account} is neither the registry's own nor trusted."
        )
    return tuple(reasons)


def worst_caller(events: Iterable[RegistryEvent], trust: Trust) -> tuple[str, ...]:
    """Why the callers of these events make it worse, each reason once."""
    return tuple(dict.fromkeys(why for event in events for why in alarming_caller(event, trust)))
