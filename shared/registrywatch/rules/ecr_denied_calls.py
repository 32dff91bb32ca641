"""An actor repeatedly makes calls that are refused."""

from registrywatch.events import CallDenied, RegistryEvent
from registrywatch.rules.rule import (
    Counting,
    Crossing,
    Grade,
    Mitre,
    Rule,
    Seen,
    Trust,
    worst_caller,
)
from registrywatch.rules.sightings import exempt
from registrywatch.severity import Severity


def _denied(event: RegistryEvent, _: Trust) -> Seen | None:
    refused = event.what
    if not isinstance(refused, CallDenied) or refused.reason != "denied" or exempt(event):
        return None
    return (refused.action,), False


def _immutable(event: RegistryEvent, _: Trust) -> Seen | None:
    refused = event.what
    if not isinstance(refused, CallDenied) or refused.reason != "tag-immutable" or exempt(event):
        return None
    return (refused.action,), False


def _grade(crossing: Crossing, trust: Trust) -> Grade:
    worse = worst_caller(crossing.events, trust)
    return Grade(Severity.HIGH if worse else Severity.MEDIUM, worse)


ECR_DENIED_CALLS = Rule(
    name="ecr-denied-calls",
    title="Registry Calls Denied",
    cloud="aws",
    mitre=(Mitre("TA0007", "T1526"),),
    reads=(CallDenied,),
    description=(
        "Calls of one actor on many different repositories were refused within the window, for "
        "lack of rights; or the actor tried three times within ten minutes to overwrite tags that "
        "are immutable. It is medium; by a foreign account or the root user it is high. CloudTrail "
        "does not record calls that a VPC endpoint's policy refuses."
    ),
    impact=(
        "An intruder with stolen credentials may be trying out what they allow, or may be trying "
        "to replace images that are deployed."
    ),
    mitigation=(
        "Find out what runs under this identity. If you do not know it, revoke its credentials, "
        "and search for its calls that were allowed."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    ),
    harmless=(
        "A scanner or an inventory tool lacks rights to some repositories.",
        "A pipeline builds the same version twice where tags are immutable.",
    ),
    counting=Counting(
        sightings=_denied,
        done={"repositories": "was refused calls on {}"},
        threshold=20,
        grade=_grade,
    ),
    further=(
        Counting(
            sightings=_immutable,
            done={"calls": "tried {} to overwrite immutable tags"},
            threshold=3,
            grade=_grade,
        ),
    ),
)
