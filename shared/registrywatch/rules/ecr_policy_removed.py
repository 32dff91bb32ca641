"""A policy of a repository or registry is deleted, and with it what it denied."""

from registrywatch.events import PolicyRemoved, RegistryEvent
from registrywatch.rules.grading.policy_json import NotUnderstood, parse
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import named
from registrywatch.severity import Severity


def _judge(event: RegistryEvent, removed: PolicyRemoved, _trust: Trust) -> Finding | None:
    of = "the registry" if removed.kind == "registry" else named(event)
    if removed.kind == "lifecycle":
        why = "Old images are no longer expired: their number and cost will grow."
        return Finding(Severity.INFORMATIONAL, f"deleted the lifecycle policy of {of}", (why,))
    did = f"deleted the policy of {of}"
    if removed.omitted or removed.text is None:
        why = "The event does not show the policy: it may have denied access."
        return Finding(Severity.MEDIUM, did, (why,))
    try:
        denies = _denies(parse(removed.text))
    except NotUnderstood as cause:
        why = f"The policy that was deleted cannot be read: {cause}."
        return Finding(Severity.MEDIUM, did, (why,))
    if denies:
        why = "The policy denied access. Other policies may now allow what it denied."
        return Finding(Severity.HIGH, f"{did}, which denied access", (why,))
    why = "The policy only allowed access. That access has ended."
    return Finding(Severity.LOW, did, (why,))


def _denies(policy: dict[str, object]) -> bool:
    """Whether some statement is a Deny, or cannot be excluded to be one."""
    statements = policy.get("Statement")
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
        "The policy of a repository of ECR or ECR Public, or of the registry, was deleted. It is "
        "high if the policy had a Deny, low if it had Allows only, and medium if the event does "
        "not show the policy. The deletion of a lifecycle policy is informational."
    ),
    impact=(
        "A Deny often protects a repository: no pulls from outside the organisation, no deletes. "
        "Without it, every right that was granted elsewhere applies again. If the policy had "
        "Allows only, other accounts can no longer pull."
    ),
    mitigation=(
        "Ask the actor whether they meant it. If not, put the policy back: the CloudTrail record "
        "holds its text under `responseElements.policyText`. Check the pulls, pushes and deletes "
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
