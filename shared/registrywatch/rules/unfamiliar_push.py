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
        reasons.append(f"The tag {protected} is a protected one.")
    if event.actor.type == "Root":
        severity = Severity.MEDIUM
        reasons.append("The caller is the account's root user.")
    elif crossing.role_only and event.actor.type == "IAMUser":
        severity = Severity.MEDIUM
        reasons.append("A person's own key was used, where so far only roles pushed.")
    if trust.is_foreign(event):
        severity = Severity.CRITICAL if protected else Severity.HIGH
        reasons.append(
            f"The caller's account {event.actor_account} is neither the registry's own nor trusted."
        )
    first = "It is the first push of this identity to this repository within the memory."
    summary = f"pushed to {named(event)} for the first time"
    return Grade(severity, (first, *reasons), summary)


def _pushed_in_public(event: RegistryEvent, trust: Trust) -> Seen | None:
    return pushed(event, trust) if event.registry == "public.ecr.aws" else None


def _grade_public(crossing: Crossing, trust: Trust) -> Grade:  # noqa: ARG001
    event = crossing.events[-1]
    why = "It is the first push of this account to ECR Public within the memory: anyone can pull."
    summary = f"published an image in {named(event)} on ECR Public, the account's first"
    return Grade(Severity.MEDIUM, (why,), summary)


_DONE: dict[CountBy, str] = {"repositories": "pushed for the first time to {}"}
_TITLE = "Unfamiliar Identity Pushed"
_MITRE = (Mitre("TA0003", "T1525"),)
_GRADES = (
    "It is low; with a protected tag medium; by the root user medium; by a foreign account high, "
    "with a protected tag critical. While an account is being learnt "
    "(REGISTRYWATCH_LEARNING_DAYS) it is informational."
)
_IMPACT = (
    "What pulls from the repository runs what this identity pushed. An intruder who wants to stay "
    "puts their code into an image that is deployed anyway."
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
        "An identity, a role and whatever its sessions are called, pushed a tagged image to a "
        "repository to which it had not pushed before, according to the memory "
        f"(REGISTRYWATCH_MEMORY_DAYS) goes. {_GRADES} A person's own key where so far only roles "
        "pushed is medium, and so is the first push of the account to ECR Public."
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
        "An identity pushed a tagged image to a repository to which it had not pushed before, as "
        "far as the memory (REGISTRYWATCH_MEMORY_DAYS) goes. The registry's resource logs alone "
        f"name who pushed; Event Grid does not. {_GRADES}"
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
