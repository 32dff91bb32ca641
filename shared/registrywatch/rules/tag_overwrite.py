"""Tags of a repository may be moved to another image."""

from registrywatch.events import RegistryEvent, TagMutabilitySet
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import listed, named, shown
from registrywatch.severity import Severity


def _judge(event: RegistryEvent, now: TagMutabilitySet, trust: Trust) -> Finding | None:
    mode = now.mode.upper()
    exempt = listed(now.exclusions) or "none that the event shows"
    if mode == "IMMUTABLE":
        return None
    if mode == "IMMUTABLE_WITH_EXCLUSION":
        severity = Severity.HIGH if _lets_through(now.exclusions, trust) else Severity.LOW
        why = f"Tags are immutable except those that match: {exempt}."
        if severity is Severity.HIGH:
            why += " That lets every tag or a protected one through."
    elif mode == "MUTABLE_WITH_EXCLUSION":
        severity, why = Severity.MEDIUM, f"Any tag can be overwritten except: {exempt}."
    else:
        severity, why = Severity.MEDIUM, f"Any tag can be overwritten ({shown(now.mode)})."
    return Finding(severity, f"let tags of {named(event)} be overwritten", (why,))


def _lets_through(exclusions: tuple[str, ...], trust: Trust) -> bool:
    return any(
        (glob and not glob.strip("*")) or trust.protected_tags.overlap(glob) for glob in exclusions
    )


ECR_TAG_OVERWRITE_ENABLED = Rule(
    name="ecr-tag-overwrite-enabled",
    title="Image tag overwrite enabled",
    cloud="aws",
    mitre=(Mitre("TA0005", "T1578"),),
    reads=(TagMutabilitySet,),
    description=(
        "A repository's tags can now be overwritten. Three of ECR's four modes allow it: MUTABLE "
        "and MUTABLE_WITH_EXCLUSION are medium; IMMUTABLE_WITH_EXCLUSION is high if a filter lets "
        "every tag or a protected one through, else low. IMMUTABLE raises nothing."
    ),
    impact=(
        "Somebody can put another image behind a tag that deployments already trust. The next "
        "start of any workload runs it, and nothing in the deployment has changed."
    ),
    mitigation=(
        "Ask whoever changed it. If it was not meant, make tags immutable again and compare the "
        "digests behind the tags with those of your builds; deploy by digest where it matters."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html",
    ),
    harmless=(
        "A development repository where a tag follows a branch.",
        "The asset repository of CDK.",
    ),
    judge=_judge,
)
