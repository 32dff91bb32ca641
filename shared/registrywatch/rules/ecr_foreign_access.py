"""An account that is neither own nor trusted uses the registry for the first time."""

from registrywatch.events import ImagesDeleted, Pull, Push
from registrywatch.rules.rule import (
    CountBy,
    Counting,
    Crossing,
    Grade,
    Mitre,
    Newness,
    Rule,
    Touch,
    Trust,
)
from registrywatch.rules.sightings import (
    deleted,
    lost_protected_tag,
    protected_push,
    pulled,
    pushed,
)
from registrywatch.rules.wording import named
from registrywatch.severity import Severity

_DID: dict[Touch, str] = {
    "pull": "pulled from",
    "push": "pushed to",
    "delete": "deleted images of",
}


def _grade(crossing: Crossing, trust: Trust, touch: Touch) -> Grade:
    event = crossing.events[-1]
    severity = Severity.MEDIUM if touch == "pull" else Severity.HIGH
    reasons = [
        f"The account {event.actor_account} is neither the registry's own nor trusted, and did not "
        "do this here before, as far as registrywatch remembers."
    ]
    tag = protected_push(event, trust)
    if tag or (touch == "delete" and lost_protected_tag(event, trust)):
        severity = Severity.CRITICAL
        reasons.append(f"The tag {tag} is protected." if tag else "A protected tag was deleted.")
    summary = (
        f"{_DID[touch]} {named(event)}: the first time for the foreign account "
        f"{event.actor_account}"
    )
    return Grade(severity, tuple(reasons), summary)


def _grade_pull(crossing: Crossing, trust: Trust) -> Grade:
    return _grade(crossing, trust, "pull")


def _grade_push(crossing: Crossing, trust: Trust) -> Grade:
    return _grade(crossing, trust, "push")


def _grade_delete(crossing: Crossing, trust: Trust) -> Grade:
    return _grade(crossing, trust, "delete")


_DONE: dict[CountBy, str] = {"repositories": "used {} for the first time"}

ECR_FOREIGN_ACCESS = Rule(
    name="ecr-foreign-access",
    title="Foreign Account Used The Registry",
    cloud="aws",
    mitre=(Mitre("TA0010", "T1537"),),
    reads=(Pull, Push, ImagesDeleted),
    description=(
        "An account that is neither the registry's own nor a trusted one "
        "(REGISTRYWATCH_TRUSTED_ACCOUNTS) pulled, pushed or deleted images for the first time in "
        "REGISTRYWATCH_MEMORY_DAYS days. A pull is medium, a push or a delete high, with a "
        "protected tag critical. In the first REGISTRYWATCH_LEARNING_DAYS days of the registry's "
        "account it is informational."
    ),
    impact=(
        "Some policy gives the account access. It can copy images, or put its own images where "
        "yours are expected."
    ),
    mitigation=(
        "Find out whose account it is and which repository or registry policy gives it access. If "
        "it should not have access, remove it from the policy, and search for what else it did. If "
        "it should, add it to REGISTRYWATCH_TRUSTED_ACCOUNTS."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
    ),
    harmless=(
        "A customer or a partner was given access.",
        "A new account of your own organisation is not among the trusted ones yet.",
    ),
    counting=Counting(
        sightings=pulled,
        done=_DONE,
        threshold=1,
        grade=_grade_pull,
        reads=(Pull,),
        newness=Newness("pull", "account"),
        window_seconds=3600,
        foreign=True,
    ),
    further=(
        Counting(
            sightings=pushed,
            done=_DONE,
            threshold=1,
            grade=_grade_push,
            reads=(Push,),
            newness=Newness("push", "account"),
            window_seconds=3600,
            foreign=True,
        ),
        Counting(
            sightings=deleted,
            done=_DONE,
            threshold=1,
            grade=_grade_delete,
            reads=(ImagesDeleted,),
            newness=Newness("delete", "account"),
            window_seconds=3600,
            foreign=True,
        ),
    ),
)
