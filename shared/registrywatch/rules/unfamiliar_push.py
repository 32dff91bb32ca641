"""An identity pushes to a repository for the first time."""

from registrywatch.events import Push, RegistryEvent
from registrywatch.rules.rule import (
    CountBy,
    Counting,
    Crossing,
    Grade,
    Mitre,
    Newness,
    Rule,
    Seen,
    Trust,
    alarming_caller,
)
from registrywatch.rules.sightings import protected_push, pushed, pushed_by_name
from registrywatch.rules.wording import named
from registrywatch.severity import Severity


def _grade(crossing: Crossing, trust: Trust) -> Grade:
    event = crossing.events[-1]
    protected = protected_push(event, trust)
    severity, reasons = Severity.LOW, []
    if protected:
        severity = Severity.MEDIUM
        reasons.append(f"The tag {protected} is protected.")
    if event.actor.type == "Root":
        severity = Severity.MEDIUM
    elif crossing.role_only and event.actor.type == "IAMUser":
        severity = Severity.MEDIUM
        reasons.append("A person's own access key was used. Before, only roles pushed here.")
    if trust.is_foreign(event):
        severity = Severity.CRITICAL if protected else Severity.HIGH
    reasons += alarming_caller(event, trust)
    first = (
        "It is this identity's first push to this repository, as far as registrywatch remembers."
    )
    summary = f"pushed to {named(event)} for the first time"
    return Grade(severity, (first, *reasons), summary)


def _pushed_in_public(event: RegistryEvent, trust: Trust) -> Seen | None:
    return pushed(event, trust) if event.registry == "public.ecr.aws" else None


def _grade_public(crossing: Crossing, trust: Trust) -> Grade:  # noqa: ARG001
    event = crossing.events[-1]
    why = (
        "It is this account's first push to ECR Public, as far as registrywatch remembers. Anyone "
        "can pull from there."
    )
    summary = f"published an image in {named(event)} on ECR Public, the account's first"
    return Grade(Severity.MEDIUM, (why,), summary)


_DONE: dict[CountBy, str] = {"repositories": "pushed for the first time to {}"}
_TITLE = "Unfamiliar Identity Pushed"
_MITRE = (Mitre("TA0003", "T1525"),)
_GRADES = (
    "It is low; medium with a protected tag, or by the root user; high by a foreign account; "
    "critical by a foreign account with a protected tag. In the first REGISTRYWATCH_LEARNING_DAYS "
    "days of the registry's account it is informational."
)
_IMPACT = (
    "Workloads that pull from the repository run what this identity pushed. An intruder who wants "
    "to stay puts their code into an image that is deployed anyway."
)
_MITIGATION = (
    "Find out whether a new pipeline or person has taken over this repository. If not, revoke the "
    "identity's credentials, stop deployments from the repository, and compare its digests with "
    "those of your builds."
)
_HARMLESS = (
    "A new service or a new pipeline pushes its first image.",
    "A person pushes a fix by hand.",
)

ECR_UNFAMILIAR_PUSH = Rule(
    name="ecr-unfamiliar-push",
    title=_TITLE,
    cloud="aws",
    mitre=_MITRE,
    reads=(Push,),
    description=(
        "An identity pushed a tagged image to a repository to which it had not pushed in the "
        "REGISTRYWATCH_MEMORY_DAYS days before. All sessions of a role are one identity. "
        f"{_GRADES} It is also medium if a person's own access key pushes where only roles pushed "
        "before, and if it is the account's first push to ECR Public."
    ),
    impact=_IMPACT,
    mitigation=_MITIGATION,
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
    ),
    harmless=_HARMLESS,
    counting=Counting(
        sightings=pushed,
        done=_DONE,
        threshold=1,
        grade=_grade,
        newness=Newness("push"),
        also=(Newness("push", "kind"),),
        window_seconds=3600,
        group_by=("actor", "repository"),
    ),
    further=(
        Counting(
            sightings=_pushed_in_public,
            done=_DONE,
            threshold=1,
            grade=_grade_public,
            newness=Newness("push", "anyone"),
            window_seconds=3600,
            group_by=("account",),
        ),
    ),
)

ACR_UNFAMILIAR_PUSH = Rule(
    name="acr-unfamiliar-push",
    title=_TITLE,
    cloud="azure",
    mitre=_MITRE,
    reads=(Push,),
    description=(
        "An identity pushed a tagged image to a repository to which it had not pushed in the "
        "REGISTRYWATCH_MEMORY_DAYS days before. Only the registry's resource logs name who pushed; "
        f"Event Grid does not. {_GRADES}"
    ),
    impact=_IMPACT,
    mitigation=_MITIGATION,
    references=(
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry-reference",
    ),
    harmless=_HARMLESS,
    counting=Counting(
        sightings=pushed_by_name,
        done=_DONE,
        threshold=1,
        grade=_grade,
        newness=Newness("push"),
        window_seconds=3600,
        group_by=("actor", "repository"),
    ),
)
