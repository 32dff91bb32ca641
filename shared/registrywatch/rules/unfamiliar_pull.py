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
        why = "The actor was known before, and none of these repositories was among those it used."
        return Grade(Severity.HIGH, (why,))
    return Grade(Severity.MEDIUM, ("The actor was not seen before: all is new to it.",))


_PULLS = Counting(
    sightings=pulled,
    done={"repositories": "pulled from {} that it had not used before"},
    threshold=20,
    grade=_grade,
    newness=Newness("pull"),
    known=True,
    window_seconds=3600,
)
_TITLE = "Unfamiliar Repositories Pulled"
_MITRE = (Mitre("TA0009", "T1530"),)
_WHAT = (
    "pulled from many repositories within the window that it had not pulled from before, as far "
    "as the memory (REGISTRYWATCH_MEMORY_DAYS) goes. However slowly and from whichever replica "
    "images are copied, what gives the copying away is that it is new to the actor. An actor that "
    "was known before is high, one that was never seen is medium, a foreign account or the root "
    "user is high. While an account is being learnt (REGISTRYWATCH_LEARNING_DAYS) it is "
    "informational."
)
_IMPACT = (
    "Credentials may have been stolen, and the registry is being copied with them: images hold "
    "source code, configuration and sometimes secrets."
)
_MITIGATION = (
    "Find out whether the actor got a new task, such as a cluster that took over services. If not, "
    "revoke its credentials and find out how they leaked. Treat secrets inside the pulled images "
    "as known to others, and replace them."
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
    description=f"One actor, by its role and whatever its sessions are called, {_WHAT}",
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
    harmless=(*_HARMLESS, "Defender's scanner reads images under the id of an application."),
    counting=_PULLS,
)
