"""An actor pulls from many repositories that it had not used before."""

from registrywatch.events import Pull
from registrywatch.rules.rule import (
    Counting,
    Crossing,
    Grade,
    Mitre,
    Newness,
    Rule,
    Trust,
    worst_caller,
)
from registrywatch.rules.sightings import pulled
from registrywatch.severity import Severity


def _grade(crossing: Crossing, trust: Trust) -> Grade:
    if worse := worst_caller(crossing.events, trust):
        return Grade(Severity.HIGH, worse)
    if crossing.known:
        why = "The actor is known, but had not pulled from any of these repositories before."
        return Grade(Severity.HIGH, (why,))
    return Grade(Severity.MEDIUM, ("The actor was not seen before.",))


_PULLS = Counting(
    sightings=pulled,
    done={"repositories": "pulled for the first time from {}"},
    threshold=20,
    grade=_grade,
    newness=Newness("pull"),
    known=True,
    window_seconds=3600,
)
_TITLE = "Unfamiliar Repositories Pulled"
_MITRE = (Mitre("TA0009", "T1530"),)
_WHAT = (
    "pulled within the window from many repositories from which it had not pulled in the "
    "REGISTRYWATCH_MEMORY_DAYS days before. This finds a copying of the registry that is too slow "
    "to reach the threshold of a count of images. It is high if the actor is known, medium if it "
    "was never seen before, and high by a foreign account or the root user. In the first "
    "REGISTRYWATCH_LEARNING_DAYS days of the registry's account it is informational."
)
_IMPACT = (
    "An intruder may be copying the registry with stolen credentials. Images hold source code, "
    "configuration and sometimes secrets."
)
_MITIGATION = (
    "Find out whether the actor has a new task, such as a cluster that took over services. If not, "
    "revoke its credentials and find out how they leaked. Replace secrets inside the pulled "
    "images: others may know them."
)
_HARMLESS = (
    "A cluster takes over the services of another one, or a new scanner or mirror starts.",
    "Many new services are deployed within the window.",
)

ECR_UNFAMILIAR_PULL = Rule(
    name="ecr-unfamiliar-pull",
    title=_TITLE,
    cloud="aws",
    mitre=_MITRE,
    reads=(Pull,),
    description=f"One actor {_WHAT} All sessions of a role are one actor.",
    impact=_IMPACT,
    mitigation=_MITIGATION,
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
    ),
    harmless=_HARMLESS,
    counting=_PULLS,
)

ACR_UNFAMILIAR_PULL = Rule(
    name="acr-unfamiliar-pull",
    title=_TITLE,
    cloud="azure",
    mitre=_MITRE,
    reads=(Pull,),
    description=f"One identity, as the registry's resource logs name it, {_WHAT}",
    impact=_IMPACT,
    mitigation=_MITIGATION,
    references=(
        "https://learn.microsoft.com/azure/container-registry/monitor-container-registry-reference",
    ),
    harmless=(*_HARMLESS, "Defender's scanner reads images with an application's identity."),
    counting=_PULLS,
)
