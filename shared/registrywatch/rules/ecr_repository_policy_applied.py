"""A resource policy is applied to a repository or to the whole registry."""

from registrywatch.events import PolicySet, RegistryEvent
from registrywatch.rules.rule import Finding, Mitre, Rule, Trust
from registrywatch.rules.wording import named


def _judge(event: RegistryEvent, policy: PolicySet, trust: Trust) -> Finding | None:
    from registrywatch.rules.grading.iam.policy import grade_policy  # loaded with the first policy

    judged = grade_policy(policy, event, trust)
    where = f"the repository {named(event)}" if event.repository else "the registry"
    did = "opened" if judged.clause.startswith("anyone can") else "applied a policy to"
    to = " to anyone" if did == "opened" else ""
    return Finding(judged.severity, f"{did} {where}{to}: {judged.clause}", judged.reasons)


ECR_REPOSITORY_POLICY_APPLIED = Rule(
    name="ecr-repository-policy-applied",
    title="Repository Policy Applied",
    cloud="aws",
    mitre=(Mitre("TA0004", "T1484"),),
    reads=(PolicySet,),
    description=(
        "A resource policy was applied to a repository of ECR or ECR Public, or to the whole "
        "registry. Each statement is graded by who can do what, and the worst decides. If anyone "
        "can push, it is critical; if anyone can pull, high; if anyone can do anything else, "
        "medium. For an external account, or an AWS service that acts for any account, the same is "
        "high, medium and low. Own and trusted accounts are low. Conditions count if they admit "
        "only certain accounts, organisations or networks; so does a Deny for everyone else. "
        "Statements are also judged together. A policy that only denies is informational; one that "
        "cannot be read is high."
    ),
    impact=(
        "A policy gives access to images without any other right. If it is too open, strangers can "
        "pull your images, or put their own into your deployments. It stays in force after the "
        "intruder's credentials are revoked."
    ),
    mitigation=(
        "Read the reasons: they name the principals, actions and conditions. If it was not meant, "
        "restore the previous policy, then check the pulls and pushes since then by those to whom "
        "it gave access. If they are yours, add them to REGISTRYWATCH_TRUSTED_ACCOUNTS or "
        "REGISTRYWATCH_TRUSTED_ORGS: such a policy is then low."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html",
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryPolicy.html",
    ),
    harmless=(
        "A deployment lets Lambda's service principal read an image of the same account.",
        "Images are shared within an organisation that is not among the trusted ones.",
        "Infrastructure as code applies the same policy again.",
    ),
    judge=_judge,
)
