"""Tags of a repository may be moved to another image."""

from registrywatch.events import RegistryEvent, TagMutabilitySet
from registrywatch.rules.grading.mutability import grade_mutability
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import named
from registrywatch.severity import Severity


def _judge(event: RegistryEvent, now: TagMutabilitySet, trust: Trust) -> Finding | None:
    if now.omitted:
        why = "CloudTrail withheld what was set: any tag may now be overwritable."
        return Finding(Severity.MEDIUM, f"changed the tag mutability of {named(event)}", (why,))
    grade = grade_mutability(now.mode, now.exclusions, trust.protected_tags)
    if grade is None:
        return None
    did = f"allowed tags of {named(event)} to be overwritten: {grade.clause}"
    return Finding(grade.severity, did, (grade.reason,))


ECR_TAG_OVERWRITE_ENABLED = Rule(
    name="ecr-tag-overwrite-enabled",
    title="Image tag overwrite enabled",
    cloud="aws",
    mitre=(Mitre("TA0005", "T1578"),),
    reads=(TagMutabilitySet,),
    description=(
        "Tags of a repository can now be moved to another image. Three of ECR's four modes allow "
        "it. MUTABLE and MUTABLE_WITH_EXCLUSION are medium. IMMUTABLE_WITH_EXCLUSION is medium if "
        "an exclusion is `*` or includes a protected tag, else low. IMMUTABLE raises no alert."
    ),
    impact=(
        "An intruder can put another image behind a tag that deployments trust. Any workload with "
        "that tag runs it at its next start, although no deployment was changed."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, set the repository to IMMUTABLE again. "
        "Compare the digests behind its tags with those of your builds. Deploy by digest "
        "where it matters."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html",
    ),
    harmless=(
        "A development repository has a tag that follows a branch.",
        "The asset repository of CDK is deployed.",
        "Production is immutable except for the tag `latest`, as in AWS's own example.",
    ),
    judge=_judge,
)
