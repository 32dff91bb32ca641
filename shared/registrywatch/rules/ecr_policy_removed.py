"""A policy of a repository or registry is deleted, and with it what it denied."""

from registrywatch.events import PolicyRemoved, RegistryEvent
from registrywatch.rules.grading.policy_json import NotUnderstood, parse
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import named
from registrywatch.severity import Severity


def _judge(event: RegistryEvent, removed: PolicyRemoved, _trust: Trust) -> Finding | None:
    of = "the registry" if removed.kind == "registry" else named(event)
    if removed.kind == "lifecycle":
        why = "Images are no longer expired, so that their number and cost grow."
        return Finding(Severity.INFORMATIONAL, f"deleted the lifecycle policy of {of}", (why,))
    did = f"deleted the policy of {of}"
    if removed.omitted or removed.text is None:
        why = "The event does not show what the policy held: it may have denied access."
        return Finding(Severity.MEDIUM, did, (why,))
    try:
        denies = _denies(parse(removed.text))
    except NotUnderstood as cause:
        why = f"The policy that was deleted cannot be read: {cause}."
        return Finding(Severity.MEDIUM, did, (why,))
    if denies:
        why = "The policy denied access: what it kept out is let in again by other policies."
        return Finding(Severity.HIGH, f"{did}, which denied access", (why,))
    return Finding(Severity.LOW, did, ("The policy only allowed access, which ends.",))


def _denies(policy: dict[str, object]) -> bool:
    """Whether a statement is a Deny, or one of which that cannot be said."""
    statements = policy.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise NotUnderstood("it has no Statement")
    return any(not isinstance(each, dict) or each.get("Effect") != "Allow" for each in statements)


ECR_POLICY_REMOVED = Rule(
    name="ecr-policy-removed",
    title="Repository Policy Removed",
    cloud="aws",
    mitre=(Mitre("TA0005", "T1562"),),
    reads=(PolicyRemoved,),
    description=(
        "The policy of a repository of ECR or ECR Public, or of the registry, was deleted. The "
        "response shows what it held: with a Deny in it, it is high; where only Allows went, low; "
        "where the event does not show it, medium. The delete of a lifecycle policy is "
        "informational."
    ),
    impact=(
        "A Deny is often the fence around a repository: only images from the organisation, no "
        "deletes, no pulls from outside. Without it, every right that was granted elsewhere holds "
        "again. Where only Allows went, other accounts can no longer pull."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, put the policy back: the CloudTrail record "
        "holds its text under `responseElements.policyText`. Look at pulls, pushes and deletes "
        "since then."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepositoryPolicy.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRegistryPolicy.html",
    ),
    harmless=(
        "Infrastructure as code replaces a policy by deleting and creating it.",
        "Access that other accounts no longer need is withdrawn.",
    ),
    judge=_judge,
)
